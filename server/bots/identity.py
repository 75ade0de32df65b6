"""Who we are on a platform, which only the platform knows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Identity(Generic[T]):
    """Asked of the platform at the first need and then kept. Many messages at once ask it only one time.

    Where the platform cannot tell, everybody who waits gets its error, and the next need asks again.
    """

    def __init__(self, ask: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._ask = ask
        self._asking: asyncio.Task[T] | None = None
        self.known: T | None = None

    async def get(self) -> T:
        """Our identity; raises what the asking raises."""
        if self.known is None:
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._ask())
            # Shielded, as one request that leaves must not end it for the others.
            self.known = await asyncio.shield(self._asking)
        return self.known
