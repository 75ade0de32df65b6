"""Terms that mean the same, found in a text. Pure.

The corpus carries groups of equivalents (`glossary.yaml`): 穩定幣, 稳定币 and stablecoin are one group. A text names a
group where one of its terms stands in it, English terms as whole words; the longest term at a place is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from knowledge.words import HAN, fold, has_han, terms

_WORDS = re.compile(r"[a-z0-9][a-z0-9.&'+-]*")
_RUN = re.compile(f"(?:{HAN.pattern})+")


@dataclass(frozen=True, slots=True)
class Named:
    """A term of a group as it stands in a folded text."""

    group: int
    text: str


@dataclass(frozen=True, slots=True)
class Equivalent:
    """A term of a group: folded, the language it is in, and the search terms that it is cut into."""

    text: str
    language: str
    terms: tuple[str, ...]


class Glossary:
    """Groups of equivalents, ready to be looked up."""

    def __init__(self, groups: Sequence[Sequence[str]]) -> None:
        self.groups = tuple(tuple(group) for group in groups)
        self._english: dict[tuple[str, ...], set[int]] = {}
        self._chinese: dict[str, set[int]] = {}
        for number, group in enumerate(self.groups):
            for term in group:
                plain = fold(term)
                if HAN.search(plain):
                    self._chinese.setdefault(plain, set()).add(number)
                else:
                    self._english.setdefault(_words(plain), set()).add(number)
        self._sizes_english = _sizes(self._english)
        self._sizes_chinese = _sizes(self._chinese)

    @cached_property
    def equivalents(self) -> tuple[tuple[Equivalent, ...], ...]:
        """The terms of each group as a search looks for them."""
        return tuple(
            tuple(Equivalent(fold(term), "zh" if has_han(term) else "en", tuple(terms(term))) for term in group)
            for group in self.groups
        )

    def named_in(self, text: str) -> list[Named]:
        """The groups that a text names, each with the words that name it, the longest at each place."""
        folded = fold(text)
        words = _WORDS.findall(folded)
        found: list[Named] = []
        end = 0
        for place, at in self._english_in(words):
            if place >= end:
                size = max(at)
                end = place + size
                found += [Named(group, " ".join(words[place:end])) for group in sorted(at[size])]
        end = 0
        for place, runs in self._chinese_in(folded):
            if place >= end:
                size = max(runs)
                end = place + size
                found += [Named(group, folded[place:end]) for group in sorted(runs[size])]
        return found

    def groups_in(self, text: str) -> frozenset[int]:
        """All groups that a text names, also by a term within a longer one."""
        folded = fold(text)
        at = chain(self._english_in(_WORDS.findall(folded)), self._chinese_in(folded))
        return frozenset(group for _, one in at for groups in one.values() for group in groups)

    def _english_in(self, words: Sequence[str]) -> Iterator[tuple[int, dict[int, set[int]]]]:
        """The places at which words name groups, with these by the number of words that name them."""
        for place, word in enumerate(words):
            sizes = self._sizes_english.get(word) or self._sizes_english.get(_singular(word))
            found = self._english_at(words, place, sizes) if sizes else None
            if found:
                yield place, found

    def _chinese_in(self, folded: str) -> Iterator[tuple[int, dict[int, set[int]]]]:
        """The places at which characters name groups, with these by the number of characters that name them."""
        held = self._chinese
        for place, first in enumerate(folded):
            sizes = self._sizes_chinese.get(first)
            if sizes is not None:
                found = {size: held[run] for size in sizes if (run := folded[place : place + size]) in held}
                if found:
                    yield place, found

    def _english_at(self, words: Sequence[str], place: int, sizes: Iterable[int]) -> dict[int, set[int]]:
        """Groups named from a word on, by the number of words that name them."""
        found: dict[int, set[int]] = {}
        for size in sizes:
            run = tuple(words[place : place + size])
            groups = self._english.get(run) or self._english.get((*run[:-1], _singular(run[-1])))
            if groups and len(run) == size:
                found[size] = groups
        return found


def _sizes(terms: Iterable[Sequence[str]]) -> dict[str, tuple[int, ...]]:
    """The lengths of the terms by what they begin with."""
    sizes: dict[str, set[int]] = {}
    for term in terms:
        sizes.setdefault(term[0], set()).add(len(term))
    return {first: tuple(sorted(held)) for first, held in sizes.items()}


def _words(plain: str) -> tuple[str, ...]:
    return tuple(_WORDS.findall(plain))


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and len(word) > 3 else word
