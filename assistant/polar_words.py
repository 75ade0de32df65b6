"""How far a question and the yes/no questions that rules carry share their words, either way. Pure.

A question is compared with a hundred of them. None is read for it: what each has stands already among the words of its
rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from assistant.coverage import Bits, bits_of, met_by_asks
from assistant.rule_terms import UNITS, RuleTerms, place_of_polars
from assistant.texts_read import Held, TextsRead
from knowledge.rule import Polar, Rule
from knowledge.words import has_han

_QUESTIONS, _SHARES = 32, 1_024


class Shared(NamedTuple):
    """The weighed share of the question's units that the other has, and of the other's that the question has."""

    asked: float
    held: float


@dataclass(frozen=True, slots=True)
class NearPolar:
    """A yes/no question, the `number`-th of the rule at `place`, with its cosine to the question asked."""

    polar: Polar
    cosine: float
    place: int
    number: int


class PolarWords:
    """Reads with the words, the texts and the weights of one library version. Safe to share between threads."""

    def __init__(self, rules: Sequence[Rule], terms_of: Callable[[int], RuleTerms], texts: TextsRead) -> None:
        self._rules = rules
        self._terms_of = terms_of
        self._texts = texts
        self._read = lru_cache(maxsize=_QUESTIONS)(self._read_question)
        self._shares = lru_cache(maxsize=_SHARES)(self._shares_of)
        self._weights: dict[int, Mapping[int, float]] = {}

    def shared(self, question: str, other: NearPolar) -> Shared:
        """What they share; the other is weighed as it is written in the question's language."""
        return self._shares(question, other.place)[other.number]

    def _read_question(self, question: str) -> tuple[Bits, Held]:
        read = self._texts.weighed(question)
        return bits_of(read.units, read.groups, read.weights, ()), self._texts.held(question)

    def _shares_of(self, question: str, place: int) -> list[Shared]:
        """For each yes/no question of a rule."""
        (bits, held), terms, rule = self._read(question), self._terms_of(place), self._rules[place]
        total = bits.weigh(bits.every) or 1.0
        asked, weights = met_by_asks(bits, terms), self._weights_of(place)
        english, count = place_of_polars(rule), len(rule.polar)
        chinese = english + count
        met, whole = [0.0] * len(asked), [0.0] * len(asked)
        for at, weight in weights.items():
            whole[at // UNITS] += weight
        for at in _met(held, terms):
            met[at // UNITS] += weights.get(at, 0.0)
        own = chinese if has_han(question) else english
        return [
            Shared(
                bits.weigh(asked[english + number] | asked[chinese + number]) / total,
                met[own + number] / (whole[own + number] or 1.0),
            )
            for number in range(count)
        ]

    def _weights_of(self, place: int) -> Mapping[int, float]:
        """How telling each unit of a rule's yes/no questions is, figures left out, by what `RuleTerms.ask_units` calls
        it."""
        held = self._weights.get(place)
        if held is None:
            begin, met = place_of_polars(self._rules[place]) * UNITS, dict[int, list[str]]()
            for term, units in self._terms_of(place).ask_units.items():
                for at in units if not term.isdigit() else ():
                    if at >= begin:
                        met.setdefault(at, []).append(term)
            held = self._weights[place] = {at: self._texts.weight(terms) for at, terms in met.items()}
        return held


def _met(held: Held, terms: RuleTerms) -> set[int]:
    """The units of a rule's questions that a text meets by its words, and those of its yes/no questions by groups."""
    found: set[int] = set()
    for term in held.terms:
        found.update(terms.ask_units.get(term, ()))
    for group in held.groups:
        found.update(terms.polar_groups.get(group, ()))
    return found
