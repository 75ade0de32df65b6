"""The OpenAI protocol's two addresses: completions and models."""

from __future__ import annotations

import time

from fastapi import APIRouter
from fastapi.responses import Response

from assistant.errors import NotFound
from assistant.events import fold
from server.deps import CallerDep, RequestId, ServiceDep, SettingsDep
from server.openai_wire import (
    MODEL,
    Completion,
    CompletionRequest,
    ModelList,
    ModelOut,
    encode_chunks,
    to_completion,
)
from server.problems import documented
from server.sse import EventStream, Relay

router = APIRouter(tags=["openai"])

_STREAM = {
    "description": "The completion, or with `stream` its chunks.",
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
}
_CREATED = 1_763_856_000
"""When the model's name was given out, in seconds since 1970; clients want a number here."""


@router.post("/v1/chat/completions", response_model=Completion, responses={200: _STREAM, **documented(400, 413, 502)})
async def complete(
    body: CompletionRequest, caller: CallerDep, service: ServiceDep, settings: SettingsDep, request_id: RequestId
) -> Completion | Response:
    """Answer the last message; the text ends with numbered sources, and `citations` holds them as data."""
    asked = await service.ask(body.to_question(), caller.owner, "openai", whole=not body.stream)
    created = int(time.time())
    if not body.stream:
        return to_completion(await fold(asked.events), asked.session_id, created)
    relay = Relay(asked.events)
    await relay.begin()
    return EventStream(encode_chunks(relay, created, settings.keepalive_s, body.wants_usage, request_id), relay)


@router.get("/v1/models", responses=documented())
async def list_models() -> ModelList:
    """The one model."""
    return ModelList(data=[ModelOut(created=_CREATED)])


@router.get("/v1/models/{model}", responses=documented(404))
async def read_model(model: str) -> ModelOut:
    """The one model."""
    if model != MODEL:
        raise NotFound(f"There is one model here: {MODEL}.")
    return ModelOut(created=_CREATED)
