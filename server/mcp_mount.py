"""The Model Context Protocol over HTTP, opened with its first request.

Its SDK takes half a second to load, which a server that nobody asks for tools need not wait for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from server.service import Service

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer


class ToolsOverHttp:
    """An ASGI application that answers while `running`."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._asked: asyncio.Event
        self._router: asyncio.Future[Router]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, in a copy: what is noted in it there names no route of ours."""
        self._asked.set()
        router = await asyncio.shield(self._router)
        await router(dict(scope), receive, send)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Open when first asked, and end what was opened."""
        self._asked, ended = asyncio.Event(), asyncio.Event()
        self._router = asyncio.get_running_loop().create_future()
        opening = asyncio.create_task(self._open(ended))
        try:
            yield
        finally:
            ended.set()
            self._asked.set()
            await opening

    async def _open(self, ended: asyncio.Event) -> None:
        """In a task of its own, because the SDK's manager must be left where it was entered."""
        await self._asked.wait()
        if ended.is_set():
            return
        try:
            tools = await asyncio.to_thread(_make, self._service)
            router = _router_of(tools)
            async with tools.session_manager.run():
                self._router.set_result(router)
                await ended.wait()
        except Exception as error:
            if self._router.done():
                raise
            self._router.set_exception(error)


def _make(service: Service) -> MCPServer[Any]:
    from server.mcp import make_mcp

    return make_mcp(service)


def _router_of(tools: MCPServer[Any]) -> Router:
    from mcp.server.transport_security import TransportSecuritySettings

    # The door to all of it checks hosts and origins (`Gate`); the SDK's own check knows only loopback names.
    unchecked = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    return Router(tools.streamable_http_app(stateless_http=True, transport_security=unchecked).routes)
