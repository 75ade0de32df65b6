"""What speaks for and against a rule as the answer to a question, as numbers. Pure.

Likeness alone does not tell whether a rule *answers* a question: a question on another firm, token, year or
attribute looks just like one that is held. So beside the cosines stand the words of the question that the rule does
not have, its names and figures above all, and whether what is asked for (an amount, a date, a person) is there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from assistant.asked_date import months_named
from assistant.asked_for import asked_measures, head_of, names_in
from assistant.asked_kind import Asked, read_asked
from assistant.asked_names import asks_for_names, ranks_in
from assistant.content import asked_units
from assistant.coverage import bits_of, coverage
from assistant.figure_near import figure_distance
from assistant.rule_index import Cosines, RuleIndex
from assistant.rule_terms import RuleTerms
from assistant.texts_read import NONE
from knowledge.quantities import quantities
from knowledge.words import has_han

FEATURES = (
    "ask_own", "ask_other", "stated_own", "stated_other", "ask_z", "ask_lead", "stated_lead",
    "covered", "covered_stated", "best_ask_covered", "best_ask_covers", "missing_rarest", "missing_weight",
    "missing_names", "missing_proper", "unknown", "missing_numbers", "missing_months", "missing_head",
    "missing_measure", "date_missing", "who_missing", "kind_match", "names_missing", "figure_far", "rank_missing",
    "follow", "units", "chinese", "polar",
)  # fmt: skip
LIKENESS = FEATURES.index("covered")
"""How many features are cosines; they stand first."""
_KEPT = 0.4
"""Weight of the words that a follow-up keeps from the question before."""
_NOT_SPECIFIC = frozenset({Asked.YES_NO, Asked.DEFINITION, Asked.CLAIM})
_FLOOR = 0.6
"""A cosine that stands for "nothing like it": e5's lie between 0.7 and 1."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A question as measured: its units with their weights, its numbers, its kinds."""

    units: Mapping[str, frozenset[str]]
    weights: Mapping[str, float]
    months: frozenset[tuple[int, int]]
    """Dates named that do not limit the search."""
    proper: frozenset[str]
    """Units that the asker wrote as names: with capitals or figures in them, or Latin within Chinese."""
    unknown: frozenset[str]
    """Units that no record has."""
    head: frozenset[str]
    """Units of what is asked for: `fee` in "what fee does it charge"."""
    measures: frozenset[str]
    """Kinds of figure that would answer."""
    groups: Mapping[str, frozenset[int]]
    """Groups of the glossary that a unit helps to name: a record that names the group meets the unit."""
    numbers: frozenset[str]
    asked: frozenset[Asked]
    chinese: bool
    names: frozenset[str]
    """Names that the asker gives."""
    asks_names: bool
    ranks: frozenset[str]
    """First, fourth, largest."""
    follows: bool
    """Whether it was joined to the question before it."""


def read_question(index: RuleIndex, text: str, phrase: str = "", focus: str = "") -> Measured:
    """The question's units weighed by how telling they are.

    `phrase` is a date that only limits the search. Where a fragment was joined to the question before it, `focus` is
    the fragment: what it keeps from before weighs less.
    """
    bare = text.replace(phrase, " ") if phrase else text
    read, names = index.texts.weighed(bare), names_in(bare)
    units, weights = read.units, read.weights
    if focus:
        new = asked_units(focus)
        weights = {unit: weight if unit in new else weight * _KEPT for unit, weight in weights.items()}
    return Measured(
        units=units,
        weights=weights,
        proper=names & frozenset(units),
        unknown=frozenset(unit for unit, met in units.items() if not index.knows(met)),
        head=head_of(focus or bare) & frozenset(units),
        measures=asked_measures(focus or bare),
        groups=read.groups,
        numbers=quantities(focus or bare),
        months=months_named(focus or bare, date.max),
        asked=read_asked(focus or text),
        chinese=has_han(text),
        names=names,
        asks_names=asks_for_names(focus or bare),
        ranks=ranks_in(bare),
        follows=bool(focus),
    )


def covers(index: RuleIndex, text: str, other: str) -> float:
    """The weighted share of a text's units that another text meets, 0 to 1."""
    return index.texts.weighed(text).share_met(index.texts.held(other))


