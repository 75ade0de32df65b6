"""How much each key may ask: requests in a minute, and requests at the same time."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Protocol
from uuid import uuid4

import structlog
from limits import RateLimitItemPerMinute
from limits.aio.strategies import MovingWindowRateLimiter
from limits.storage import storage_from_string

from assistant.state.errors import StateError
from assistant.state.keys import Key
from assistant.state.limits import Limits as StateLimits
from server.errors import TooMany
from server.settings import MEMORY

_LOG = structlog.get_logger(__name__)
_MINUTE_S = 60.0
_PLACE_S = 120.0
"""How long a place is kept for a request of a process that was killed; one that takes longer gives its place away."""


class Window(Protocol):
    """Counts the requests of the last minute."""

    async def hit(self, key_id: str, allowed: int) -> float:
        """Count a request: 0; or, where it is one too many, the seconds to wait. Raises StateError."""
        ...


class Places(Protocol):
    """The requests that are under way."""

    async def take(self, key_id: str, holder: str, allowed: int) -> bool:
        """Take one of so many places; False where none is free. Raises StateError."""
        ...

    async def give_back(self, key_id: str, holder: str) -> None:
        """Free the place."""
        ...


class StoredWindow:
    """Counts at a URL of the `limits` library; `async+memory://` counts in this process."""

    def __init__(self, url: str) -> None:
        self._window = MovingWindowRateLimiter(storage_from_string(url))

    async def hit(self, key_id: str, allowed: int) -> float:
        """See `Window`."""
        item = RateLimitItemPerMinute(allowed)
        if await self._window.hit(item, key_id):
            return 0.0
        return max(1.0, (await self._window.get_window_stats(item, key_id)).reset_time - time.time())


class OwnPlaces:
    """Counts what is under way in this process."""

    def __init__(self) -> None:
        self._under_way: Counter[str] = Counter()

    async def take(self, key_id: str, holder: str, allowed: int) -> bool:
        """See `Places`."""
        del holder
        if self._under_way[key_id] >= allowed:
            return False
        self._under_way[key_id] += 1
        return True

    async def give_back(self, key_id: str, holder: str) -> None:
        """See `Places`."""
        del holder
        self._under_way[key_id] -= 1


class SharedCounts:
    """Counts both in the state, for all processes that have it in common."""

    def __init__(self, limits: Callable[[], StateLimits]) -> None:
        self._limits = limits

    async def hit(self, key_id: str, allowed: int) -> float:
        """See `Window`."""
        return await self._limits().hit(f"key/{key_id}", limit=allowed, window_s=_MINUTE_S)

    async def take(self, key_id: str, holder: str, allowed: int) -> bool:
        """See `Places`."""
        return await self._limits().take_slot(f"key/{key_id}", holder, limit=allowed, hold_s=_PLACE_S)

    async def give_back(self, key_id: str, holder: str) -> None:
        """See `Places`; where the state is away the place is free when its time is up."""
        try:
            await self._limits().give_slot_back(f"key/{key_id}", holder)
        except StateError as error:
            _LOG.warning("place_not_given_back", reason=str(error))


class Limits:
    """Holds each key to its limits. Callers without a key are not limited: they sit at the machine itself."""

    def __init__(self, per_minute: int, concurrent: int, window: Window, places: Places) -> None:
        self._per_minute = per_minute
        self._concurrent = concurrent
        self._window = window
        self._places = places

    async def enter(self, key: Key | None) -> Callable[[], Awaitable[None]]:
        """Count a request; call once what is returned when it is over. Raises TooMany, StateError."""
        holder = uuid4().hex

        async def leave() -> None:
            if key is not None:
                await self._places.give_back(key.id, holder)

        if key is None:
            return leave
        concurrent = key.concurrent or self._concurrent
        if not await self._places.take(key.id, holder, concurrent):
            raise TooMany(f"This key may have {concurrent} requests under way. Wait for one to end.", 1)
        try:
            await self._count(key)
        except BaseException:
            await leave()
            raise
        return leave

    async def _count(self, key: Key) -> None:
        allowed = key.requests_per_minute or self._per_minute
        wait = math.ceil(await self._window.hit(key.id, allowed))
        if wait > 0:
            raise TooMany(f"This key may send {allowed} requests a minute. Try again in {wait} seconds.", wait)


def make_limits(per_minute: int, concurrent: int, url: str, workers: int, shared: Callable[[], StateLimits]) -> Limits:
    """Limits that stay true for so many processes: what one process would count for itself is counted in the state."""
    if workers == 1:
        return Limits(per_minute, concurrent, StoredWindow(url), OwnPlaces())
    counts = SharedCounts(shared)
    return Limits(per_minute, concurrent, counts if url == MEMORY else StoredWindow(url), counts)
