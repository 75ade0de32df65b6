"""Things of one kind that are counted: the first, the second and the third issue. Pure.

Rules tell of them one by one, each with its rank in its title. Who asks how many there were, or something of each, is
told of all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from assistant.asked_names import COUNTED, ranks_in
from assistant.content import asked_units
from knowledge.rule import Rule
from knowledge.words import fold

MOST = 4
_OF_ALL = re.compile(
    r"\b(?:each|respectively|every one|how many times|one by one)\b|\bhow many\b.*\bso far\b"
    r"|[几多][少]?[次批期](?!内)|几多次|分别|各(?:是|自|有|为|次|批|期|个|只)|每(?:一)?[次批期个只]|逐[次批个]|历次"
)
"""Words that ask of all, or how often."""
_ALIKE = 0.6
_ORDER = {rank: place for place, rank in enumerate(
    ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
     "twelfth"),
)}  # fmt: skip


def asks_of_all(text: str) -> bool:
    """Whether a question asks how often, or something of each."""
    return _OF_ALL.search(fold(text)) is not None


def series_of(rule: Rule, rules: Mapping[str, Rule]) -> tuple[Rule, ...]:
    """The rules of the series that a rule is in, from the first on; empty where it is in none that is held whole."""
    if _rank(rule) is None:
        return ()
    ranked: dict[int, Rule] = {}
    for other in rules.values():
        rank = _rank(other)
        if rank is not None and other.topic == rule.topic and _alike(rule, other):
            ranked.setdefault(rank, other)
    whole = sorted(ranked) == list(range(len(ranked))) and 2 <= len(ranked) <= MOST
    return tuple(ranked[rank] for rank in sorted(ranked)) if whole and rule in ranked.values() else ()


def _rank(rule: Rule) -> int | None:
    """Its place in its series, by the one rank in its title."""
    ranks = ranks_in(rule.title["en"]) & COUNTED
    return _ORDER[next(iter(ranks))] if len(ranks) == 1 else None


def _alike(one: Rule, other: Rule) -> bool:
    """Whether two titles name the same kind of thing."""
    first, second = _kind(one), _kind(other)
    return len(first & second) >= _ALIKE * min(len(first), len(second))


def _kind(rule: Rule) -> frozenset[str]:
    return frozenset(asked_units(rule.title["en"])) - COUNTED
