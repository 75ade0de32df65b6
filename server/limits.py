"""How much each key may ask: requests in a minute, and requests at the same time."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable

from limits import RateLimitItemPerMinute
from limits.aio.strategies import MovingWindowRateLimiter
from limits.storage import storage_from_string

from assistant.state.keys import Key
from server.errors import TooMany


class Limits:
    """Counts by key. `store` is a URL of the `limits` library; `async+memory://` counts in this process.

    Requests at the same time are always counted in this process. Callers without a key are not limited: they sit at
    the machine itself.
    """

    def __init__(self, per_minute: int, concurrent: int, store: str = "async+memory://") -> None:
        self._per_minute = per_minute
        self._concurrent = concurrent
        self._window = MovingWindowRateLimiter(storage_from_string(store))
        self._under_way: Counter[str] = Counter()

    async def enter(self, key: Key | None) -> Callable[[], None]:
        """Count a request; call what is returned when it is over. Raises TooMany."""
        if key is None:
            return lambda: None
        concurrent = key.concurrent or self._concurrent
        if self._under_way[key.id] >= concurrent:
            raise TooMany(f"This key may have {concurrent} requests under way. Wait for one to end.", 1)
        self._under_way[key.id] += 1
        left = False

        def leave() -> None:
            nonlocal left
            if not left:
                left = True
                self._under_way[key.id] -= 1

        try:
            await self._count(key)
        except TooMany:
            leave()
            raise
        return leave

    async def _count(self, key: Key) -> None:
        allowed = key.requests_per_minute or self._per_minute
        item = RateLimitItemPerMinute(allowed)
        if not await self._window.hit(item, key.id):
            reset = (await self._window.get_window_stats(item, key.id)).reset_time
            wait = max(1, math.ceil(reset - time.time()))
            raise TooMany(f"This key may send {allowed} requests a minute. Try again in {wait} seconds.", wait)
