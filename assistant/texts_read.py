"""Texts as they are held against each other, read once and remembered for a while.

A question is read again for every rule that may rule on it and for every reading of a comparison, and what it is held
against are the same few thousand sentences whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from assistant.content import asked_units, held_terms
from knowledge.glossary import Glossary

_REMEMBERED = 4_096
_TERMS_REMEMBERED = 16_384
NONE: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a text is about: its units in their order, each with the terms that meet it, the groups of the glossary
    that do, and how telling it is."""

    units: Mapping[str, frozenset[str]]
    groups: Mapping[str, frozenset[int]]
    weights: Mapping[str, float]

    def share_met(self, held: Held) -> float:
        """The weighted share of its units that another text meets, 0 to 1."""
        met = sum(self.weights[unit] for unit in self.units if self.meets(unit, held))
        return met / (sum(self.weights.values()) or 1.0)

    def meets(self, unit: str, held: Held) -> bool:
        """Whether another text meets a unit, by its words or by an equivalent of the glossary."""
        return not (self.units[unit].isdisjoint(held.terms) and self.groups.get(unit, NONE).isdisjoint(held.groups))


@dataclass(frozen=True, slots=True)
class Held:
    """What a text has: its terms, and the groups of the glossary that it names."""

    terms: frozenset[str]
    groups: frozenset[int]


class TextsRead:
    """Reads texts with the glossary and the weights of one library version. Safe to share between threads."""

    def __init__(self, glossary: Glossary, weight: Callable[[Iterable[str]], float]) -> None:
        self._glossary = glossary
        self.weight = weight
        self.weighed = lru_cache(maxsize=_REMEMBERED)(self._weighed)
        self.held = lru_cache(maxsize=_REMEMBERED)(self._held)

    def _weighed(self, text: str) -> Weighed:
        units = {unit: met for unit, met in asked_units(text).items() if not unit.isdigit()}
        groups: dict[str, frozenset[int]] = {}
        for named in self._glossary.named_in(text):
            for unit in _units_of_term(named.text):
                groups[unit] = groups.get(unit, NONE) | {named.group}
        return Weighed(units, groups, {unit: self.weight(met) for unit, met in units.items()})

    def _held(self, text: str) -> Held:
        return Held(held_terms(text), self._glossary.groups_in(text))


@lru_cache(maxsize=_TERMS_REMEMBERED)
def _units_of_term(text: str) -> tuple[str, ...]:
    return tuple(asked_units(text))
