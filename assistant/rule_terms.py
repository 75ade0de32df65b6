"""The words of a rule: of what it states, and of the questions that it answers, ready to be held against a question.

A question is held against every question of some twenty rules. So a rule's questions are kept by the terms that they
have, not each with its terms: a question then looks up its own few terms, whatever the number of the rule's.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import TypeVar

from assistant.asked_date import months_named
from assistant.asked_for import held_measures
from assistant.asked_kind import Asked, read_asked
from assistant.asked_names import names_given, ranks_in
from assistant.content import asked_units, held_terms
from assistant.figure_near import Counted, read_counted
from assistant.owners import RuleOwners, owners_of
from knowledge.glossary import Glossary
from knowledge.quantities import quantities
from knowledge.rule import Rule

_PERSON = re.compile(
    r"\b(?:Mr|Ms|Mrs|Dr|CEO|Chief|Secretary|Chairman|Director|said)\b"
    r"|行政总裁|主席|局长|总监|司长|创始人|说|表示|指"
)
UNITS = 1_024
"""More than any question has."""
_K = TypeVar("_K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class RuleTerms:
    """The words of one rule: of what it states, of all that leads to it, and of each question that it answers."""

    stated: frozenset[str]
    all: frozenset[str]
    asks: Mapping[str, tuple[int, ...]]
    """The numbers of the questions that have a term."""
    ask_groups: Mapping[int, tuple[int, ...]]
    """The numbers of the questions that name a group of the glossary."""
    ask_units: Mapping[str, tuple[int, ...]]
    """What a term meets: the number of a question times `UNITS`, and the place of a unit in it."""
    ask_sizes: tuple[int, ...]
    """How many units each question has."""
    polar_groups: Mapping[int, tuple[int, ...]]
    """What a group of the glossary meets in the yes/no questions, as in `ask_units`."""
    kinds: tuple[frozenset[Asked], ...]
    groups: frozenset[int]
    """Groups of the glossary that the statement names."""
    months: frozenset[tuple[int, int]]
    """The dates that it names, and its own: (year, month), or (year, 0)."""
    numbers: frozenset[str]
    """The figures it states, and the parts of its own dates."""
    figures: frozenset[str]
    """All figures that stand in it or in its questions."""
    all_groups: frozenset[int]
    """Groups of the glossary that the statement or any question names."""
    measures: frozenset[str]
    """The kinds of figure in its statement."""
    names_year: bool
    names_person: bool
    names: frozenset[str]
    """The names that it gives beside those of its title."""
    ranks: frozenset[str]
    """What it calls first, fourth or largest."""
    counted: Mapping[str, Counted]
    """Its statement in either language, with the places of the figures in it."""
    owners: RuleOwners
    """Whose it is."""


def questions_of(rule: Rule) -> list[str]:
    """All questions that a rule is known to answer; their numbers are places in this list."""
    polar = [*(one.en for one in rule.polar), *(one.zh for one in rule.polar)]
    return [*rule.asks_en, *rule.asks_zh, *polar]


def place_of_polars(rule: Rule) -> int:
    """The place of the first yes/no question among `questions_of` a rule: the English ones, then the Chinese."""
    return len(rule.asks_en) + len(rule.asks_zh)


def stated_in(rule: Rule) -> str:
    """All that a rule states, in either language."""
    return "\n".join([*rule.title.values(), *rule.statement.values(), rule.instrument, rule.authority])


def read_terms(rule: Rule, glossary: Glossary) -> RuleTerms:
    """The words of a rule (10 ms)."""
    stated, questions = stated_in(rule), questions_of(rule)
    asks = [held_terms(question) for question in questions]
    units = [asked_units(question) for question in questions]
    spoken = held_terms(stated)
    every = spoken.union(*asks)
    groups, ask_groups = glossary.groups_in(stated), [glossary.groups_in(question) for question in questions]
    dated = f"{stated} {rule.published} {rule.in_force_from} {rule.in_force_to}"
    numbers = quantities(dated.replace("-", " "))
    statement = " ".join(rule.statement.values())
    return RuleTerms(
        stated=spoken,
        all=every,
        asks=_numbered(asks),
        ask_groups=_numbered(ask_groups),
        ask_units=_met_by(units),
        ask_sizes=tuple(map(len, units)),
        polar_groups=_named_by(questions, units, glossary, place_of_polars(rule)),
        kinds=tuple(read_asked(question) for question in questions),
        groups=groups,
        months=months_named(dated, date.max),
        numbers=numbers,
        figures=numbers | {term for term in every if term.isdigit()},
        all_groups=groups.union(*ask_groups),
        measures=held_measures(statement),
        names_year=any(len(one) == 4 and one.startswith(("19", "20")) for one in numbers),
        names_person=_PERSON.search(statement) is not None,
        names=names_given(rule.statement["en"]) - names_given(f"On {rule.title['en']}"),
        ranks=ranks_in("\n".join([stated, *questions])),
        counted={"en": read_counted(rule.statement["en"]), "zh": read_counted(rule.statement["zh-Hans"])},
        owners=owners_of(rule),
    )


def shared(terms: RuleTerms) -> RuleTerms:
    """The same, its terms and numbers the very objects that other rules have: they are much the same everywhere, and
    would take half as much memory again."""
    return replace(
        terms,
        stated=frozenset(map(sys.intern, terms.stated)),
        all=frozenset(map(sys.intern, terms.all)),
        asks={sys.intern(term): _same(numbers) for term, numbers in terms.asks.items()},
        ask_units={sys.intern(term): _same(places) for term, places in terms.ask_units.items()},
        polar_groups={group: _same(places) for group, places in terms.polar_groups.items()},
        kinds=tuple(map(_same, terms.kinds)),
    )


@lru_cache(maxsize=1 << 16)
def _same(value: _K) -> _K:
    """The first of all equal ones."""
    return value


def _numbered(held: Iterable[Iterable[_K]]) -> dict[_K, tuple[int, ...]]:
    """For each thing the numbers of those that have it."""
    found: dict[_K, list[int]] = {}
    for number, things in enumerate(held):
        for thing in things:
            found.setdefault(thing, []).append(number)
    return {thing: tuple(numbers) for thing, numbers in found.items()}


def _met_by(questions: Sequence[Mapping[str, frozenset[str]]]) -> dict[str, tuple[int, ...]]:
    """For each term what it meets: see `RuleTerms.ask_units`."""
    found: dict[str, list[int]] = {}
    for number, units in enumerate(questions):
        for place, met in enumerate(units.values()):
            for term in met:
                found.setdefault(term, []).append(number * UNITS + place)
    return {term: tuple(places) for term, places in found.items()}


def _named_by(
    questions: Sequence[str], units: Sequence[Mapping[str, frozenset[str]]], glossary: Glossary, first: int
) -> dict[int, tuple[int, ...]]:
    """For each group the units, of the questions from the `first` on, that help to name it."""
    found: dict[int, list[int]] = {}
    for number in range(first, len(questions)):
        place_of = {unit: place for place, unit in enumerate(units[number])}
        for named in glossary.named_in(questions[number]):
            places = (place_of[unit] for unit in asked_units(named.text) if unit in place_of)
            found.setdefault(named.group, []).extend(number * UNITS + place for place in places)
    return {group: tuple(places) for group, places in found.items()}
