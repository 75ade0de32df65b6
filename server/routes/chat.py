"""`POST /v1/chat`: a question in, an answer out, whole or as a stream of events."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from assistant.events import fold
from server.deps import CallerDep, RequestId, ServiceDep, SettingsDep
from server.problems import documented
from server.sse import EventStream, Relay, encode_events
from server.wire import AnswerOut, ChatRequest, answer_out

router = APIRouter(tags=["chat"])

_STREAM = {
    "description": "The answer, or with `stream` its events: started, searched, delta, cited, finished or failed.",
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
}


@router.post("/v1/chat", response_model=AnswerOut, responses={200: _STREAM, **documented(400, 404, 409, 413, 502)})
async def chat(
    body: ChatRequest, caller: CallerDep, service: ServiceDep, settings: SettingsDep, request_id: RequestId
) -> Response:
    """Answer a question with citations, as the rules stood on a date."""
    asked = await service.ask(body.to_question(), caller.owner, "http", body.session_id, whole=not body.stream)
    if not body.stream:
        answer = answer_out(await fold(asked.events), asked.session_id)
        # Written here: the framework would check the answer, which is one already, a second time.
        return Response(answer.model_dump_json(), media_type="application/json")
    relay = Relay(asked.events)
    await relay.begin()
    return EventStream(encode_events(relay, asked.session_id, settings.keepalive_s, request_id), relay)
