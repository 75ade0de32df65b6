"""A real provider's model, where a key is set: the same pipeline, the same checks. Never part of the gate."""

from __future__ import annotations

import os
from datetime import date

import pytest

from assistant.chat_model import open_chat_model
from assistant.generate import Request, Written, generate_answer
from assistant.model_settings import ModelSettings
from knowledge.rule import Language
from tests.fakes.records import exhibits

MODELS = [
    ("OPENAI_API_KEY", "LIVE_OPENAI_MODEL", "openai:gpt-5-mini"),
    ("ANTHROPIC_API_KEY", "LIVE_ANTHROPIC_MODEL", "anthropic:claude-haiku-4-5"),
]


@pytest.mark.live
@pytest.mark.parametrize(("key", "variable", "usual"), MODELS, ids=[usual for _, _, usual in MODELS])
@pytest.mark.parametrize("language", ["en", "zh-Hant"])
async def test_a_real_model_answers_within_the_checks(key: str, variable: str, usual: str, language: Language) -> None:
    if not os.environ.get(key):
        pytest.skip(f"{key} is not set")
    chat = open_chat_model(os.environ.get(variable, usual), ModelSettings())
    question = "How much share capital must a stablecoin issuer have?"
    request = Request(question, language, date(2026, 11, 23), exhibits(language))
    events = [event async for event in generate_answer(request, chat.begin())]
    end = events[-1]
    assert isinstance(end, Written)
    assert "capital" in {citation.id for citation in end.citations}
    assert end.usage.output_tokens > 0
