"""Slips of a Chinese keyboard put right: characters that sound like those of a term of the field, and pinyin. Pure.

People type by sound, so that 牌照 becomes 排照 and 证监会 证件会. A run of characters that no record has is read as the
glossary's term of the same sound. A term of two characters needs another term of the field beside it, because so
short a run is easily a word of its own; names of persons, firms and coins are left alone, because a name that sounds
alike is another name.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from functools import cached_property, lru_cache

from knowledge.words import HAN, has_han, to_simplified

_NAME = re.compile(r"[A-Z][A-Za-z]+(?: [A-Z][A-Za-z-]+){0,2}$")
_ALIKE = re.compile("[zcs]h|ng")
"""Sounds that many speakers do not tell apart."""
_LATIN = re.compile(r"(?<![A-Za-z])[a-z]{6,24}(?![A-Za-z])")
_CHINESE = re.compile(f"(?:{HAN.pattern})+")
_MOST = 8
_SPELLED = 3
"""Length from which a term typed in Latin letters is read."""


class Homophones:
    """The Chinese terms of a glossary, found by their sound; `known` holds the pairs of characters of all records."""

    def __init__(self, groups: Iterable[Sequence[str]], known: Container[str]) -> None:
        self._known = known
        self._terms: set[str] = set()
        for group in groups:
            if not _NAME.match(group[0]):
                plain = (to_simplified(term) for term in group)
                self._terms |= {term for term in plain if len(term) > 1 and all(map(has_han, term))}
        self._sizes = sorted({len(term) for term in self._terms if len(term) <= _MOST}, reverse=True)
        self._written = {(len(term), place, one) for term in self._terms for place, one in enumerate(term)}
        """The characters of the terms, by the length of the term and the place in it."""

    @cached_property
    def _by_sound(self) -> dict[tuple[str, ...], str]:
        """The first of the terms that sound so."""
        found: dict[tuple[str, ...], str] = {}
        for term in sorted(self._terms):
            found.setdefault(_sounds(term), term)
        return found

    @cached_property
    def _spelled(self) -> dict[str, str]:
        """Terms by their pinyin, run together."""
        return {"".join(_readings(term)): term for term in sorted(self._terms) if len(term) >= _SPELLED}

    def read_sounds(self) -> None:
        """Read now what the first slip would wait for."""
        self._by_sound, self._spelled  # noqa: B018 - kept once read

    def corrected(self, text: str) -> str:
        """The text with such runs replaced, in Simplified characters; as it is where there are none."""
        if not has_han(text):
            return text
        spelled = _LATIN.sub(lambda match: self._spelled.get(match.group(), match.group()), text)
        plain = to_simplified(spelled)
        if len(plain) != len(spelled):
            return spelled
        pieces: list[str] = []
        place = 0
        while place < len(plain):
            size, term = self._at(plain, place)
            pieces.append(term or spelled[place : place + size])
            place += size
        return "".join(pieces)

    def _at(self, text: str, place: int) -> tuple[int, str]:
        """How many characters are read at a place, and the term that they are a slip of; empty where of none."""
        runs = [text[place : place + size] for size in self._sizes if place + size <= len(text)]
        for run in runs:
            if run in self._terms:
                return len(run), ""
            term = self._meant(run) if _CHINESE.fullmatch(run) else ""
            if term and (len(run) > 2 or self._has_another(text, place)):
                return len(run), term
        return 1, ""

    def _meant(self, run: str) -> str:
        if not self._may_be_term(run) or all(run[n : n + 2] in self._known for n in range(len(run) - 1)):
            return ""
        term = self._by_sound.get(_sounds(run), "")
        differing = sum(one != other for one, other in zip(run, term, strict=False))
        return term if differing <= _most_differing(run) else ""

    def _may_be_term(self, run: str) -> bool:
        """Whether so many of its characters stand where terms of its length have them: readings take far longer."""
        alike = sum((len(run), place, one) in self._written for place, one in enumerate(run))
        return alike >= len(run) - _most_differing(run)

    def _has_another(self, text: str, place: int) -> bool:
        rest = f"{text[:place]} {text[place + 2 :]}"
        return any(rest[n : n + size] in self._terms for n in range(len(rest)) for size in self._sizes)


def _most_differing(run: str) -> int:
    """How many characters of a term a slip may exchange."""
    return max(1, len(run) // 2)


@lru_cache(maxsize=8192)
def _sounds(run: str) -> tuple[str, ...]:
    """The readings of the characters without tones, with those made one that sound alike to many."""
    return tuple(_ALIKE.sub(lambda match: match.group()[0], reading) for reading in _readings(run))


def _readings(run: str) -> list[str]:
    """The readings of the characters without tones."""
    from pypinyin import lazy_pinyin  # here, because its dictionaries take a quarter of a second to load

    return lazy_pinyin(run)
