"""The largest memory that this process has taken."""

from __future__ import annotations

import sys
from pathlib import Path


def largest_megabytes() -> float:
    """Megabytes at the highest.

    On Linux from the process's own map: `ru_maxrss` starts at that of the process that started it, however large.
    """
    if sys.platform == "linux":
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e6
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
