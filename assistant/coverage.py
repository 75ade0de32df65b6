"""How much of a question a rule's words meet, and its questions' words one by one. Pure.

A question is held against some thirty rules with a score of questions each. So its units are bits, in their order:
which of them a term meets is worked out once, and what a rule meets is a number.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from assistant.content import is_name_like
from assistant.rule_terms import UNITS, RuleTerms
from assistant.texts_read import NONE


@dataclass(frozen=True, slots=True)
class Bits:
    """A question's units, a bit each."""

    terms: Mapping[str, int]
    """The units that a term meets."""
    groups: Mapping[int, int]
    """The units that a group of the glossary meets."""
    every: int
    name_like: int
    proper: int
    weigh: Callable[[int], float]
    """The weight of some of them; remembered, as rules meet much the same."""
    heaviest: Callable[[int], float]
    """The weight of the heaviest of some."""


def bits_of(
    units: Mapping[str, frozenset[str]],
    groups: Mapping[str, frozenset[int]],
    weights: Mapping[str, float],
    proper: Collection[str],
) -> Bits:
    """The units of a question as bits: what meets each, how telling each is, and which are names (`Measured`)."""
    by_term: dict[str, int] = {}
    by_group: dict[int, int] = {}
    for place, (unit, met) in enumerate(units.items()):
        for term in {unit, *met}:
            by_term[term] = by_term.get(term, 0) | (1 << place if term in met else 0)
        for group in groups.get(unit, NONE):
            by_group[group] = by_group.get(group, 0) | 1 << place
    weighed = [weights[unit] for unit in units]
    return Bits(
        by_term,
        by_group,
        every=(1 << len(units)) - 1,
        name_like=sum(1 << place for place, unit in enumerate(units) if is_name_like(unit)),
        proper=sum(1 << place for place, unit in enumerate(units) if unit in proper),
        weigh=cache(lambda chosen: sum(_chosen(weighed, chosen))),
        heaviest=cache(lambda chosen: max(_chosen(weighed, chosen), default=0.0)),
    )


def _chosen(weights: Sequence[float], units: int) -> Iterator[float]:
    return (weight for place, weight in enumerate(weights) if units >> place & 1)


def coverage(bits: Bits, terms: RuleTerms, without_asks: Collection[int]) -> list[float]:
    """The share of the question that the rule meets, and its statement; the same of its likest question and back; of
    the units that it does not meet the heaviest, their weight, and how many are names, plainly written so or not.

    `without_asks` are numbers of its questions to leave out.
    """
    total = bits.weigh(bits.every) or 1.0
    asks = met_by_asks(bits, terms)
    kept = [n for n in range(len(asks)) if n not in without_asks]
    stated = _met_by_statement(bits, terms)
    met = stated
    for n in kept:
        met |= asks[n]
    missing = bits.every & ~met
    missing_weight = bits.weigh(missing)
    return [
        1.0 - missing_weight / total,
        bits.weigh(stated) / total,
        *_best_ask(bits, terms, kept, asks, total),
        bits.heaviest(missing),
        missing_weight,
        float((missing & bits.name_like).bit_count()),
        float((missing & bits.proper).bit_count()),
    ]


def met_by_asks(bits: Bits, terms: RuleTerms) -> list[int]:
    """For each question of the rule the units that it meets."""
    found = [0] * len(terms.ask_sizes)
    for term, units in bits.terms.items():
        for ask in terms.asks.get(term, ()):
            found[ask] |= units
    for group, units in bits.groups.items():
        for ask in terms.ask_groups.get(group, ()):
            found[ask] |= units
    return found


def _met_by_statement(bits: Bits, terms: RuleTerms) -> int:
    found = 0
    for term in terms.stated.intersection(bits.terms):
        found |= bits.terms[term]
    for group in terms.groups.intersection(bits.groups):
        found |= bits.groups[group]
    return found


def _best_ask(
    bits: Bits, terms: RuleTerms, kept: Iterable[int], asks: Sequence[int], total: float
) -> tuple[float, float]:
    """The rule's question that is most like the one asked: how much of that it covers, and is covered by it.

    `asks` are the units that each meets, `kept` the numbers of those that count.
    """
    meets = [0] * len(asks)
    for term in bits.terms:
        for unit in terms.ask_units.get(term, ()):
            meets[unit // UNITS] |= 1 << unit % UNITS
    best_covered, best_covers = 0.0, 0.0
    for ask in kept:
        if asks[ask] or meets[ask]:
            share = bits.weigh(asks[ask]) / total
            back = meets[ask].bit_count() / (terms.ask_sizes[ask] or 1)
            if share + back > best_covered + best_covers:
                best_covered, best_covers = share, back
    return best_covered, best_covers
