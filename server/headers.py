"""Headers that every response carries, and the id of a request."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Scope

_REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)
_SECURITY: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def add_headers(headers: MutableHeaders, request_id: str) -> None:
    """Add the security headers that are not there yet, and the request's id."""
    for name, value in _SECURITY.items():
        headers.setdefault(name, value)
    headers["X-Request-ID"] = request_id


def request_id_of(scope: Scope) -> str:
    """The caller's own id for this request where it sends a plain one, else a new one."""
    given = Headers(scope=scope).get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else f"req_{uuid.uuid4().hex}"
