"""`hkva` in processes of its own, as a person runs it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

HKVA = "import sys; from server.cli import main; sys.argv[0] = 'hkva'; main()"


@contextmanager
def serving(
    environment: dict[str, str], *options: str, log: int | IO[str] = subprocess.PIPE
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`hkva serve` on a free port, with its address; killed in the end where it still runs."""
    command = [sys.executable, "-c", HKVA, "serve", "--port", "0", *options]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().removeprefix("hkva serves at ").strip()
        finally:
            process.kill()
