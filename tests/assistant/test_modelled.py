"""The chat model's part in an answer, over a real library: records found, shown, told, checked."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from assistant.answer import NoteCode, Outcome
from assistant.check import check_text
from assistant.citing import cite_rule
from assistant.compose import Composed
from assistant.errors import ModelRefused, ModelUnavailable
from assistant.events import Cited, Delta
from assistant.modelled import Modelled, citations_of, stream_with_model
from assistant.question import Question, Turn
from assistant.understand import Understood, understand
from knowledge.library import Library
from knowledge.passage import Hit, Scope
from knowledge.retrieval import search
from knowledge.rule import Rule
from tests.fakes.scripted_model import Say, Script, ScriptedModel, scripted

TODAY = date(2026, 11, 23)
CUSTODY = "Must banks keep clients' digital assets segregated in custody?"


def retold(prompt: str) -> str:
    """What a faithful model says: the first record's statement, sentence by sentence, with its number."""
    statement = re.findall(r'<record n="1"[^>]*>\n[^\n]*\n([^\n]*)', prompt)[0]
    return re.sub(r"([.。])(?=\s|$|[^\d.])", r" [1]\1", statement)


def looked(text: str, library: Library) -> tuple[Understood, list[Rule], list[Hit]]:
    asked = understand(Question(text), TODAY)
    hits = search(library, asked.text, Scope(on=TODAY, ended=None), 12)
    rules = [library.rules[hit.passage.record] for hit in hits if hit.passage.kind != "section"]
    return asked, rules, [hit for hit in hits if hit.passage.kind == "section"]


async def told(
    text: str, script: Script, library: Library, turns: tuple[Turn, ...] = (), **settings: Any
) -> tuple[list[Delta | Cited], Modelled, ScriptedModel]:
    asked, rules, sections = looked(text, library)
    chat, model = scripted(script, **settings)
    statement = rules[0].statement[asked.language]
    citation = cite_rule(1, rules[0], (0, len(statement)), asked.language, TODAY, library.sources)
    without = Composed(Outcome.ANSWERED, f"{statement} [1]", (citation,))
    stream = stream_with_model(asked, rules, sections, library, chat.begin(), without, turns)
    events = [one async for one in stream]
    end = events.pop()
    assert isinstance(end, Modelled)
    shown = [one for one in events if not isinstance(one, Modelled)]
    assert "".join(one.text for one in shown if isinstance(one, Delta)) == end.composed.text
    assert tuple(one.citation for one in shown if isinstance(one, Cited)) == end.composed.citations
    return shown, end, model


@pytest.mark.parametrize("text", [CUSTODY, "银行托管客户的数字资产须否分隔？", "銀行託管客戶的數字資產須否分隔？"])
async def test_a_faithful_reply_is_told_with_a_quote_cut_from_the_record(text: str, library: Library) -> None:
    _, end, _ = await told(text, retold, library)
    composed = end.composed
    assert composed.outcome is Outcome.ANSWERED
    assert check_text(composed.text, composed.citations) == []
    for citation in composed.citations:
        statement = library.rules[citation.id].statement[citation.language]
        assert statement[citation.start : citation.end] == citation.quote
    assert (end.usage.calls, end.usage.output_tokens > 0) == (1, True)
    assert len(end.prompts) == 2


async def test_every_record_shown_carries_its_standing(library: Library) -> None:
    _, _, model = await told(CUSTODY, retold, library)
    records = citations_of(*looked(CUSTODY, library), library)
    assert model.prompts[0].count("standing=") == len(records)
    assert [one.number for one in records] == list(range(1, len(records) + 1))


async def test_a_reply_without_support_ends_as_insufficient(library: Library) -> None:
    _, end, _ = await told(CUSTODY, ["Buy MoonCoin [1].", "Buy MoonCoin [1]."], library)
    assert end.composed.outcome is Outcome.INSUFFICIENT
    assert end.composed.citations == ()
    assert end.usage.calls == 2


async def test_a_failing_model_is_stood_in_for_with_a_note(library: Library) -> None:
    _, end, _ = await told(CUSTODY, [ConnectionError("down")] * 3, library)
    assert end.composed.outcome is Outcome.ANSWERED
    assert end.composed.notes[0].code is NoteCode.MODEL_FAILED
    assert "cannot be reached" in end.composed.notes[0].message
    assert end.usage.calls == 3


async def test_a_failing_model_is_an_error_where_the_settings_say_so(library: Library) -> None:
    refusal = Say("No.", reason="content_filter")
    with pytest.raises(ModelRefused):
        await told(CUSTODY, [refusal], library, model_on_failure="fail")


async def test_a_model_that_breaks_off_for_good_is_an_error_once_text_was_shown(library: Library) -> None:
    def breaks(prompt: str) -> Say | ConnectionError:
        return ConnectionError("gone") if "broke off" in prompt else Say(retold(prompt), error=ConnectionError("cut"))

    with pytest.raises(ModelUnavailable):
        await told(CUSTODY, breaks, library)
    _, end, _ = await told(CUSTODY, breaks, library, model_release="whole")
    assert end.composed.notes[0].code is NoteCode.MODEL_FAILED


async def test_earlier_turns_are_shown_but_count_as_no_evidence(library: Library) -> None:
    turns = (Turn("What is JPEX?", "JPEX was a platform [1]."),)
    _, end, model = await told(CUSTODY, ["JPEX was a platform [1].", retold(await prompt_of(library))],
                               library, turns)  # fmt: skip
    assert "JPEX was a platform" in model.prompts[0]
    assert "JPEX" not in end.composed.text


async def prompt_of(library: Library) -> str:
    _, _, model = await told(CUSTODY, retold, library)
    return model.prompts[0]


async def test_the_standing_shown_is_that_of_the_day_asked_for(library: Library) -> None:
    asked, rules, sections = looked(CUSTODY, library)
    then = replace(asked, as_of=date(2025, 1, 1), dated=True)
    old = {one.id: one.standing for one in citations_of(then, rules, sections, library)}
    now = {one.id: one.standing for one in citations_of(asked, rules, sections, library)}
    assert old.keys() == now.keys()
    assert old != now
