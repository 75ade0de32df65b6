"""Things that are counted: whether all of them are asked for, and which rules tell of them."""

from __future__ import annotations

import pytest

from assistant.series import asks_of_all, series_of
from knowledge.rule import Language, Rule, Stage


def _issue(rank: str, topic: str = "tokenised-bond") -> Rule:
    name = f"{rank} green bond of the Government"
    text: dict[Language, str] = {"en": name, "zh-Hans": name, "zh-Hant": name}
    return Rule(
        id=f"{topic}-{rank}",
        aliases=(),
        topic=topic,
        authority="HKMA",
        instrument=name,
        stage=Stage.EVENT,
        published=None,
        in_force_from=None,
        in_force_to=None,
        supersedes=(),
        confidence="high",
        title=text,
        statement=text,
        evidence=(),
        superseded_by=(),
    )


def _held(*rules: Rule) -> dict[str, Rule]:
    return {rule.id: rule for rule in rules}


@pytest.mark.parametrize(
    "question",
    [
        "How big was each?",
        "How many times were bonds issued?",
        "发过几次代币化债券?",
        "每次规模多大?",
        "分别是什么时候?",
    ],
)
def test_question_on_each_or_on_how_often_asks_of_all(question: str) -> None:
    assert asks_of_all(question)


def test_question_on_one_does_not_ask_of_all() -> None:
    assert not asks_of_all("How big was the first issue?")
    assert not asks_of_all("有多少家持牌平台?")


def test_series_is_told_in_its_order_from_any_of_its_rules() -> None:
    first, second, third = _issue("First"), _issue("Second"), _issue("Third")
    assert series_of(second, _held(third, first, second)) == (first, second, third)


def test_series_that_is_not_held_whole_is_none() -> None:
    first, third = _issue("First"), _issue("Third")
    assert series_of(first, _held(first, third)) == ()


def test_first_of_another_kind_is_no_series() -> None:
    first, second = _issue("First"), _issue("Second", topic="etf")
    assert series_of(first, _held(first, second)) == ()
