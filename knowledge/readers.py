"""Who has a version of the library open, so that it is not cleared away under them.

Each reader holds a lock on a file of its own inside the version's folder. The system lets go of it when the process
ends, however it ends, so that a reader that was killed keeps nothing.
"""

from __future__ import annotations

import uuid
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

MARKS = ".reader-*"


class Reader:
    """A mark on a version that somebody reads. Where the folder can't be written to, nobody clears it away either."""

    def __init__(self, folder: Path) -> None:
        self._mark = folder / f".reader-{uuid.uuid4().hex}"
        self._lock = FileLock(self._mark, thread_local=False)
        try:
            self._lock.acquire(timeout=0)
        except OSError:
            with suppress(OSError):  # a file system that takes no writing refuses this too
                self._mark.unlink()

    def close(self) -> None:
        """Take the mark away."""
        if self._lock.is_locked:
            self._lock.release()
            self._mark.unlink(missing_ok=True)


def is_read(folder: Path) -> bool:
    """Whether anybody has the version open."""
    for mark in folder.glob(MARKS):
        try:
            with FileLock(mark, thread_local=False).acquire(timeout=0):
                mark.unlink(missing_ok=True)
        except Timeout:
            return True
    return False
