"""What replaced a rule, and the whole of its history."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.follow import Follow
from assistant.lineage import holding_now, successors, told_beside, told_in_order
from knowledge.rule import Language, Rule, Stage


def _rule(name: str, begins: int, supersedes: tuple[str, ...] = (), superseded_by: tuple[str, ...] = ()) -> Rule:
    text: dict[Language, str] = {"en": name, "zh-Hans": name, "zh-Hant": name}
    return Rule(
        id=name,
        aliases=(),
        topic="etf",
        authority="SFC",
        instrument=name,
        stage=Stage.MADE,
        published=None,
        in_force_from=date(begins, 1, 1),
        in_force_to=None,
        supersedes=supersedes,
        confidence="high",
        title=text,
        statement=text,
        evidence=(),
        superseded_by=superseded_by,
    )


RULES = {
    rule.id: rule
    for rule in (
        _rule("old", 2022, superseded_by=("middle",)),
        _rule("middle", 2023, ("old",), ("new",)),
        _rule("new", 2026, ("middle",)),
        _rule("alone", 2024),
    )
}


@pytest.mark.parametrize(
    "question", ["What replaced the circular of 2022?", "2022年的通函被什么取代?", "Which circular superseded it?"]
)
def test_question_on_what_replaced_a_rule_is_told_the_last_of_its_successors(question: str) -> None:
    assert [rule.id for rule in told_in_order(question, RULES["old"], RULES)] == ["new"]


@pytest.mark.parametrize("question", ["Trace the circular from 2022 to today.", "这份通函的演变是怎样的?"])
def test_history_is_told_from_the_oldest_whichever_version_was_found(question: str) -> None:
    assert [rule.id for rule in told_in_order(question, RULES["middle"], RULES)] == ["old", "middle", "new"]


def test_rule_that_nothing_replaced_has_no_order_to_tell() -> None:
    assert told_in_order("What replaced it?", RULES["alone"], RULES) == ()
    assert told_in_order("Trace its history.", RULES["alone"], RULES) == ()


def test_question_on_what_a_rule_says_is_no_question_on_its_history() -> None:
    assert told_in_order("What must be replaced under the circular?", RULES["old"], RULES) == ()


def test_what_holds_now_is_the_end_of_the_line() -> None:
    assert holding_now(RULES["old"], RULES).id == "new"
    assert holding_now(RULES["alone"], RULES).id == "alone"


def test_successors_are_all_that_came_after() -> None:
    assert successors(RULES["old"], RULES) == {"middle", "new"}
    assert successors(RULES["new"], RULES) == frozenset()


def test_before_that_tells_what_the_rule_told_last_replaced() -> None:
    assert [rule.id for rule in told_beside(Follow.BEFORE, ["new"], RULES)] == ["middle"]
    assert [rule.id for rule in told_beside(Follow.BEFORE, ["new", "middle"], RULES)] == ["old"]
    assert [rule.id for rule in told_beside(Follow.AFTER, ["old"], RULES)] == ["middle"]
    assert told_beside(Follow.BEFORE, ["alone"], RULES) == ()
