"""What routes need, as named parameters.

All are coroutines, though none waits: the framework would call a plain function in a thread, which takes longer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.security import HTTPBearer

from assistant.state.keys import KeyScope
from server.auth import Caller
from server.service import Service
from server.settings import ServerSettings
from server.wire import PlainDate

_BEARER = HTTPBearer(auto_error=False, description="A key of `hkva keys create`; not needed where there are none.")


async def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


async def _settings(request: Request) -> ServerSettings:
    settings: ServerSettings = request.app.state.settings
    return settings


async def _request_id(request: Request) -> str:
    return str(request.state.request_id)


async def _caller(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


def needs(scope: KeyScope) -> Callable[..., Awaitable[None]]:
    """A dependency that refuses keys without `scope`; in the OpenAPI document it asks for a bearer token."""

    async def check(caller: CallerDep, _: Annotated[object, Depends(_BEARER)]) -> None:
        caller.check_scope(scope)

    return check


async def _as_of(
    request: Request,
    as_of: Annotated[PlainDate | None, Query(description="As it stood on this day; default today.")] = None,
) -> date:
    return as_of or (await _service(request)).today()


CallerDep = Annotated[Caller, Depends(_caller)]
ServiceDep = Annotated[Service, Depends(_service)]
SettingsDep = Annotated[ServerSettings, Depends(_settings)]
RequestId = Annotated[str, Depends(_request_id)]
AsOf = Annotated[date, Depends(_as_of)]
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="How many to skip.")]
Limit = Annotated[int, Query(ge=1, le=500, description="How many to return.")]
