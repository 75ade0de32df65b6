"""Markers in a stream of text: resolved to `[n]`, or dropped, and never shown by halves. Pure.

A model writes `[1]`, `[1, 3]`, `[1-3]`, `[^1]`, `【1】` or `［１］`. All become `[1]`, `[1][3]` and so on; numbers that
no evidence has are dropped, and so is a marker that has none left. The scanner reads one character at a time, so how
the stream was cut cannot change what comes out. Characters that nobody sees (zero-width, direction, tags, controls)
are dropped before anything else is decided: they are there to deceive.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

_OPENERS = {"[": "]", "【": "】", "［": "］", "〔": "〕"}
_INSIDE = frozenset(" ^,，、;；-–—~～†")
_LONGEST = 40
"""A bracket that has not closed after so many characters is no marker."""
_NUMBERS = re.compile(r"(\d{1,3})(?:\s*[-–—~～]\s*(\d{1,3}))?")
_WIDEST = 12
"""A range that spans more numbers is not one of markers."""


class CitationScanner:
    """Reads a stream with `feed` and `flush`; what they return, joined, is the text with its markers resolved."""

    def __init__(self, known: Collection[int]) -> None:
        self._known = frozenset(known)
        self._held = ""

    def feed(self, text: str) -> str:
        """What can be shown after this piece."""
        return "".join(self._take(character) for character in text if is_shown(character))

    def flush(self) -> str:
        """What was held back at the end of the stream: an open bracket was no marker."""
        held, self._held = self._held, ""
        return held

    def _take(self, character: str) -> str:
        if not self._held:
            if character in _OPENERS:
                self._held = character
                return ""
            return character
        if character == _OPENERS[self._held[0]]:
            inside, self._held = self._held[1:], ""
            return self._resolved(inside) if any(map(_is_digit, inside)) else f"[{inside}]"
        if (_is_digit(character) or character in _INSIDE) and len(self._held) < _LONGEST:
            self._held += character
            return ""
        return self.flush() + self._take(character)

    def _resolved(self, inside: str) -> str:
        numbers: dict[int, None] = {}
        for first, last in _NUMBERS.findall(unicodedata.normalize("NFKC", inside)):
            end = int(last or first)
            if 0 <= end - int(first) <= _WIDEST:
                numbers.update(dict.fromkeys(range(int(first), end + 1)))
        return "".join(f"[{number}]" for number in numbers if number in self._known)


def is_shown(character: str) -> bool:
    """Whether a character may stand in an answer: no control, no format, no private-use character."""
    return character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cf", "Co", "Cs", "Cn")


def _is_digit(character: str) -> bool:
    return unicodedata.category(character) == "Nd"
