from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from assistant.settings import AssistantSettings
from evals.case import Case, Expect
from evals.local import open_local
from evals.reply import Reply
from evals.spread import WORTH, SpreadTarget, processes_for
from evals.targets import Target
from knowledge.errors import EmbedderError
from knowledge.settings import KnowledgeSettings

SETTINGS = AssistantSettings(today=date(2026, 11, 23))
CASES = [
    Case("elements", "How many elements does a collective investment scheme have?", "en", "spread", Expect()),
    Case("ensemble", "When was Project Ensemble announced?", "en", "spread", Expect()),
    Case("weather", "今日天氣點樣?", "zh-Hant", "spread", Expect(), turns=("託管可以轉授予邊個?",)),
]


async def replies_of(target: Target) -> list[Reply]:
    try:
        replies = await asyncio.gather(*(target.ask(case) for case in CASES))
    finally:
        await target.close()
    return [replace(reply, seconds=0.0) for reply in replies]


async def test_several_processes_give_the_replies_of_one(small_knowledge: KnowledgeSettings) -> None:
    alone, aliases = open_local(small_knowledge, SETTINGS)
    spread = SpreadTarget(small_knowledge, SETTINGS, 2)
    assert spread.name == alone.name
    assert spread.aliases() == aliases
    assert await replies_of(spread) == await replies_of(alone)


async def test_what_keeps_the_processes_from_opening_is_told(tmp_path: Path) -> None:
    spread = SpreadTarget(KnowledgeSettings(data_dir=tmp_path), SETTINGS, 2)
    try:
        with pytest.raises(EmbedderError, match="hkva build"):
            spread.aliases()
    finally:
        await spread.close()


def test_few_cases_and_a_chat_model_are_asked_from_one_process() -> None:
    assert processes_for(WORTH - 1, SETTINGS) == 1
    assert processes_for(10 * WORTH, SETTINGS.model_copy(update={"model": "openai:m"})) == 1
    assert processes_for(10 * WORTH, SETTINGS) >= 1
