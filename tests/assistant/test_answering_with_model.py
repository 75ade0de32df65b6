"""The assistant with a chat model, over a real library: one pipeline, one stream, the same checks."""

from __future__ import annotations

import re
from datetime import date

import pytest

from assistant.answer import NoteCode, Outcome
from assistant.answering import Assistant
from assistant.assembly import open_assistant
from assistant.check import check_text
from assistant.errors import ModelRefused
from assistant.events import Cited, Delta, Finished, Searched, Started
from assistant.model_settings import ModelSettings
from assistant.question import Question, Turn
from assistant.settings import AssistantSettings
from knowledge.library import Library
from knowledge.settings import KnowledgeSettings
from tests.fakes.scripted_model import Script, scripted
from tests.fakes.wire_server import Turn as WireTurn
from tests.fakes.wire_server import wire_server

SETTINGS = AssistantSettings(today=date(2026, 11, 23), model="scripted:model", answer_threshold=0.02)
"""A low threshold: what is tested is what follows once there is something to tell, not whether there is."""


def retold(prompt: str) -> str:
    """What a faithful model says: the first record's statement with its number in every sentence."""
    statement = re.findall(r'<record n="1"[^>]*>\n[^\n]*\n([^\n]*)', prompt)[0]
    return re.sub(r"([.。])(?=\s|$|[^\d.])", r" [1]\1", statement)


@pytest.fixture(scope="module")
def asked(library: Library) -> dict[str, str]:
    """A question in each language that a record is known to answer."""
    rule = next(one for one in library.rules.values() if one.asks_en and one.asks_zh and not one.superseded_by)
    return {"en": rule.asks_en[0], "zh": rule.asks_zh[0]}


def assistant(library: Library, script: Script) -> tuple[Assistant, list[str]]:
    chat, model = scripted(script)
    return Assistant(library, SETTINGS, chat), model.prompts


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_the_stream_is_the_answer(language: str, asked: dict[str, str], library: Library) -> None:
    answering, prompts = assistant(library, retold)
    events = [event async for event in answering.stream(Question(asked[language]))]
    assert [type(event) for event in events[:2]] == [Started, Searched]
    end = events[-1]
    assert isinstance(end, Finished)
    answer = end.answer
    assert answer.outcome is Outcome.ANSWERED
    assert "".join(event.text for event in events if isinstance(event, Delta)) == answer.text
    assert tuple(event.citation for event in events if isinstance(event, Cited)) == answer.citations
    assert check_text(answer.text, answer.citations) == []
    assert (answer.receipt.model, answer.receipt.calls, len(prompts)) == ("scripted:model", 1, 1)
    assert {prompt.partition("@")[0] for prompt in answer.receipt.prompts} == {"answer", "request"}
    answering.close()


@pytest.mark.parametrize("text", ["How do I bake sourdough bread?", "?"])
async def test_what_is_declined_is_declined_without_a_call(text: str, library: Library) -> None:
    answering, prompts = assistant(library, [])
    answer = await answering.ask(Question(text))
    assert answer.outcome in {Outcome.OFF_TOPIC, Outcome.UNCLEAR, Outcome.INSUFFICIENT}
    assert prompts == []
    assert answer.receipt.calls == 0
    answering.close()


async def test_a_failing_model_leaves_the_answer_without_it(asked: dict[str, str], library: Library) -> None:
    answering, _ = assistant(library, [ConnectionError("down")] * 3)
    answer = await answering.ask(Question(asked["en"]))
    assert answer.outcome is Outcome.ANSWERED
    assert answer.notes[0].code is NoteCode.MODEL_FAILED
    assert (answer.receipt.model, answer.receipt.calls) == ("extractive", 3)
    answering.close()


async def test_a_fragment_is_rewritten_by_the_model_before_the_search(asked: dict[str, str], library: Library) -> None:
    first = await assistant(library, retold)[0].ask(Question(asked["en"]))
    turn = Turn(asked["en"], first.text, tuple(one.id for one in first.citations))

    def replies(prompt: str) -> str:
        return "What does the HKMA require of banks on staff training?" if "Rewrite" in prompt else retold(prompt)

    answering, prompts = assistant(library, replies)
    answer = await answering.ask(Question("and for staff?", turns=(turn,)))
    assert "Rewrite" in prompts[0]
    assert answer.receipt.calls == len(prompts)
    answering.close()


async def test_over_the_true_wire_a_settings_line_is_all_it_takes(
    asked: dict[str, str], small_knowledge: KnowledgeSettings
) -> None:
    settings = SETTINGS.model_copy(update={"model": "openai:m"})
    async with wire_server(WireTurn(pieces=("INSUFFI", "CIENT"))) as server:
        model = ModelSettings.model_validate({"model_url": f"{server.url}/v1", "model_key": "k"})
        answering = open_assistant(small_knowledge, settings, model)
        answer = await answering.ask(Question(asked["en"]))
        answering.close()
        answering.library.close()
    assert answer.outcome is Outcome.INSUFFICIENT
    assert "<record n=" in server.requests[0]["messages"][1]["content"]


def test_a_missing_key_is_said_when_the_assistant_opens(
    small_knowledge: KnowledgeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ModelRefused, match="OPENAI_API_KEY"):
        open_assistant(small_knowledge, AssistantSettings(model="openai:m"), ModelSettings())
