"""The laws of the stream, on a real socket."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from assistant.errors import ModelUnavailable
from tests.server.fakes import ScriptedAssistant


def _lines(client: httpx.Client, question: str) -> Iterator[str]:
    body = {"question": question, "stream": True}
    with client.stream("POST", "/v1/chat", json=body) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-cache"
        yield from response.iter_lines()


def _events(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    name = ""
    for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


@pytest.mark.parametrize("question", ["Who holds assets?", "refuse"])
def test_stream_folds_to_the_answer_that_ends_it(client: httpx.Client, question: str) -> None:
    events = list(_events(_lines(client, question)))
    names = [name for name, _ in events]
    assert names[:2] == ["started", "searched"]
    assert names.count("finished") + names.count("failed") == 1
    answer = events[-1][1]
    assert "".join(data["text"] for name, data in events if name == "delta") == answer["answer"]
    assert [data for name, data in events if name == "cited"] == answer["citations"]
    assert events[0][1]["id"] == answer["id"]
    assert events[0][1]["session_id"] == answer["session_id"]


def test_stream_and_single_object_say_the_same(client: httpx.Client) -> None:
    streamed = list(_events(_lines(client, "Who holds assets?")))[-1][1]
    single = client.post("/v1/chat", json={"question": "Who holds assets?"}).json()
    own = {"id", "session_id"}
    assert {k: v for k, v in streamed.items() if k not in own} == {k: v for k, v in single.items() if k not in own}


@pytest.mark.parametrize(
    ("failure", "status", "detail"),
    [
        (ModelUnavailable("The model is away."), 503, "The model is away."),
        (RuntimeError("secret detail"), 500, "Something went wrong"),
    ],
)
def test_failure_after_the_first_event_ends_the_stream_with_failed(
    client: httpx.Client, assistant: ScriptedAssistant, failure: Exception, status: int, detail: str
) -> None:
    assistant.failure = failure
    events = list(_events(_lines(client, "fail after")))
    names = [name for name, _ in events]
    assert names == ["started", "searched", "failed"]
    problem = events[-1][1]
    assert problem["status"] == status
    assert problem["detail"].startswith(detail)
    assert problem["request_id"]


def test_events_arrive_while_the_answer_is_still_being_made(client: httpx.Client, assistant: ScriptedAssistant) -> None:
    assistant.go.clear()
    lines = _lines(client, "slow")
    seen: list[str] = []
    for line in lines:
        seen.append(line)
        if line.startswith(":"):
            assistant.go.set()
    text = "\n".join(seen)
    assert text.index("event: searched") < text.index(": ping") < text.index("event: delta")
    assert text.count("event: finished") == 1


def test_client_that_leaves_stops_the_work(client: httpx.Client, assistant: ScriptedAssistant) -> None:
    assistant.go.clear()
    before = assistant.stopped
    with client.stream("POST", "/v1/chat", json={"question": "slow", "stream": True}) as response:
        next(response.iter_lines())
    deadline = time.monotonic() + 60
    while assistant.stopped == before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert assistant.stopped == before + 1