def measure(
    index: RuleIndex,
    question: Measured,
    cosines: Cosines,
    candidates: Sequence[int],
    in_scope: NDArray[np.bool_],
    without_asks: Collection[int] = (),
) -> NDArray[np.float64]:
    """Features of every candidate rule, shape (len(candidates), len(FEATURES)).

    `without_asks` are numbers of questions of the (single) candidate's rule to leave out, for training.
    """
    likeness = _likeness(question, cosines, in_scope)
    bits = bits_of(question.units, question.groups, question.weights, question.proper)
    ending = [
        float(question.follows),
        math.log1p(len(question.units)),
        float(question.chinese),
        float(Asked.YES_NO in question.asked),
    ]
    rows = []
    for candidate in candidates:
        terms = index.terms_of(candidate)
        rows.append(
            [
                *likeness(candidate),
                *coverage(bits, terms, without_asks),
                *_unheld(question, terms),
                *_presence(question, terms, without_asks),
                *ending,
            ]
        )
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(FEATURES))


def _likeness(question: Measured, cosines: Cosines, in_scope: NDArray[np.bool_]) -> Callable[[int], list[float]]:
    """For a candidate what its cosines say, alone and beside those of all others."""
    own, other = ("zh", "en") if question.chinese else ("en", "zh")
    asked_others = _greatest_others(np.where(in_scope, cosines.asked[own], _FLOOR))
    stated_others = _greatest_others(np.where(in_scope, cosines.stated[own], _FLOOR))
    best = np.maximum(cosines.asked[own], cosines.stated[own])
    mean, spread = float(best.mean()), float(best.std()) or 1.0
    return lambda candidate: [
        float(cosines.asked[own][candidate]),
        float(cosines.asked[other][candidate]),
        float(cosines.stated[own][candidate]),
        float(cosines.stated[other][candidate]),
        (float(best[candidate]) - mean) / spread,
        float(cosines.asked[own][candidate]) - asked_others(candidate),
        float(cosines.stated[own][candidate]) - stated_others(candidate),
    ]


def _greatest_others(scores: NDArray[np.float32]) -> Callable[[int], float]:
    """For a place the greatest of all other scores."""
    first = int(scores.argmax())
    greatest = max(_FLOOR, float(scores[first]))
    second = float(max(scores[:first].max(initial=_FLOOR), scores[first + 1 :].max(initial=_FLOOR)))
    return lambda place: second if place == first else greatest


def met_units(question: Measured, held: frozenset[str], groups: frozenset[int]) -> set[str]:
    """The units that a record meets, by its words or by an equivalent of the glossary."""
    return {
        unit
        for unit, met in question.units.items()
        if not (met.isdisjoint(held) and question.groups.get(unit, NONE).isdisjoint(groups))
    }


def meets_all(question: Measured, units: frozenset[str], terms: RuleTerms) -> bool:
    """Whether a rule, by what it states or a question that it answers, meets all of some units of a question."""
    return units <= met_units(question, terms.all, terms.all_groups)


def _unheld(question: Measured, terms: RuleTerms) -> list[float]:
    """How much of what a question names is in no record, or not in this one: units, figures, months."""
    return [
        float(len(question.unknown)),
        float(len(question.numbers - terms.figures)),
        float(sum(1 for month in question.months if not _dated(month, terms.months))),
    ]


def _dated(month: tuple[int, int], held: frozenset[tuple[int, int]]) -> bool:
    """Whether a record names a date: the month itself, or for a year alone any month of it."""
    return month in held or (month[1] == 0 and any(year == month[0] for year, _ in held))


def _presence(question: Measured, terms: RuleTerms, without_asks: Collection[int]) -> list[float]:
    head = [question.weights[unit] for unit in question.head if not _unit_met(question, unit, terms)]
    figure = bool(question.measures) and not question.measures & terms.measures
    day = Asked.DATE in question.asked and not terms.names_year
    who = Asked.WHO in question.asked and not terms.names_person
    specific = question.asked - _NOT_SPECIFIC
    kinds = {kind for n, kind in enumerate(terms.kinds) if n not in without_asks} if without_asks else set(terms.kinds)
    match = max((len(specific & kind) / len(specific) for kind in kinds), default=0.0) if specific else 1.0
    return [
        max(head, default=0.0),
        float(figure),
        float(day),
        float(who),
        match,
        float(question.asks_names and not terms.names - {*question.names, *question.units}),
        _figure_far(question, terms),
        float(len(question.ranks - terms.ranks)),
    ]


def _figure_far(question: Measured, terms: RuleTerms) -> float:
    if Asked.AMOUNT not in question.asked or not question.head:
        return 0.0
    return figure_distance(question.head, terms.counted["zh" if question.chinese else "en"])


def _unit_met(question: Measured, unit: str, terms: RuleTerms) -> bool:
    return not (
        question.units[unit].isdisjoint(terms.all) and question.groups.get(unit, NONE).isdisjoint(terms.all_groups)
    )
