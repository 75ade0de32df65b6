"""Processes that write to one SQLite file take turns.

SQLite itself only lets a second writer look again now and then whether the first has ended. Where the first writes on
and on, each time with a sync of the disk, there is hardly a moment in which to find it so, and the second may wait
until it gives up. Here it waits in the system, which wakes it: whoever is next holds the one file while it waits for
the other, so nobody can pass it. The system lets go of both where a process is killed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform != "win32":
    import fcntl


class Turnstile:
    """The turns at one file. Where the system has no such locks, SQLite's own waiting is all there is."""

    def __init__(self, database: Path) -> None:
        self._files = [os.open(f"{database}-{name}", os.O_RDWR | os.O_CREAT, 0o600) for name in ("next", "turn")]

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for our turn, and have it until the end; one thread of a process at a time."""
        if sys.platform == "win32":
            yield
            return
        following, turn = self._files
        fcntl.flock(following, fcntl.LOCK_EX)
        try:
            fcntl.flock(turn, fcntl.LOCK_EX)
        finally:
            fcntl.flock(following, fcntl.LOCK_UN)
        try:
            yield
        finally:
            fcntl.flock(turn, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the files."""
        for file in self._files:
            os.close(file)
