"""What routes need, as named parameters."""

from __future__ import annotations

from collections.abc import Callable
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


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


def _settings(request: Request) -> ServerSettings:
    settings: ServerSettings = request.app.state.settings
    return settings


def _request_id(request: Request) -> str:
    return str(request.state.request_id)


def _caller(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


def needs(scope: KeyScope) -> Callable[..., None]:
    """A dependency that refuses keys without `scope`; in the OpenAPI document it asks for a bearer token."""

    def check(caller: CallerDep, _: Annotated[object, Depends(_BEARER)]) -> None:
        caller.check_scope(scope)

    return check


def _as_of(
    request: Request,
    as_of: Annotated[PlainDate | None, Query(description="As it stood on this day; default today.")] = None,
) -> date:
    return as_of or _service(request).today()


CallerDep = Annotated[Caller, Depends(_caller)]
ServiceDep = Annotated[Service, Depends(_service)]
SettingsDep = Annotated[ServerSettings, Depends(_settings)]
RequestId = Annotated[str, Depends(_request_id)]
AsOf = Annotated[date, Depends(_as_of)]
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="How many to skip.")]
Limit = Annotated[int, Query(ge=1, le=500, description="How many to return.")]
