"""Slips of the keyboard in English put right, by the words that the records use. Pure.

Only a word that no record has, nor any question begins with, is looked at: it may be two words run together, or a
word with a letter too many, too few, wrong, or two exchanged; a long word with two of these. A short one is read only
as one of the words that questions are made of. A name is never made another name: where the nearest word is one that
the records only write with a capital, letters may be missing, doubled or exchanged, but none may be different
(`Solano` is not Solana), and a word that the asker wrote as a name becomes nothing but a name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from itertools import combinations, pairwise

from assistant.content import stem

_WORD = re.compile(r"(?<![\w'-])[A-Za-z]{2,24}(?![\w'-])")
_PAIR = re.compile(r"(?<![\w-])([A-Za-z]{3,12}) ([A-Za-z]{3,12})(?![\w-])")
_HELD = re.compile(r"[A-Za-z]{2,24}")
_PLAIN = re.findall(
    r"\w+",
    "what when who which where why how the a an and is are was were do does did can could may must will would"
    " should has have had for from of in on at to by with without under over about into as than then so or but not"
    " no nor if whom whose whether this that these those it its they them their there here we our you your my be"
    " been being done having might shall within many much long any some each every all both either only just also"
    " still yet now before after while during since until need needs want know tell give get got say says said"
    " first second third last latest new old more most other between against out off up down through because"
    " please thanks hello rule rules law",
)
_PLACE = {word: place for place, word in enumerate(_PLAIN)}
"""The words that questions are made of, those that ask first."""
_SHORT, _LONG = 5, 8
_ALONE = frozenset({"a", "i"})
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SOUNDS = ("aeiouy", "cszk", "mn", "gj", "fv")
"""Letters that people take for one another by their sound."""
_MISTAKEN = {
    frozenset(pair)
    for pair in [
        *(pair for row in _KEYS for pair in pairwise(row)),
        *(
            pair
            for upper, lower in pairwise(_KEYS)
            for shift in (0, 1)
            for pair in zip(upper[shift:], lower, strict=False)
        ),
        *(pair for sounds in _SOUNDS for pair in combinations(sounds, 2)),
    ]
}
"""Pairs of letters of which one is typed for the other: neighbours on the keyboard, or alike in sound."""


class Spelling:
    """The words of the records, found again through a slip."""

    def __init__(self, texts: Iterable[str]) -> None:
        held = [word for text in texts for word in _HELD.findall(text)]
        self._counts = Counter(map(str.lower, held))
        self._names = self._counts.keys() - {word for word in set(held) if word.islower()}
        self._stems = {stem(word) for word in self._counts}
        self._by_first: dict[str, list[tuple[str, int]]] = {}
        for word in self._counts.keys() | _PLACE.keys():
            self._by_first.setdefault(word[0], []).append((word, _letters(word)))
        self._nearest = lru_cache(maxsize=4096)(self._find_nearest)

    def corrected(self, text: str) -> str:
        """The text with its slips put right."""
        joined = _PAIR.sub(self._join, text)
        opening = _WORD.search(joined)
        begin = opening.start() if opening else 0
        return _WORD.sub(lambda match: self._correct(match.group(), match.start() > begin), joined)

    def _known(self, word: str) -> bool:
        return word in self._counts or word in _PLACE or stem(word) in self._stems

    def _join(self, match: re.Match[str]) -> str:
        """One word of the records that was typed as two, one of which no record has."""
        first, second = match.group(1).lower(), match.group(2).lower()
        together = first + second
        apart = self._known(first) and self._known(second)
        return together if self._counts[together] and not apart else match.group()

    def _correct(self, word: str, within: bool) -> str:
        plain = word.lower()
        if word.isupper() or self._known(plain):
            return word
        named = within and not word.islower()
        if not named and len(plain) >= _SHORT:
            parts = self._parts(plain)
            if parts:
                return parts
        return self._nearest(plain, named) or word

    def _parts(self, word: str) -> str:
        """Two known words that were run together; empty where it is not."""
        found = [(word[:place], word[place:]) for place in range(1, len(word) - 1)]
        both = [
            pair for pair in found
            if all(part in _PLACE or (len(part) > 3 and self._counts[part] > 1) for part in pair)
            and (len(pair[0]) > 1 or pair[0] in _ALONE)
        ]  # fmt: skip
        return " ".join(max(both, key=lambda pair: min(map(len, pair)))) if both else ""

    def _find_nearest(self, word: str, named: bool) -> str:
        short = len(word) < _SHORT
        most = 2 if len(word) >= _LONG else 1
        rank = (most + 1, 0, 0, "")
        letters = _letters(word)
        for other, its in self._by_first.get(word[0], ()):
            if abs(len(other) - len(word)) > most or (short and other not in _PLACE):
                continue
            if (letters ^ its).bit_count() > 2 * most:  # a slip changes no more than two letters of the alphabet
                continue
            name = other in self._names and other not in _PLACE
            if (named and not name) or len(other) < 3:
                continue
            edits = _edits(word, other, most)
            if edits is None or (edits[1] and (name or short or edits[0] > 1)):
                continue
            if edits[0] > 1 and word[-1] != other[-1]:
                continue
            mine = (edits[0], _PLACE.get(other, len(_PLACE)), -self._counts[other], other)
            if mine < rank:
                rank = mine
        return rank[-1]


def _letters(word: str) -> int:
    """The letters that a word has, a bit each."""
    return sum(1 << ord(letter) - ord("a") for letter in set(word))


def _edits(word: str, other: str, most: int) -> tuple[int, bool] | None:
    """How many slips make one word of the other, and whether a letter of them differs; None where more than `most`."""
    before: list[tuple[int, bool]] = []
    row = [(n, False) for n in range(len(other) + 1)]
    for i, letter in enumerate(word, 1):
        new = [(i, False)]
        for j, its in enumerate(other, 1):
            if letter == its:
                least = row[j - 1]
            else:
                least = min(_one(row[j]), _one(new[j - 1]))
                if frozenset((letter, its)) in _MISTAKEN:
                    least = min(least, (row[j - 1][0] + 1, True))
            if i > 1 and j > 1 and letter == other[j - 2] and word[i - 2] == its and letter != its:
                least = min(least, _one(before[j - 2]))
            new.append(least)
        if min(new)[0] > most:
            return None
        before, row = row, new
    return row[-1] if row[-1][0] <= most else None


def _one(cost: tuple[int, bool]) -> tuple[int, bool]:
    return cost[0] + 1, cost[1]
