"""Slips of the keyboard put right, by the words that the records use. Pure.

Only a word that no record has and that is one edit away (a letter too many, too few, wrong, or two exchanged) from
words that they do have is read as the commonest of these. Short words and names in capitals are left alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

_WORD = re.compile(r"(?<![\w-])[A-Za-z]{5,24}(?![\w-])")


class Spelling:
    """The words of the records, found again through a slip."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._counts = Counter(word.lower() for text in texts for word in re.findall(r"[A-Za-z]{4,24}", text))
        self._near: dict[str, list[str]] = {}
        for word in self._counts:
            for cut in _cuts(word):
                self._near.setdefault(cut, []).append(word)

    def corrected(self, text: str) -> str:
        """The text with its slips put right."""
        return _WORD.sub(lambda match: self._correct(match.group()), text)

    def _correct(self, word: str) -> str:
        plain = word.lower()
        if word.isupper() or plain in self._counts or plain.rstrip("s") in self._counts:
            return word
        near = {one for cut in _cuts(plain) for one in self._near.get(cut, ()) if _one_edit(plain, one)}
        return max(near, key=lambda one: (self._counts[one], one)) if near else word


def _cuts(word: str) -> Iterator[str]:
    """The word, and the word with any one letter left out."""
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


def _one_edit(word: str, other: str) -> bool:
    """Whether one insertion, deletion, exchange of a letter or of two neighbours makes one the other."""
    if abs(len(word) - len(other)) > 1 or word[0] != other[0]:
        return False
    place = next((n for n, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other)))
    rest, other_rest = word[place:], other[place:]
    if len(word) == len(other):
        swapped = rest[1:2] + rest[:1] + rest[2:]
        return rest[1:] == other_rest[1:] or swapped == other_rest
    return rest[1:] == other_rest or rest == other_rest[1:]
