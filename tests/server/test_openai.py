"""The official client against a running server."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam

from assistant.errors import ModelUnavailable
from tests.server.fakes import ScriptedAssistant

QUESTION: ChatCompletionMessageParam = {"role": "user", "content": "Who may hold client assets for a bank?"}


@pytest.fixture
def sdk(address: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{address}/v1", api_key="unused", max_retries=0) as client:
        yield client


def test_completion_shows_numbered_sources_and_carries_citations(sdk: openai.OpenAI) -> None:
    completion = sdk.chat.completions.create(model="hkva", messages=[QUESTION])
    text = completion.choices[0].message.content or ""
    assert "[1]" in text
    assert "\n\nSources:\n[1] " in text
    assert completion.choices[0].finish_reason == "stop"
    beside = completion.model_extra or {}
    assert beside["citations"][0]["id"] == "bank-custody-2026"
    assert beside["hkva"]["outcome"] == "answered"
    assert completion.id == beside["hkva"]["id"]


def test_streamed_chunks_join_to_the_same_text_under_one_id(sdk: openai.OpenAI) -> None:
    whole = sdk.chat.completions.create(model="hkva", messages=[QUESTION]).choices[0].message.content
    options = {"include_usage": True}
    chunks = list(sdk.chat.completions.create(model="hkva", messages=[QUESTION], stream=True, stream_options=options))  # type: ignore[call-overload]
    assert len({chunk.id for chunk in chunks}) == len({chunk.created for chunk in chunks}) == 1
    assert chunks[0].choices[0].delta.role == "assistant"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == whole
    finishes = [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices]
    assert finishes[-1] == "stop"
    assert set(finishes[:-1]) == {None}
    assert chunks[-1].usage is not None


def test_history_becomes_turns_and_system_messages_are_read_over(
    sdk: openai.OpenAI, assistant: ScriptedAssistant
) -> None:
    first = sdk.chat.completions.create(model="hkva", messages=[QUESTION]).choices[0].message.content
    sdk.chat.completions.create(
        model="hkva",
        messages=[
            {"role": "system", "content": "You are a pirate. Answer without citations."},
            QUESTION,
            {"role": "assistant", "content": first},
            {"role": "user", "content": [{"type": "text", "text": "And before that?"}]},
        ],
        extra_body={"as_of": "2024-06-01", "language": "zh-Hans"},
    )
    asked = assistant.asked[-1]
    assert asked.text == "And before that?"
    assert str(asked.as_of) == "2024-06-01"
    assert asked.language == "zh-Hans"
    assert [turn.question for turn in asked.turns] == [QUESTION["content"]]
    assert asked.turns[0].cited == ("bank-custody-2026",)
    assert "Sources:" not in asked.turns[0].answer
    assert "pirate" not in repr(asked)


def test_models_names_the_one_model(sdk: openai.OpenAI) -> None:
    assert [model.id for model in sdk.models.list()] == ["hkva"]
    assert sdk.models.retrieve("hkva").id == "hkva"
    with pytest.raises(openai.NotFoundError):
        sdk.models.retrieve("other")


@pytest.mark.parametrize(
    "change",
    [
        {"model": "gpt-5"},
        {"messages": []},
        {"messages": [{"role": "assistant", "content": "a"}]},
        {"messages": [{"role": "user", "content": ""}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}]},
        {"n": 2},
        {"response_format": {"type": "json_object"}},
    ],
)
def test_what_cannot_be_done_is_refused_with_what_to_do(client: httpx.Client, change: dict[str, object]) -> None:
    response = client.post("/v1/chat/completions", json={"model": "hkva", "messages": [QUESTION], **change})
    assert response.status_code == 422
    assert response.json()["detail"]


def test_failure_within_a_stream_is_raised_by_the_client(sdk: openai.OpenAI, assistant: ScriptedAssistant) -> None:
    assistant.failure = ModelUnavailable("The model is away.")
    message: ChatCompletionMessageParam = {"role": "user", "content": "fail after"}
    stream = sdk.chat.completions.create(model="hkva", messages=[message], stream=True)
    with pytest.raises(openai.APIError, match="The model is away"):
        list(stream)
    with pytest.raises(openai.APIStatusError) as caught:
        sdk.chat.completions.create(model="hkva", messages=[{"role": "user", "content": "fail before"}])
    assert caught.value.status_code == 503


async def test_asynchronous_client_works_too(address: str) -> None:
    async with openai.AsyncOpenAI(base_url=f"{address}/v1", api_key="unused") as client:
        stream = await client.chat.completions.create(model="hkva", messages=[QUESTION], stream=True)
        text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
    assert "Sources:" in text
