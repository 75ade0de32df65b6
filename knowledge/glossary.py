"""Terms that mean the same, found in a text. Pure.

The corpus carries groups of equivalents (`glossary.yaml`): 穩定幣, 稳定币 and stablecoin are one group. A text names a
group where one of its terms stands in it, English terms as whole words; the longest term at a place is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

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
        found: list[Named] = []
        words = _WORDS.findall(folded)
        place = 0
        while place < len(words):
            at = self._english_at(words, place)
            size = max(at, default=0)
            found += [Named(group, " ".join(words[place : place + size])) for group in sorted(at.get(size, ()))]
            place += size or 1
        place = 0
        while place < len(folded):
            runs = self._chinese_at(folded, place)
            size = max(runs, default=0)
            found += [Named(group, folded[place : place + size]) for group in sorted(runs.get(size, ()))]
            place += size or 1
        return found

    def groups_in(self, text: str) -> frozenset[int]:
        """All groups that a text names, also by a term within a longer one."""
        folded = fold(text)
        words = _WORDS.findall(folded)
        at = [self._english_at(words, place) for place in range(len(words))]
        at += [self._chinese_at(folded, place) for place, first in enumerate(folded) if first in self._sizes_chinese]
        return frozenset(group for one in at for groups in one.values() for group in groups)

    def _english_at(self, words: Sequence[str], place: int) -> dict[int, set[int]]:
        """Groups named from a word on, by the number of words that name them."""
        found: dict[int, set[int]] = {}
        for size in self._sizes_english.get(words[place], self._sizes_english.get(_singular(words[place]), ())):
            run = tuple(words[place : place + size])
            groups = self._english.get(run) or self._english.get((*run[:-1], _singular(run[-1])))
            if groups and len(run) == size:
                found[size] = groups
        return found

    def _chinese_at(self, folded: str, place: int) -> dict[int, set[int]]:
        sizes = self._sizes_chinese.get(folded[place], ())
        runs = ((size, self._chinese.get(folded[place : place + size])) for size in sizes)
        return {size: groups for size, groups in runs if groups}


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
