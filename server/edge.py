"""What happens to every request at the door, before any route: an id, a size limit, headers, one line in
the log, counters.

Neither questions nor query strings are logged: what somebody asks about may be confidential.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.headers import add_headers, request_id_of
from server.metrics import Metrics
from server.problems import make_problem, problem_of, problem_response

_LOG = structlog.get_logger(__name__)


class Edge:
    """ASGI middleware around the whole application. A route's own headers win over the ones set here."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = request_id_of(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        began, status, started = time.perf_counter(), 500, False

        async def send_with_headers(message: Message) -> None:
            nonlocal status, started
            if message["type"] == "http.response.start":
                status, started = message["status"], True
                add_headers(MutableHeaders(scope=message), request_id)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:
            if started:
                raise
            _LOG.exception("request_failed", id=request_id)
            await problem_response(problem_of(error, request_id))(scope, receive, send_with_headers)
        finally:
            route, method = getattr(scope.get("route"), "path", ""), scope["method"]
            seconds = time.perf_counter() - began
            self._metrics.count_request(route, method, status, seconds)
            milliseconds = round(seconds * 1_000, 1)
            _LOG.info("request", id=request_id, method=method, route=route, status=status, milliseconds=milliseconds)


class BodyLimit:
    """ASGI middleware that refuses a body over `limit` bytes, also where no length was announced.

    `larger` gives other limits by path.
    """

    def __init__(self, app: ASGIApp, limit: int, larger: Mapping[str, int] | None = None) -> None:
        self._app = app
        self._limit = limit
        self._larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._larger.get(scope["path"], self._limit)
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced) > limit:
            await self._refuse(limit, scope, receive, send)
            return
        taken, started, refused = 0, False, False

        async def receive_within() -> Message:
            nonlocal taken, refused
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit and not started:
                # The route sees an empty end; its answer is dropped for ours.
                refused = True
                return {"type": "http.request", "body": b"", "more_body": False}
            return message

        async def send_unless_refused(message: Message) -> None:
            nonlocal started
            if not refused:
                started = True
                await send(message)

        await self._app(scope, receive_within, send_unless_refused)
        if refused:
            await self._refuse(limit, scope, receive, send)

    async def _refuse(self, limit: int, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = scope.get("state", {}).get("request_id")
        problem = make_problem(413, "too_large", f"The body may have {limit:,} bytes. Send less.", request_id)
        await problem_response(problem)(scope, receive, send)
