"""Which version of a matter is told for a past day, where a later one answers better than the one that held. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from assistant.asked_date import names_a_day_of
from assistant.asked_kind import Asked
from assistant.dates_named import mentions_in
from assistant.lineage import reached
from assistant.understand import Understood
from knowledge.rule import Rule, Stage, Standing, standing
from knowledge.words import fold

_STANDS = re.compile(
    r"\b(?:is|are|has|have|hasn't|haven't|currently|now|today|yet|so far)\b"
    r"|有(?:没有|冇)?(?:几|多少|哪|边)|(?:几多|多少|哪几?|边几?)[间家个]|目前|现在|而家|已经|了(?:吗|没)|咗未|是否|是不是|系咪"
)
_STOOD = re.compile(r"\b(?:was|were|had)\b")
_OF_A_STATE = frozenset({Asked.AMOUNT, Asked.LIST, Asked.WHO})
HELD = frozenset({Standing.IN_FORCE, Standing.PROPOSED, Standing.EVENT})
"""How a record stands that may be told for the day as it is."""


def versions_of(rule: Rule, rules: Mapping[str, Rule]) -> set[str]:
    """The ids of all versions of a rule, itself included: what it replaced and what replaced it, however often."""
    return {rule.id, *reached(rule, rules, lambda one: (*one.supersedes, *one.superseded_by))}


def held_in_place_of(rule: Rule, among: Iterable[Rule], rules: Mapping[str, Rule], day: date) -> list[Rule]:
    """Of some rules those that held on a day as earlier versions of a rule that had not begun.

    Beside its versions these are rules of its authority that ended on the day it began: one paper that replaces
    another replaces all that it said, and not every piece is held against its successor.
    """
    versions = versions_of(rule, rules)
    begins = rule.in_force_from
    return [
        one
        for one in among
        if one.id != rule.id
        and standing(one, day) in HELD
        and (
            one.id in versions or (begins is not None and one.in_force_to == begins and one.authority == rule.authority)
        )
    ]


def tells_of_then(rule: Rule, asked: Understood) -> bool:
    """Whether a record of what happened names the day asked for, or days before and after it: what was said later of a
    day is told of that day, and a history of what was so between two days."""
    if rule.stage is not Stage.EVENT or not asked.past:
        return False
    said = rule.statement["en"]
    if asked.phrase and names_a_day_of(said, asked.phrase, asked.today):
        return True
    named = list(mentions_in(said, asked.today))
    return any(one.first <= asked.as_of for one in named) and any(one.first > asked.as_of for one in named)


def asks_how_it_stands(asked: Understood) -> bool:
    """Whether a question asks how things stand, today or on a day that it names, and not what once happened."""
    folded = fold(asked.text)
    if asked.past:
        return bool(asked.asked & _OF_A_STATE) and (_STANDS.search(folded) or _STOOD.search(folded)) is not None
    if asked.asks_of_the_past and not asked.asks_of_now:
        return False
    return bool(asked.asked & {*_OF_A_STATE, Asked.YES_NO}) and _STANDS.search(folded) is not None
