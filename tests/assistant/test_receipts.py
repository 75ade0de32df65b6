from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from assistant.answer import Answer, Note, NoteCode, Outcome
from assistant.assembly import open_assistant
from assistant.conversation import converse
from assistant.errors import NotFound
from assistant.events import Event, Finished, fold
from assistant.question import Question
from assistant.receipts import causes, differences, replay
from assistant.settings import AssistantSettings
from assistant.state.store import State
from knowledge.rule import Standing
from knowledge.settings import KnowledgeSettings


class _Fixed:
    """Gives one answer; one without a date of its own is for `today`."""

    def __init__(self, answer: Answer, today: date) -> None:
        self.answer, self.today = answer, today
        self.asked: list[Question] = []

    async def stream(self, question: Question) -> AsyncIterator[Event]:
        self.asked.append(question)
        yield Finished(replace(self.answer, as_of=question.as_of or self.today))


async def test_same_library_says_the_same(assistant: Any, state: State) -> None:
    session = await state.sessions.begin(None, owner="ann", channel="api")
    for text in ("one", "two", "three"):
        answer = await fold(converse(assistant, state, session, Question(text), "ann", "api"))
    second = (await state.answers.list(session))[1]
    again = await replay(assistant, state, second.answer.id, owner="ann")
    assert (again.same, again.differences, again.causes) == (True, (), ())
    assert [turn.question for turn in assistant.asked[-1].turns] == ["one"]
    assert len(await state.answers.list(session)) == 3
    with pytest.raises(NotFound):
        await replay(assistant, state, answer.id, owner="bob")


async def test_answer_of_an_earlier_day_is_asked_for_that_day_unless_for_today(state: State, answer: Answer) -> None:
    now = _Fixed(answer, date(2026, 11, 23))
    await fold(converse(now, state, None, Question("q"), "ann", "api"))
    later = _Fixed(replace(answer, id="ans_new"), date(2026, 12, 1))
    pinned = await replay(later, state, answer.id)
    assert (pinned.same, pinned.new.as_of) == (True, date(2026, 11, 23))
    today = await replay(later, state, answer.id, today=True)
    assert (today.new.as_of, [cause.what for cause in today.causes]) == (date(2026, 12, 1), ["as_of"])


def test_each_difference_is_named_with_its_record(answer: Answer) -> None:
    cited = answer.citations[0]
    superseded = replace(cited, standing=Standing.SUPERSEDED, superseded_by="rule-z")
    new = replace(
        answer,
        outcome=Outcome.INSUFFICIENT,
        text="Otherwise",
        citations=(superseded, replace(cited, id="rule-y", title="Another")),
        notes=(Note(NoteCode.SUPERSEDED, "…"), Note(NoteCode.AS_OF, "…")),
    )
    found = {one.what: one for one in differences(answer, new)}
    assert list(found) == ["outcome", "citation_added", "standing", "note_removed", "note_added", "text"]
    assert found["citation_added"].record == "rule-y"
    assert found["standing"].message == "标题 was in force and is superseded by rule-z."
    assert [one.record for one in differences(new, answer) if one.what == "citation_removed"] == ["rule-y"]
    assert list(differences(answer, replace(answer, id="ans_other"))) == []


def test_quote_of_the_same_record_that_changed_is_a_difference(answer: Answer) -> None:
    new = replace(answer, citations=(replace(answer.citations[0], quote="另文"),))
    assert [one.what for one in differences(answer, new)] == ["quote"]


def test_causes_are_what_the_receipts_say(answer: Answer) -> None:
    receipt = replace(answer.receipt, library="lib2", model="x:y", prompts=("p2",), settings="set2")
    new = replace(answer, receipt=receipt, as_of=date(2026, 12, 1))
    assert [one.what for one in causes(answer, new)] == ["library", "model", "prompts", "settings", "as_of"]
    assert list(causes(answer, answer)) == []


async def test_true_assistant_says_the_same_over_the_same_library(
    small_knowledge: KnowledgeSettings, state: State
) -> None:
    with closing(open_assistant(small_knowledge, AssistantSettings(today=date(2026, 11, 23)))) as true:
        session = await state.sessions.begin(None, owner="ann", channel="api")
        for text in ("Who licenses virtual asset trading platforms in Hong Kong?", "那稳定币发行人呢？"):
            answer = await fold(converse(true, state, session, Question(text), "ann", "api"))
            assert (await state.answers.get(answer.id)).answer == answer
            again = await replay(true, state, answer.id)
            assert (again.differences, again.causes) == ((), ())
