"""Who only asks other processes loads none of what they answer with, so that they begin at once."""

from __future__ import annotations

import subprocess
import sys


def test_asking_in_several_processes_loads_no_assistant_in_the_first() -> None:
    code = "import sys, evals.asking; sys.stdout.write(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=120)
    assert not {"assistant.deciding", "chromadb", "onnxruntime"} & set(done.stdout.decode().split())
