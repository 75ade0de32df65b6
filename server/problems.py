"""Every error of every route in one shape: RFC 9457, `application/problem+json`. The only mapping to status codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from assistant.errors import AssistantError, BadQuestion, ModelError, ModelUnavailable, NotFound
from assistant.state.errors import SessionBusy, StateError
from knowledge.errors import (
    DocumentError,
    FetchError,
    FetchRefused,
    KnowledgeError,
    LibraryBusy,
    LibraryError,
    NotHeld,
)
from server.errors import Forbidden, NotReady, ServerError, TooMany, Unauthorized

MEDIA_TYPE = "application/problem+json"
_RETRY_S = 5

# The first class that fits decides: the narrower stands above the wider.
_STATUSES: tuple[tuple[type[Exception], int, str], ...] = (
    (BadQuestion, 422, "bad_question"),
    (SessionBusy, 409, "session_busy"),
    (StateError, 503, "state_unavailable"),
    (NotFound, 404, "not_found"),
    (NotHeld, 404, "not_found"),
    (Unauthorized, 401, "unauthorized"),
    (Forbidden, 403, "forbidden"),
    (TooMany, 429, "too_many_requests"),
    (NotReady, 503, "not_ready"),
    (LibraryBusy, 409, "library_busy"),
    (LibraryError, 503, "not_ready"),
    (DocumentError, 422, "bad_document"),
    (FetchRefused, 422, "address_refused"),
    (FetchError, 502, "fetch_failed"),
    (ModelUnavailable, 503, "model_unavailable"),
    (ModelError, 502, "model_failed"),
)


class FieldError(BaseModel):
    """One field that cannot be taken."""

    field: str = Field(description="Path of the field, for example `body.question`.")
    message: str


class Problem(BaseModel):
    """An error (RFC 9457). `code` is stable; `detail` says what to do."""

    type: str = Field(examples=["urn:hkva:problem:bad_request"])
    title: str
    status: int
    detail: str
    code: str
    request_id: str | None = None
    errors: list[FieldError] = []


def problem_of(error: BaseException, request_id: str | None = None) -> Problem:
    """The problem that tells of an error. What is not ours tells nothing of itself."""
    for kind, status, code in _STATUSES:
        if isinstance(error, kind):
            return make_problem(status, code, str(error), request_id)
    if isinstance(error, RequestValidationError):
        fields = [_field_error(one) for one in error.errors()]
        detail = " ".join(f"{one.field}: {one.message}" for one in fields[:3])
        return make_problem(422, "bad_request", detail, request_id, fields)
    if isinstance(error, HTTPException):
        return make_problem(error.status_code, _code(error.status_code), _http_detail(error), request_id)
    detail = "Something went wrong on our side; the log has it under this request id. Try again later."
    return make_problem(500, "internal_error", detail, request_id)


def make_problem(
    status: int, code: str, detail: str, request_id: str | None = None, errors: Sequence[FieldError] = ()
) -> Problem:
    """A problem of this status."""
    return Problem(
        type=f"urn:hkva:problem:{code}", title=HTTPStatus(status).phrase, status=status, detail=detail, code=code,
        request_id=request_id, errors=list(errors),
    )  # fmt: skip


def problem_response(problem: Problem, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """A problem as a response."""
    return JSONResponse(
        problem.model_dump(exclude_none=True), problem.status, headers=dict(headers or {}), media_type=MEDIA_TYPE
    )


def headers_of(error: BaseException) -> dict[str, str]:
    """Headers that belong to an error: when to try again, how to authenticate, which methods there are."""
    if isinstance(error, TooMany):
        return {"Retry-After": str(error.retry_after_s)}
    if isinstance(error, NotReady | ModelUnavailable | LibraryError | StateError):
        return {"Retry-After": str(_RETRY_S)}
    if isinstance(error, Unauthorized):
        return {"WWW-Authenticate": "Bearer"}
    return dict(error.headers or {}) if isinstance(error, HTTPException) else {}


def add_problem_handlers(app: FastAPI) -> None:
    """Make every error of `app` that is ours or the framework's answer in this shape; `Edge` sees to all others."""

    async def handle(request: Request, error: Exception) -> JSONResponse:
        return problem_response(problem_of(error, request.state.request_id), headers_of(error))

    for kind in (KnowledgeError, AssistantError, ServerError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, handle)


_MEANINGS = {
    400: "The request cannot be read.",
    401: "A key is needed, or the one given is unknown or revoked.",
    403: "The key does not have the scope that this needs.",
    404: "There is no such record.",
    409: "The library is being written to, or the session's last question is still being answered; try again.",
    413: "The body is too large.",
    422: "A field is missing, unknown or cannot be taken.",
    429: "Too many requests; `Retry-After` says when to try again.",
    502: "The chat model or another server that we asked failed.",
    503: "Not ready: the detail names what is missing.",
}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route for OpenAPI: these errors and those that every route may give."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    every = sorted({401, 403, 422, 429, 503, *statuses})
    return {status: {"description": _MEANINGS[status], "content": content} for status in every}


def _field_error(error: Mapping[str, Any]) -> FieldError:
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == "json_invalid":
        return FieldError(field="body", message="This is not JSON. Send a JSON object.")
    if error["type"] in {"model_attributes_type", "dict_type"} and where == "body":
        return FieldError(field=where, message="Send a JSON object with Content-Type: application/json.")
    if error["type"] == "extra_forbidden":
        return FieldError(field=where, message="There is no such field. Leave it out.")
    return FieldError(field=where, message=str(error["msg"]).removeprefix("Value error, "))


def _http_detail(error: HTTPException) -> str:
    if error.status_code == 404:
        return "There is nothing at this address. /openapi.json lists what there is."
    if error.status_code == 405:
        return "This address does not take this method. /openapi.json lists what there is."
    return str(error.detail)


def _code(status: int) -> str:
    return HTTPStatus(status).phrase.lower().replace(" ", "_").replace("-", "_").replace("'", "")
