"""Readings of a follow-up weighed together, with rules of the smallest form."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np

from assistant.found import Candidate, Found
from assistant.pooled import HANGING, STANDING, Read, Way, pooled
from assistant.question import Question
from assistant.understand import understand
from knowledge.rule import Rule, Stage

ASKED = understand(Question("And for a company?"), date(2026, 11, 27))


def _rule(rule_id: str, topic: str) -> Rule:
    return Rule(rule_id, (), topic, "SFC", "", Stage.MADE, None, None, None, (), "high", {}, {}, ())


def _read(text: str, **probabilities: float) -> Read:
    rules = [_rule(name, "tax" if name.startswith("tax") else "aml") for name in probabilities]
    candidates = tuple(
        Candidate(sum(map(ord, rule.id)), rule, probability)
        for rule, probability in zip(rules, probabilities.values(), strict=True)
    )
    return replace(ASKED, text=text), Found(candidates, (), (), np.zeros(1, dtype=np.float32))


def test_what_most_readings_find_comes_before_what_one_is_sure_of() -> None:
    reads = {
        Way.ALONE: [_read("alone", aml=0.6, tax=0.1)],
        Way.JOINED: [_read("joined", tax=0.4)],
        Way.TITLED: [_read("titled", tax=0.3)],
    }
    asked, found = pooled(reads, HANGING, {"tax"}, ())
    assert [one.rule.id for one in found.candidates] == ["tax", "aml"]
    assert asked.text == "joined"


def test_what_was_just_told_comes_after_what_is_as_likely() -> None:
    reads = {Way.ALONE: [_read("alone")], Way.JOINED: [_read("joined", tax=0.4, taxed=0.4)]}
    _, found = pooled(reads, HANGING, {"tax"}, {"tax"})
    assert [one.rule.id for one in found.candidates] == ["taxed", "tax"]


def test_question_that_names_its_subject_is_read_mostly_alone() -> None:
    reads = {
        Way.ALONE: [_read("alone", aml=0.65)],
        Way.TITLED: [_read("titled", tax=0.9)],
    }
    asked, found = pooled(reads, STANDING, {"tax"}, ())
    assert found.candidates[0].rule.id == "aml"
    assert asked.text == "alone"


def test_nothing_found_is_nothing() -> None:
    _, found = pooled({Way.ALONE: [_read("alone")]}, HANGING, (), ())
    assert found.candidates == ()
