"""The rules for either side of a comparison, or for either of two things that a question just lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice, takewhile
from typing import TypeVar

from assistant.asked_kind import Asked
from assistant.asked_names import ranks_in
from assistant.content import asked_units
from assistant.follow import Follow
from assistant.found import Candidate, Found
from assistant.measure import meets_all, read_question
from assistant.rule_index import RuleIndex
from assistant.sides import members_of, sides_of
from assistant.understand import Understood
from knowledge.rule import Rule, Standing, standing

_T = TypeVar("_T")
_HOLDS_SHARE = 0.5
"""Share of a replaced rule's probability from which one that holds is told for a side of a comparison."""
_AS_LIKELY = 0.6
"""Share of a rule's probability from which one on the topic of the other side is told in its place."""
_LISTED = 0.3
"""Probability from which a rule is told for one of two things that no word compares."""
_LISTED_ALONE = 0.4
"""The same where no rule answers the question as it stands."""
_READINGS = 3
"""How many readings of a comparison are looked up."""


@dataclass(frozen=True, slots=True)
class _Side:
    """One side: its question, what it alone names, also as groups of the glossary, and what was found for it."""

    text: str
    units: frozenset[str]
    groups: frozenset[int]
    found: Found


def with_sides(
    look: Callable[[Understood], Found], index: RuleIndex, asked: Understood, found: Found, enough: float
) -> Found:
    """The same with the rules for either side of the reading whose weaker side is surest; none where a side has none.

    Where one rule answers both sides, it is alone. Things that no word compares are looked up one by one only where
    the likeliest rule has not all of the question, and are told where each has a rule of its own; the likeliest rule,
    if it answers, is one of them.
    """
    surest: tuple[Candidate, ...] = ()
    weakest = 0.0
    readings = list(islice(dict.fromkeys(sides_of(asked.text)), _READINGS))
    listed = not readings and _lacks_something(index, asked, found, enough)
    if listed:
        readings = list(islice(dict.fromkeys(members_of(asked.text)), _READINGS))
    unanswered = found.confidence < enough
    least_of_side = max(enough, _LISTED_ALONE if unanswered else _LISTED) if listed else enough
    for reading in readings:
        sides = _look_up(look, index, asked, reading, least_of_side)
        if sides:
            chosen = _of_one_topic([_of_side(index, side, asked, enough) for side in sides], sides)
            least = min(one.probability for one in chosen)
            kept = unanswered or found.candidates[0].place in {one.place for one in chosen}
            apart = not listed or (kept and _each_its_own(index, chosen, sides))
            if least > weakest and apart and _alike(reading, chosen):
                surest, weakest = tuple({one.place: one for one in chosen}.values()), least
    return replace(found, sides=surest)


def _look_up(
    look: Callable[[Understood], Found], index: RuleIndex, asked: Understood, reading: Sequence[str], least: float
) -> list[_Side]:
    """The sides of a reading; empty where one has no answer: then the next is not looked up."""
    found = (look(replace(asked, text=side)) for side in reading)
    answered = list(takewhile(lambda one: one.candidates and one.confidence >= least, found))
    if len(answered) < len(reading):
        return []
    units = [frozenset(asked_units(side)) for side in reading]
    groups = [index.glossary.groups_in(side) for side in reading]
    return [
        _Side(side, _alone(units, n), _alone(groups, n), its)
        for n, (side, its) in enumerate(zip(reading, answered, strict=True))
    ]


def _alone(of_sides: Sequence[frozenset[_T]], place: int) -> frozenset[_T]:
    """What one side has that no other has."""
    return of_sides[place].difference(*of_sides[:place], *of_sides[place + 1 :])


def _lacks_something(index: RuleIndex, asked: Understood, found: Found, enough: float) -> bool:
    """Whether no rule answers, or the likeliest has not all that the question names."""
    if asked.standalone.follow is not Follow.ALONE or Asked.YES_NO in asked.asked or not found.candidates:
        return False
    units = frozenset(asked_units(asked.text))
    return found.confidence < enough or not _has(index, found.candidates[0], asked.text, units)


def _has(index: RuleIndex, one: Candidate, text: str, units: frozenset[str]) -> bool:
    """Whether a rule has some units of a text, all of them."""
    terms = index.terms_of(one.place)
    question = read_question(index, text)
    return meets_all(question, units & frozenset(question.units), terms)


def _each_its_own(index: RuleIndex, chosen: Sequence[Candidate], sides: Sequence[_Side]) -> bool:
    """Whether every side has a rule that no other has, with what that side names."""
    return len({one.place for one in chosen}) == len(sides) and all(
        side.units and _has(index, one, side.text, side.units) for one, side in zip(chosen, sides, strict=True)
    )


def _of_side(index: RuleIndex, side: _Side, asked: Understood, enough: float) -> Candidate:
    """The likeliest rule for a side: one of the authority that it alone names, with what it alone names, if any is;
    for today one that holds before one that was replaced and is not much likelier."""
    likely = [one for one in side.found.candidates if one.probability >= enough]
    likely = [one for one in likely if side.groups & index.glossary.groups_in(one.rule.authority)] or likely
    likely = [one for one in likely if _has(index, one, side.text, side.units)] or likely
    least = _HOLDS_SHARE * likely[0].probability
    likely = [one for one in likely if _begins(one.rule) in side.units and one.probability >= least] or likely
    if asked.past or asked.asks_of_the_past:
        return likely[0]
    least = _HOLDS_SHARE * likely[0].probability
    holding = (one for one in likely if standing(one.rule, asked.as_of) is not Standing.SUPERSEDED)
    return next((one for one in holding if one.probability >= least), likely[0])


def _begins(rule: Rule) -> str:
    """The year from which a rule holds, as a question names it."""
    return str(rule.in_force_from.year) if rule.in_force_from else (rule.published or "")[:4]


def _of_one_topic(chosen: Sequence[Candidate], sides: Sequence[_Side]) -> list[Candidate]:
    """The rules of the sides; for one on another topic than the surest's the rule on that topic that is as likely."""
    topic = max(chosen, key=lambda one: one.probability).rule.topic
    taken = {one.place for one in chosen}
    of_topic = [
        next((one for one in side.found.candidates if one.rule.topic == topic and one.place not in taken), mine)
        for mine, side in zip(chosen, sides, strict=True)
    ]
    return [
        near if mine.rule.topic != topic and near.probability >= _AS_LIKELY * mine.probability else mine
        for mine, near in zip(chosen, of_topic, strict=True)
    ]


def _alike(reading: Sequence[str], chosen: Sequence[Candidate]) -> bool:
    """Whether the rules of sides that differ by their ranks alone are on one topic: so are the first and the second."""
    return not all(map(ranks_in, reading)) or len({one.rule.topic for one in chosen}) == 1
