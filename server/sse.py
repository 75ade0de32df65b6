"""An answer's events as server-sent events: `started`, `searched`, `delta`, `cited`, then `finished` or `failed`.

The assistant works in a task of its own, so that a pause of it can be filled with keep-alive comments without
interrupting it, and so that it is stopped when the client leaves.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from typing import Generic, TypeVar

import anyio
import structlog
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

from assistant.errors import AssistantError
from assistant.events import Cited, Delta, Event, Finished, Searched, Started
from knowledge.errors import KnowledgeError
from server.closing import closable
from server.errors import ServerError
from server.problems import Problem, problem_of
from server.wire import Shown, answer_out, citation_out

_LOG = structlog.get_logger(__name__)
_T = TypeVar("_T")
_AHEAD = 64
_OURS = (AssistantError, KnowledgeError, ServerError)


class Relay(Generic[_T]):
    """Items of an async iterator that runs in its own task."""

    def __init__(self, items: AsyncIterator[_T]) -> None:
        send, receive = anyio.create_memory_object_stream[_T](_AHEAD)
        self._receive: MemoryObjectReceiveStream[_T] = receive
        self._task = asyncio.create_task(_run(items, send))
        self._first: list[_T] = []

    async def begin(self) -> None:
        """Wait for the first item; raises what went wrong before it."""
        try:
            self._first.append(await self._receive.receive())
        except anyio.EndOfStream:
            self._receive.close()
            await self._task

    async def next(self, wait_s: float) -> _T | None:
        """The next item, or None where there was none for `wait_s` seconds. Raises anyio.EndOfStream at the end."""
        if self._first:
            return self._first.pop()
        with anyio.move_on_after(wait_s):
            return await self._receive.receive()
        return None

    async def problem(self, request_id: str | None) -> Problem:
        """Why the items ended before their time; what is not ours is written to the log."""
        await asyncio.wait({self._task})
        error = None if self._task.cancelled() else self._task.exception()
        error = error or AssistantError("The answer was cut off before its end. Ask again.")
        if not isinstance(error, _OURS):
            _LOG.error("stream_failed", id=request_id, exc_info=error)
        return problem_of(error, request_id)

    async def close(self) -> None:
        """Stop the work where it still goes on."""
        self._task.cancel()
        await asyncio.wait({self._task})
        self._receive.close()


async def _run(items: AsyncIterator[_T], send: MemoryObjectSendStream[_T]) -> None:
    async with send, aclosing(closable(items)):
        async for item in items:
            # The reader has left: there is nobody to tell, and `close` is on its way.
            with suppress(anyio.BrokenResourceError):
                await send.send(item)


class EventStream(EventSourceResponse):
    """A response that closes its relay however it ends, also where its first byte was never sent."""

    def __init__(self, content: AsyncIterator[bytes], relay: Relay[Event]) -> None:
        super().__init__(content, headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})
        self._relay = relay

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            with anyio.CancelScope(shield=True):
                await self._relay.close()


class StartedOut(Shown):
    """`started`: the question was understood."""

    id: str
    session_id: str
    language: str
    as_of: str


class SearchedOut(Shown):
    """`searched`: how many records were found in scope."""

    hits: int
    search_ms: float


class DeltaOut(Shown):
    """`delta`: the next piece of the text."""

    text: str


async def encode_events(
    relay: Relay[Event], session_id: str, keepalive_s: float, request_id: str | None
) -> AsyncIterator[bytes]:
    """The bytes of the stream. Ends with exactly one `finished` or `failed`."""
    finished = False
    while True:
        try:
            event = await relay.next(keepalive_s)
        except anyio.EndOfStream:
            break
        if event is None:
            yield KEEPALIVE_COMMENT
            continue
        finished = isinstance(event, Finished)
        yield encode_event(event, session_id)
    if not finished:
        yield _encode("failed", await relay.problem(request_id))


def encode_event(event: Event, session_id: str) -> bytes:
    """One event on the wire."""
    match event:
        case Started():
            started = StartedOut(
                id=event.id, session_id=session_id, language=event.language, as_of=event.as_of.isoformat()
            )
            return _encode("started", started)
        case Searched():
            return _encode("searched", SearchedOut(hits=event.hits, search_ms=event.search_ms))
        case Delta():
            return _encode("delta", DeltaOut(text=event.text))
        case Cited():
            return _encode("cited", citation_out(event.citation))
        case Finished():
            return _encode("finished", answer_out(event.answer, session_id))


def _encode(name: str, data: BaseModel) -> bytes:
    return format_sse_event(event=name, data_str=data.model_dump_json())
