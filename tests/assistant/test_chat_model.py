"""Chat models over the true wire: a loopback server that speaks the OpenAI and the Anthropic protocol."""

from __future__ import annotations

import time
from typing import Any

import pytest

from assistant.calls import Calls
from assistant.chat_model import open_chat_model
from assistant.errors import ModelRefused, ModelUnavailable
from assistant.model_settings import ModelSettings
from tests.fakes.wire_server import Turn, WireServer, wire_server

PROTOCOLS = ["openai:m", "anthropic:m"]
WHOLE = Turn(pieces=("Capital ", "is HK$25 ", "million [1", "]."))
TEXT = "Capital is HK$25 million [1]."
_WELL_BEFORE_S = 20
"""Far more than the limits of these tests, and far less than what the server would have us wait."""
ASKED = [("system", "Answer."), ("human", "How much?")]


def calls_to(server: WireServer, name: str, **settings: Any) -> Calls:
    url = f"{server.url}/v1" if name.startswith("openai") else server.url
    chosen = {"model_url": url, "model_key": "sk-secret-of-ours", "model_backoff_s": 0.01, **settings}
    return open_chat_model(name, ModelSettings.model_validate(chosen)).begin()


@pytest.mark.parametrize("name", PROTOCOLS)
async def test_a_reply_is_streamed_and_its_tokens_counted(name: str) -> None:
    async with wire_server(WHOLE) as server:
        calls = calls_to(server, name)
        pieces = [piece async for piece in calls.stream(ASKED)]
    assert "".join(pieces) == TEXT
    assert len(pieces) == 4
    usage = calls.usage
    assert (usage.calls, usage.input_tokens, usage.output_tokens) == (1, 100, 4)
    assert usage.first_token_ms is not None
    assert server.requests[0]["stream"] is True


@pytest.mark.parametrize("name", PROTOCOLS)
@pytest.mark.parametrize("status", [429, 503])
async def test_a_failure_in_passing_is_tried_again(name: str, status: int) -> None:
    async with wire_server(Turn(status=status), WHOLE) as server:
        calls = calls_to(server, name)
        assert await calls.complete(ASKED) == TEXT
    assert calls.usage.calls == 2


@pytest.mark.parametrize("name", PROTOCOLS)
async def test_a_stream_cut_before_its_first_word_is_tried_again(name: str) -> None:
    async with wire_server(Turn(pieces=("x",), cut_after=0), WHOLE) as server:
        assert await calls_to(server, name).complete(ASKED) == TEXT


@pytest.mark.parametrize("name", PROTOCOLS)
@pytest.mark.parametrize(
    ("turn", "says"),
    [
        (Turn(status=401, message="Incorrect API key provided: sk-secret-of-ours"), "HKVA_MODEL_KEY"),
        (Turn(status=404), "HKVA_MODEL_URL"),
        (Turn(status=400, message="This model's maximum context length is 9"), "EVIDENCE_CHARACTERS"),
        (Turn(status=422), "refused the request"),
        (Turn(status=429, message="You exceeded your quota: insufficient_quota"), "credit"),
        (Turn(pieces=("Half a",), reason="length"), "MAX_TOKENS"),
        (Turn(pieces=("I can't",), reason="content_filter"), "refused to answer"),
        (Turn(garbage=b"data: <html>no</html>\n\n"), "protocol"),
    ],
)
async def test_what_trying_again_cannot_mend_is_refused_at_once(name: str, turn: Turn, says: str) -> None:
    async with wire_server(turn) as server:
        calls = calls_to(server, name)
        with pytest.raises(ModelRefused, match=says) as caught:
            await calls.complete(ASKED)
    assert len(server.requests) == 1
    assert "sk-secret" not in str(caught.value)


@pytest.mark.parametrize("name", PROTOCOLS)
@pytest.mark.parametrize(
    "turn",
    [
        Turn(pieces=("Half ", "an ", "answer"), cut_after=2),
        Turn(pieces=("Half ", "an ", "answer"), reason=""),
        Turn(pieces=("Half ", "an ", "answer"), error_after=2),
    ],
    ids=["connection cut", "ended without a reason", "error event"],
)
async def test_a_stream_cut_after_its_first_word_is_not_taken_for_whole(name: str, turn: Turn) -> None:
    async with wire_server(turn) as server:
        calls = calls_to(server, name)
        with pytest.raises(ModelUnavailable):
            await calls.complete(ASKED)
    assert len(server.requests) == 1


@pytest.mark.parametrize("name", PROTOCOLS)
@pytest.mark.parametrize("hang_after", [0, 1])
async def test_a_silent_server_is_given_up_within_the_limit(name: str, hang_after: int) -> None:
    async with wire_server(Turn(pieces=("a", "b"), hang_after=hang_after)) as server:
        calls = calls_to(server, name, model_silence_s=0.3, model_deadline_s=0.7)
        began = time.monotonic()
        with pytest.raises(ModelUnavailable):
            await calls.complete(ASKED)
    assert time.monotonic() - began < _WELL_BEFORE_S


@pytest.mark.parametrize("name", PROTOCOLS)
async def test_a_wait_longer_than_the_deadline_is_not_waited_for(name: str) -> None:
    async with wire_server(Turn(status=429, headers=(("retry-after", "120"),))) as server:
        began = time.monotonic()
        with pytest.raises(ModelUnavailable, match="rate-limited"):
            await calls_to(server, name, model_deadline_s=5).complete(ASKED)
    assert len(server.requests) == 1
    assert time.monotonic() - began < _WELL_BEFORE_S


@pytest.mark.parametrize("name", PROTOCOLS)
async def test_an_unreachable_server_is_said_to_be_so(name: str) -> None:
    calls = calls_to(WireServer("http://127.0.0.1:9", []), name)
    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        await calls.complete(ASKED)
    assert calls.usage.calls == 3


async def test_the_calls_of_one_answer_are_bounded() -> None:
    async with wire_server(WHOLE) as server:
        calls = calls_to(server, "openai:m", model_calls=2)
        await calls.complete(ASKED)
        await calls.complete(ASKED)
        with pytest.raises(ModelUnavailable, match="HKVA_MODEL_CALLS"):
            await calls.complete(ASKED)
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("gpt-5-mini", "provider:name"),
        ("openai:m", "OPENAI_API_KEY"),
        ("anthropic:m", "ANTHROPIC_API_KEY"),
        ("ollama:m", r"hkva-assistant\[ollama\]"),
        ("nobody:m", "cannot be opened"),
    ],
)
def test_what_is_missing_is_named(name: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    with pytest.raises(ModelRefused, match=says):
        open_chat_model(name, ModelSettings())
