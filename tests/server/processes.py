"""`hkva` in processes of its own, as a person runs it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

HKVA = "import sys; from server.cli import main; sys.argv[0] = 'hkva'; main()"


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`hkva serve` on a free port, with its address; killed in the end where it still runs."""
    command = [sys.executable, "-c", HKVA, "serve", "--port", "0"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().removeprefix("hkva serves at ").strip()
        finally:
            process.kill()
