"""What readers minded becomes a draft case that asks the same again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from assistant.answer import Answer, Citation, Outcome
from assistant.question import Question
from assistant.state.store import State, open_state
from evals.case_file import read_cases
from evals.case_output import add_cases
from evals.harvest import DRAFT, harvest
from knowledge.rule import Standing

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
async def state(tmp_path: Path) -> AsyncIterator[State]:
    async with open_state(f"sqlite:///{tmp_path / 'state.sqlite'}", lambda: NOW) as opened:
        yield opened


def answer(name: str, text: str = "至少500萬港元 [1]。") -> Answer:
    cited = Citation(
        number=1, kind="rule", id="vatp-paid-up-capital", title="t", publisher="SFC", authority="SFC", instrument="i",
        url=None, published=None, standing=Standing.IN_FORCE, superseded_by=None, quote="q", start=0, end=1,
        official=True, language="zh-Hant",
    )  # fmt: skip
    return Answer(f"ans_{name}", Outcome.ANSWERED, text, "zh-Hant", date(2026, 11, 23), (cited,))


async def asked(state: State, *names: str) -> None:
    session = await state.sessions.begin(None, owner="anna", channel="http")
    for name in names:
        await state.answers.store(session, Question(f"問題 {name}?"), answer(name))


async def test_thumb_down_becomes_a_draft_with_its_session_and_what_was_answered(state: State, tmp_path: Path) -> None:
    await asked(state, "first", "second")
    await state.feedback.give("ans_second", owner="anna", rating="down", comment="It is HK$5 million since 2023")
    (case,) = await harvest(state)
    assert (case.question, case.turns, case.language) == ("問題 second?", ("問題 first?",), "zh-Hant")
    assert case.tags == {DRAFT}
    assert "citing vatp-paid-up-capital): 至少500萬港元 [1]。" in case.source
    assert "down on 2026-11-23: It is HK$5 million since 2023" in case.source
    assert add_cases(tmp_path / "drafts.jsonl", [case]) == 1
    assert read_cases(tmp_path / "drafts.jsonl") == [case]


async def test_praise_without_a_word_is_no_case_and_a_comment_is(state: State) -> None:
    await asked(state, "a", "b", "c")
    await state.feedback.give("ans_a", owner="anna", rating="up")
    await state.feedback.give("ans_b", owner="anna", rating="up", comment="right, but say since when")
    await state.feedback.give("ans_c", owner="anna", rating="down")
    cases = await harvest(state)
    assert [case.question for case in cases] == ["問題 b?", "問題 c?"]
    assert cases[1].source.endswith("down on 2026-11-23: no comment")


async def test_what_several_readers_said_of_one_answer_is_one_case(state: State) -> None:
    await asked(state, "a")
    for owner in ("anna", "ben"):
        await state.feedback.give("ans_a", owner=owner, rating="down", comment=f"no, says {owner}")
    (case,) = await harvest(state)
    assert "no, says anna" in case.source
    assert "no, says ben" in case.source


async def test_only_what_was_said_since_then_is_taken(state: State) -> None:
    await asked(state, "a")
    await state.feedback.give("ans_a", owner="anna", rating="down")
    assert await harvest(state, NOW + timedelta(days=1)) == []
    assert len(await harvest(state, NOW - timedelta(days=1))) == 1


async def test_harvested_again_a_case_is_not_added_twice(state: State, tmp_path: Path) -> None:
    await asked(state, "a")
    await state.feedback.give("ans_a", owner="anna", rating="down")
    path = tmp_path / "drafts.jsonl"
    assert add_cases(path, await harvest(state)) == 1
    reviewed = [replace(case, tags=frozenset()) for case in read_cases(path)]
    path.unlink()
    add_cases(path, reviewed)
    assert add_cases(path, await harvest(state)) == 0
    assert read_cases(path)[0].tags == frozenset()
