"""How near a figure stands to the thing that is counted or measured. Pure.

"How many visitors" is not answered by a record that has visitors, and figures, but none of visitors.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from assistant.content import stem
from knowledge.words import fold, has_han

FAR = 12
"""A distance, in words or half in characters, from which on a figure is not near."""
_NO_FIGURE = re.compile(
    r"\b\d{1,2} (?:january|february|march|april|may|june|july|august|september|october|november|december)(?: \d{4})?"
    r"|\b(?:19|20)\d\d\b|\b(?:paras?|sections?|part|type|schedule|chapter|cap\.?|phase|no\.?) [\d.]+\w*"
    r"|(?:\d+年)?\d+月(?:\d+日)?|\d{4}年|第[\d.]+[a-z]*(?:条|段|部|章|类|组|阶段|号)"
)
_TOKEN = re.compile(r"[a-z][a-z'-]*|\d[\d,.]*|[\u4e00-\u9fff]")
_COUNTED = frozenset(
    {"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "twenty", "no",
     "none", "half"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counted:
    """A text as words (stems) or Chinese characters, and which of them are figures; dates and paragraphs are none."""

    tokens: tuple[str, ...]
    figures: tuple[int, ...]
    width: int


def read_counted(text: str) -> Counted:
    """Read a text once, to be asked often."""
    found = _TOKEN.findall(_NO_FIGURE.sub(" ", fold(text)))
    figures = tuple(n for n, token in enumerate(found) if token[0].isdigit() or token in _COUNTED)
    return Counted(tuple(map(stem, found)), figures, 2 * FAR if has_han(text) else FAR)


def figure_distance(units: Collection[str], counted: Counted) -> float:
    """The least distance between a figure and any of the units, 0 to 1; 1 where it is far or one of both is missing."""
    things = [n for n, token in enumerate(counted.tokens) if token in units]
    least = min((abs(figure - thing) for figure in counted.figures for thing in things), default=counted.width)
    return min(least, counted.width) / counted.width
