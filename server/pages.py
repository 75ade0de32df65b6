"""The chat page at `/`, the reference at `/docs`, and their files below `/web/`, all under a strict policy.

The pages are plain files from `server/web/`, but for the reference, which is drawn from the OpenAPI document. They run
our own scripts and styles only, talk to this server only, and can be framed by nobody. They insert text as text;
should that ever fail, the policy still lets no foreign script run.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.reference import reference_page

WEB = Path(__file__).resolve().parent / "web"
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
        " form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    # The files change with the program: ask each time whether they did (they carry an ETag).
    "Cache-Control": "no-cache",
}


class _WithHeaders:
    """ASGI wrapper that adds the page's headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await self._app(scope, receive, send_with_headers)


def mount_pages(app: FastAPI) -> None:
    """Serve the chat page at `/`, the description of the interface at `/docs`, and their files below `/web/`."""

    async def page() -> FileResponse:
        return FileResponse(WEB / "index.html", media_type="text/html", headers=dict(HEADERS))

    async def reference() -> HTMLResponse:
        return HTMLResponse(reference_page(app.openapi()), headers=dict(HEADERS))

    app.add_api_route("/docs", reference, include_in_schema=False, methods=["GET", "HEAD"])
    app.add_api_route("/", page, include_in_schema=False, methods=["GET", "HEAD"])
    app.mount("/web", _WithHeaders(StaticFiles(directory=WEB)), name="web")
