"""A loopback server that speaks the OpenAI and the Anthropic protocol from a script, well or badly."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Turn:
    """What the server does with one request.

    `status` other than 200 answers with an error; `cut_after` closes the connection after so many pieces;
    `hang_after` goes silent instead; `garbage` sends something that no protocol allows.
    """

    pieces: tuple[str, ...] = ()
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    message: str = "scripted"
    reason: str = "stop"
    delay_s: float = 0.0
    cut_after: int | None = None
    hang_after: int | None = None
    garbage: bytes = b""
    error_after: int | None = None
    tool_calls: tuple[dict[str, Any], ...] = ()
    wait_after: int | None = None
    """After so many pieces the server waits for `WireServer.go_on`."""


@dataclass(slots=True)
class WireServer:
    """The running server: its address, its script, and the requests it has had."""

    url: str
    script: list[Turn]
    requests: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def wire_server(*script: Turn) -> AsyncIterator[WireServer]:
    """Serve the script on a free port of 127.0.0.1; the last turn repeats."""
    running = WireServer("", list(script))
    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await _serve(running, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            tasks.discard(task)
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    running.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield running
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _serve(running: WireServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    lengths = [line.split(":")[1] for line in head.split("\r\n") if line.lower().startswith("content-length:")]
    body = json.loads(await reader.readexactly(int(lengths[0])))
    path = head.split(" ")[1]
    running.requests.append(body)
    running.paths.append(path)
    turn = running.script.pop(0) if len(running.script) > 1 else running.script[0]
    anthropic = path.endswith("/messages")
    if turn.status != 200:
        error = json.dumps({"type": "error", "error": {"type": "scripted", "message": turn.message}}).encode()
        await _head(writer, turn.status, "application/json", (*turn.headers, ("content-length", str(len(error)))))
        writer.write(error)
        await writer.drain()
        return
    if turn.garbage:
        await _head(writer, 200, "text/event-stream", (("content-length", str(len(turn.garbage))),))
        writer.write(turn.garbage)
        await writer.drain()
        return
    if not body.get("stream"):
        whole = json.dumps(_openai_whole(turn)).encode()
        await _head(writer, 200, "application/json", (("content-length", str(len(whole))),))
        writer.write(whole)
        await writer.drain()
        return
    await _head(writer, 200, "text/event-stream", (("transfer-encoding", "chunked"),))
    await _stream(running, writer, list(_anthropic(turn) if anthropic else _openai(turn)), turn)


async def _stream(
    running: WireServer, writer: asyncio.StreamWriter, events: list[tuple[bool, bytes]], turn: Turn
) -> None:
    given = 0
    for is_piece, event in events:
        if is_piece and turn.cut_after == given:
            return
        if is_piece and turn.hang_after == given:
            await asyncio.sleep(60)
        if is_piece and turn.wait_after == given:
            await running.go_on.wait()
        await asyncio.sleep(turn.delay_s if is_piece else 0)
        writer.write(f"{len(event):x}\r\n".encode() + event + b"\r\n")
        await writer.drain()
        given += is_piece
    writer.write(b"0\r\n\r\n")
    await writer.drain()


async def _head(writer: asyncio.StreamWriter, status: int, kind: str, headers: tuple[tuple[str, str], ...]) -> None:
    lines = [f"HTTP/1.1 {status} scripted", f"content-type: {kind}", "connection: close"]
    writer.write("\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers), "", ""]).encode())
    await writer.drain()


def _openai_whole(turn: Turn) -> dict[str, Any]:
    message = {"role": "assistant", "content": "".join(turn.pieces), "tool_calls": list(turn.tool_calls) or None}
    reason = "tool_calls" if turn.tool_calls else turn.reason
    usage = {"prompt_tokens": 100, "completion_tokens": 4, "total_tokens": 104}
    choices = [{"index": 0, "message": message, "finish_reason": reason}]
    return {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": choices, "usage": usage}


def _openai(turn: Turn) -> Iterator[tuple[bool, bytes]]:
    def event(delta: dict[str, Any], reason: str | None = None, **more: Any) -> bytes:
        choices = [{"index": 0, "delta": delta, "finish_reason": reason}] if delta or reason else []
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": choices, **more}
        return b"data: " + json.dumps(chunk).encode() + b"\n\n"

    yield False, event({"role": "assistant", "content": ""})
    for place, piece in enumerate(turn.pieces):
        if turn.error_after == place:
            yield False, b'data: {"error": {"message": "scripted", "type": "server_error", "code": "server_error"}}\n\n'
            return
        yield True, event({"content": piece})
    if turn.reason:
        yield False, event({}, turn.reason)
        tokens = {"prompt_tokens": 100, "completion_tokens": len(turn.pieces), "total_tokens": 100 + len(turn.pieces)}
        yield False, event({}, None, usage=tokens)
        yield False, b"data: [DONE]\n\n"


def _anthropic(turn: Turn) -> Iterator[tuple[bool, bytes]]:
    def event(kind: str, **body: Any) -> bytes:
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **body})}\n\n".encode()

    start: dict[str, Any] = {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [],
        "stop_reason": None,
    }
    usage = {"input_tokens": 100, "output_tokens": 0}
    yield False, event("message_start", message={**start, "stop_sequence": None, "usage": usage})
    yield False, event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    for place, piece in enumerate(turn.pieces):
        if turn.error_after == place:
            yield False, event("error", error={"type": "overloaded_error", "message": "scripted"})
            return
        yield True, event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
    if turn.reason:
        reason = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}[turn.reason]
        yield False, event("content_block_stop", index=0)
        ending = {"stop_reason": reason, "stop_sequence": None}
        yield (
            False,
            event("message_delta", delta=ending, usage={"input_tokens": 100, "output_tokens": len(turn.pieces)}),
        )
        yield False, event("message_stop")
