"""Who is asking. With keys: a bearer token names one. Without any: only this machine itself is served.

Without keys a web page that somebody opens in a browser on this machine could ask us too, under a name of its own that
points here, or from another origin. So the host asked for must be a name of the loopback, and the origin our own.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.errors import AssistantError
from assistant.state.keys import Key, Keys, KeyScope
from server.errors import BadSettings, Forbidden, ServerError, Unauthorized
from server.limits import Limits
from server.problems import headers_of, problem_of, problem_response

_COUNT_EVERY_S = 2.0
MCP_PATH = "/mcp"
OPEN_PATHS = frozenset({"/", "/docs", "/healthz", "/readyz", "/openapi.json", "/favicon.ico"})
OPEN_FOLDERS = ("/web/", "/bots/")
"""What anybody may have: the page's own files, and the bots' addresses, which check signatures of their platforms."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking: a key, or somebody on this machine where there are no keys."""

    key: Key | None = None

    @property
    def owner(self) -> str:
        """The name under which sessions are kept."""
        return f"key:{self.key.id}" if self.key else "local"

    @property
    def sees(self) -> str | None:
        """The owner whose records may be read; None for all."""
        return None if self.key is None or self.key.allows(KeyScope.ADMIN) else self.owner

    def check_scope(self, scope: KeyScope) -> None:
        """Raises Forbidden where the key may not do this."""
        if self.key is not None and not self.key.allows(scope):
            raise Forbidden(f"This needs a key with the scope {scope.value}. Make one with: hkva keys create")


class Gate:
    """ASGI middleware that names the caller of a request and holds it to its limits, or refuses it."""

    def __init__(
        self, app: ASGIApp, keys: Callable[[], Keys], limits: Limits, allowed_origins: tuple[str, ...] = ()
    ) -> None:
        self._app = app
        self._keys = keys
        self._limits = limits
        self._allowed_origins = allowed_origins
        self._has_keys = False
        self._counted_at = -_COUNT_EVERY_S

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS or scope["path"].startswith(OPEN_FOLDERS):
            await self._app(scope, receive, send)
            return
        try:
            caller = await self._identify(scope)
            if scope["path"] == MCP_PATH:
                caller.check_scope(KeyScope.CHAT)
            leave = await self._limits.enter(caller.key)
        except (ServerError, AssistantError) as error:
            problem = problem_of(error, scope["state"]["request_id"])
            await problem_response(problem, headers_of(error))(scope, receive, send)
            return
        scope["state"]["caller"] = caller
        try:
            await self._app(scope, receive, send)
        finally:
            await leave()

    async def _identify(self, scope: Scope) -> Caller:
        headers = Headers(scope=scope)
        if not await self._any_keys():
            self._check_local(scope, headers)
            return Caller()
        kind, _, token = headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise Unauthorized("This server asks for a key. Send the header: Authorization: Bearer hkva_…")
        key = await self._keys().find(token.strip())
        if key is None:
            raise Unauthorized("The key is unknown, revoked or expired. Ask who runs this server for another.")
        return Caller(key)

    async def _any_keys(self) -> bool:
        """Whether keys are asked for; a key made by another process counts within seconds."""
        now = time.monotonic()
        if now - self._counted_at >= _COUNT_EVERY_S:
            self._has_keys = await self._keys().count() > 0
            self._counted_at = now
        return self._has_keys

    def _check_local(self, scope: Scope, headers: Headers) -> None:
        client = scope.get("client")
        if client is not None and not is_loopback(client[0]):
            raise Unauthorized("This server has no keys, so it serves its own machine only. Run: hkva keys create")
        host = headers.get("host", "")
        if not is_loopback(urlsplit(f"//{host}").hostname or ""):
            raise Forbidden("Without keys, ask under the name localhost or 127.0.0.1.")
        origin = headers.get("origin")
        if origin is not None and origin not in (f"http://{host}", f"https://{host}", *self._allowed_origins):
            raise Forbidden("Pages of other origins are not served. Allow them with HKVA_CORS_ORIGINS.")


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's loopback."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def check_binding(host: str, keys: Keys) -> None:
    """Raises BadSettings where we would listen to other machines without a key."""
    if not is_loopback(host) and await keys.count() == 0:
        raise BadSettings(
            f"HKVA_HOST={host} opens this server to other machines, but there is no key."
            " Run: hkva keys create, or leave HKVA_HOST at 127.0.0.1."
        )
