"""A chat platform on the loopback: keeps what was called, and fails when told to."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What one call meets: a status with headers and body; with `lost`, it is carried out and the reply is lost; with
    `late_s`, it is carried out so many seconds late."""

    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Json = field(default_factory=dict)
    lost: bool = False
    late_s: float = 0.0


@dataclass(slots=True)
class PlatformServer:
    """The running platform: its address, the calls that it has had, and the troubles to come, by method."""

    url: str = ""
    calls: list[tuple[str, Json]] = field(default_factory=list)
    troubles: defaultdict[str, list[Trouble]] = field(default_factory=lambda: defaultdict(list))

    def bodies(self, method: str) -> list[Json]:
        """The bodies of the calls of one method, in order."""
        return [body for name, body in self.calls if name == method]

    async def answer(self, method: str, body: Json, act: Callable[[], Awaitable[Json] | Json]) -> web.StreamResponse:
        """Note the call and answer it, or do what was ordered."""
        self.calls.append((method, body))
        trouble = self.troubles[method].pop(0) if self.troubles[method] else None
        if trouble is not None and trouble.late_s:
            await asyncio.sleep(trouble.late_s)
            trouble = None
        if trouble is not None and not trouble.lost:
            return web.json_response(trouble.body, status=trouble.status, headers=trouble.headers)
        done = act()
        answered = done if isinstance(done, dict) else await done
        status = int(answered.get("error_code", 200))
        return web.json_response(answered, status=status) if trouble is None else web.Response(status=502)


@asynccontextmanager
async def serve_platform(routes: list[web.AbstractRouteDef]) -> AsyncIterator[str]:
    """Serve on a free port of 127.0.0.1; gives the address."""
    app = web.Application(client_max_size=10_000_000)
    app.add_routes(routes)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until something is so. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
