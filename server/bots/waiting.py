"""Waiting for something, but not for ever."""

from __future__ import annotations

import asyncio
from contextlib import suppress


async def wait_at_most(event: asyncio.Event, seconds: float) -> None:
    """Return when the event is set, or after so many seconds.

    Not `asyncio.wait_for`: until Python 3.12 it loses a cancellation that comes together with what it waits for.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
