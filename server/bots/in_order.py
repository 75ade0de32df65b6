"""The messages of one thread in the order in which they were taken, though several are worked on at once.

A follow-up that overtook its question would be answered without it: both are taken within milliseconds where somebody
types fast, or where they waited while we were away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from server.bots.waiting import wait_at_most


class InOrder:
    """Keeps the order in one process; the turns of a session keep two processes from speaking at once."""

    def __init__(self) -> None:
        self._last: dict[str, asyncio.Event] = {}
        self._ahead: dict[str, asyncio.Event] = {}

    @contextmanager
    def place(self, thread: str, event_id: str) -> Iterator[None]:
        """Hold a message's place in its thread until it is done with."""
        if thread in self._last:
            self._ahead[event_id] = self._last[thread]
        own = self._last[thread] = asyncio.Event()
        try:
            yield
        finally:
            own.set()
            self._ahead.pop(event_id, None)
            if self._last.get(thread) is own:
                del self._last[thread]

    async def wait(self, event_id: str, longest_s: float) -> None:
        """Return when the message before it is done with, or after so many seconds."""
        ahead = self._ahead.get(event_id)
        if ahead is not None:
            await wait_at_most(ahead, longest_s)
