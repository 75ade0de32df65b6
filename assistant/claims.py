"""An answer's sentences with the markers that stand behind each. Pure.

A marker belongs to the sentence it stands in. Writers also put it behind the full stop (`… days. [1] The next …`):
there it belongs to the sentence before, as long as it is on the same line. A Chinese clause that ends with `；` and
has no marker of its own shares those of the clause after it, and what ends with a colon those of what it leads to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.sentence import sentences

MARKER = re.compile(r"\[(\d{1,3})\]")
_LEADING_MARKERS = re.compile(r"(?:[ \t]*\[\d{1,3}\])+")
_ONLY_STOPS = re.compile(r"[\s.。!！?？;；,，]*")
_SPACE_BEFORE_STOP = re.compile(r"\s+(?=[.,;:!?。，；：！？])")


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence at `start:end` of the answer, markers included; `text` is without them."""

    start: int
    end: int
    text: str
    numbers: tuple[int, ...]


def claims(text: str) -> list[Claim]:
    """The sentences of an answer in order, each with the numbers of its markers."""
    spans: list[tuple[int, int]] = []
    for start, end in sentences(text):
        leading = _LEADING_MARKERS.match(text, start, end)
        if leading is not None and spans and "\n" not in text[spans[-1][1] : start]:
            spans[-1] = (spans[-1][0], leading.end())
            start = leading.end() + len(text[leading.end() : end]) - len(text[leading.end() : end].lstrip())
            if _ONLY_STOPS.fullmatch(text, start, end):
                spans[-1] = (spans[-1][0], end)
                continue
        spans.append((start, end))
    found: list[Claim] = []
    for start, end in reversed(spans):
        numbers = markers_of(text[start:end])
        if not numbers and found and _shares(text[start:end], text[end : found[-1].start]):
            numbers = found[-1].numbers
        found.append(Claim(start, end, without_markers(text[start:end]), numbers))
    return found[::-1]


def _shares(clause: str, gap: str) -> bool:
    """Whether a clause without a marker goes with the one after it."""
    return clause.endswith((":", "：")) or (clause.endswith(("；", ";")) and "\n" not in gap)


def markers_of(text: str) -> tuple[int, ...]:
    """The numbers of the markers in order, each once."""
    return tuple(dict.fromkeys(int(number) for number in MARKER.findall(text)))


def without_markers(text: str) -> str:
    """The text as it reads without its markers."""
    return _SPACE_BEFORE_STOP.sub("", MARKER.sub("", text)).strip()
