"""The chat model's part in an answer, over a real library: records found, shown, told, checked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from assistant.answer import NoteCode, Outcome
from assistant.check import check_text
from assistant.choose import Found, find
from assistant.compose import compose
from assistant.errors import ModelRefused, ModelUnavailable
from assistant.events import Cited, Delta
from assistant.modelled import Modelled, citations_of, stream_with_model
from assistant.question import Question, Turn
from assistant.rule_index import RuleIndex
from assistant.understand import Understood, understand
from assistant.verify import open_verifier
from knowledge.e5_embedder import E5Embedder
from knowledge.library import Library, open_library
from knowledge.settings import KnowledgeSettings
from tests.fakes.scripted_model import Say, Script, ScriptedModel, scripted

TODAY = date(2026, 11, 23)
CUSTODY = "Must banks keep clients' digital assets segregated in custody?"


@pytest.fixture(scope="module")
def library(small_knowledge: KnowledgeSettings, embedder: E5Embedder) -> Iterator[Library]:
    opened = open_library(small_knowledge.library_dir, embedder)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def index(library: Library) -> RuleIndex:
    return RuleIndex(library)


def retold(prompt: str) -> str:
    """What a faithful model says: the first record's statement, sentence by sentence, with its number."""
    statement = re.findall(r'<record n="1"[^>]*>\n[^\n]*\n([^\n]*)', prompt)[0]
    return re.sub(r"([.。])(?=\s|$|[^\d.])", r" [1]\1", statement)


def looked(text: str, library: Library, index: RuleIndex) -> tuple[Understood, Found]:
    asked = understand(Question(text), TODAY)
    return asked, find(library, index, open_verifier(), asked)


async def told(
    text: str, script: Script, library: Library, index: RuleIndex, turns: tuple[Turn, ...] = (), **settings: Any
) -> tuple[list[Delta | Cited], Modelled, ScriptedModel]:
    asked, found = looked(text, library, index)
    chat, model = scripted(script, **settings)
    without = compose(asked, found, "", library.rules, library.sources)
    events = [one async for one in stream_with_model(asked, found, library, chat.begin(), without, turns)]
    end = events.pop()
    assert isinstance(end, Modelled)
    shown = [one for one in events if not isinstance(one, Modelled)]
    assert "".join(one.text for one in shown if isinstance(one, Delta)) == end.composed.text
    assert tuple(one.citation for one in shown if isinstance(one, Cited)) == end.composed.citations
    return shown, end, model


@pytest.mark.parametrize("text", [CUSTODY, "银行托管客户的数字资产须否分隔？", "銀行託管客戶的數字資產須否分隔？"])
async def test_a_faithful_reply_is_told_with_a_quote_cut_from_the_record(
    text: str, library: Library, index: RuleIndex
) -> None:
    _, end, _ = await told(text, retold, library, index)
    composed = end.composed
    assert composed.outcome is Outcome.ANSWERED
    assert check_text(composed.text, composed.citations) == []
    for citation in composed.citations:
        statement = library.rules[citation.id].statement[citation.language]
        assert statement[citation.start : citation.end] == citation.quote
    assert (end.usage.calls, end.usage.output_tokens > 0) == (1, True)
    assert len(end.prompts) == 2


async def test_every_record_shown_carries_its_standing(library: Library, index: RuleIndex) -> None:
    _, _, model = await told(CUSTODY, retold, library, index)
    asked, found = looked(CUSTODY, library, index)
    records = citations_of(asked, found, library)
    assert model.prompts[0].count("standing=") == len(records)
    assert [one.number for one in records] == list(range(1, len(records) + 1))


async def test_a_reply_without_support_ends_as_insufficient(library: Library, index: RuleIndex) -> None:
    _, end, _ = await told(CUSTODY, ["Buy MoonCoin [1].", "Buy MoonCoin [1]."], library, index)
    assert end.composed.outcome is Outcome.INSUFFICIENT
    assert end.composed.citations == ()
    assert end.usage.calls == 2


async def test_a_failing_model_is_stood_in_for_with_a_note(library: Library, index: RuleIndex) -> None:
    _, end, _ = await told(CUSTODY, [ConnectionError("down")] * 3, library, index)
    assert end.composed.outcome is Outcome.ANSWERED
    assert end.composed.notes[0].code is NoteCode.MODEL_FAILED
    assert "cannot be reached" in end.composed.notes[0].message
    assert end.usage.calls == 3


async def test_a_failing_model_is_an_error_where_the_settings_say_so(library: Library, index: RuleIndex) -> None:
    refusal = Say("No.", reason="content_filter")
    with pytest.raises(ModelRefused):
        await told(CUSTODY, [refusal], library, index, model_on_failure="fail")


async def test_a_model_that_breaks_off_for_good_is_an_error_once_text_was_shown(
    library: Library, index: RuleIndex
) -> None:
    def breaks(prompt: str) -> Say | ConnectionError:
        return ConnectionError("gone") if "broke off" in prompt else Say(retold(prompt), error=ConnectionError("cut"))

    with pytest.raises(ModelUnavailable):
        await told(CUSTODY, breaks, library, index)
    _, end, _ = await told(CUSTODY, breaks, library, index, model_release="whole")
    assert end.composed.notes[0].code is NoteCode.MODEL_FAILED


async def test_earlier_turns_are_shown_but_count_as_no_evidence(library: Library, index: RuleIndex) -> None:
    turns = (Turn("What is JPEX?", "JPEX was a platform [1]."),)
    _, end, model = await told(CUSTODY, ["JPEX was a platform [1].", retold(await prompt_of(library, index))],
                               library, index, turns)  # fmt: skip
    assert "JPEX was a platform" in model.prompts[0]
    assert "JPEX" not in end.composed.text


async def prompt_of(library: Library, index: RuleIndex) -> str:
    _, _, model = await told(CUSTODY, retold, library, index)
    return model.prompts[0]


async def test_a_question_of_the_past_is_answered_from_what_held_then(library: Library, index: RuleIndex) -> None:
    asked, found = looked(CUSTODY, library, index)
    then = replace(asked, as_of=date(2025, 1, 1), dated=True)
    standings = {one.standing.value for one in citations_of(then, found, library)}
    assert standings <= {"in_force", "not_yet", "event", "superseded", "lapsed", "proposed"}
    assert standings != {one.standing.value for one in citations_of(asked, found, library)}
