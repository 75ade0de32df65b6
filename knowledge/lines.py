"""Lines of text: how wide they are, what they look like, how they join into paragraphs. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_SENTENCE_END = tuple("。.!?！？;；…")
_OPEN_END = tuple(",，、:：—–-(（[【「『“《")
_CLOSERS = "\"'”’」』）)]】》 "
_WIDE = frozenset("WF")

ITEM = re.compile(
    r"^\s*(?:[-*+•·▪●○■◆‣–]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})\)|（[一二三四五六七八九十\d]{1,3}）)\s+(?=\S)"
)
NUMBERED = re.compile(
    r"^\s*(?:\d{1,2}(?:\.\d{1,3}){0,4}\.?\s+(?=\D)|第[一二三四五六七八九十百\d]{1,4}[章节節条條部编編]|"
    r"[一二三四五六七八九十]{1,3}、|(?:part|chapter|section|schedule|annex|appendix)\s+(?:\d+|[ivxlc]+|[a-z])\b)",
    re.IGNORECASE,
)
FIGURE = re.compile(
    r"^\s*(?:图表?|圖表?|表格?|figure|fig|image|photo|chart|table|abbildung|figura|immagine|tableau)\.?\s*"
    r"(?:\d+(?:[.\-]\d+)?|[一二三四五六七八九十]+)\s*[:：.、\-–—]?(?=\s|$|[^\w])",
    re.IGNORECASE,
)


def columns(text: str) -> int:
    """Width in columns: a Chinese character or full-width mark takes two, everything else one."""
    if text.isascii():
        return len(text)
    return len(text) + sum(unicodedata.east_asian_width(letter) in _WIDE for letter in text)


def ends_sentence(line: str) -> bool:
    """Whether the line ends as a sentence does, closing quotes and brackets aside."""
    return line.rstrip(_CLOSERS).endswith(_SENTENCE_END)


def looks_like_prose(line: str) -> bool:
    """Whether the line is running text rather than a heading, a label or a menu entry."""
    return ends_sentence(line) or columns(line) > 120


def looks_like_heading(line: str) -> bool:
    """Whether the line could be a heading: short, one line, not ended as a sentence or an unfinished one."""
    line = line.strip()
    if not line or "\n" in line or columns(line) > 90 or not any(letter.isalnum() for letter in line):
        return False
    if line.endswith(_OPEN_END) or FIGURE.match(line) or ITEM.match(line):
        return False
    # A question may head a section; any other mark of an ended sentence may not.
    return not ends_sentence(line) or line.endswith(("?", "？"))


def heading_level(line: str) -> int:
    """The level of a heading by its number: 2 for `3` or none, 3 for `3.1`, 4 for `3.1.2`."""
    number = re.match(r"\s*(\d{1,2}(?:\.\d{1,3})*)", line)
    return 2 if number is None else min(2 + number.group(1).count("."), 6)


def _wide_at(text: str, place: int) -> bool:
    return unicodedata.east_asian_width(text[place]) in _WIDE


def joined(lines: Sequence[str]) -> str:
    """The lines as one, with a space between words and none between Chinese characters; `exam-` + `ple` is mended."""
    whole = ""
    for line in (line.strip() for line in lines):
        if not line:
            continue
        if not whole:
            whole = line
        elif re.search(r"[a-z]\u00ad$|[a-z]{2}-$", whole) and line[0].islower():
            whole = whole[:-1] + line
        elif _wide_at(whole, -1) and _wide_at(line, 0):
            whole += line
        else:
            whole += " " + line
    return whole


def hard_wrapped(lines: Sequence[str]) -> bool:
    """Whether the lines are one paragraph cut at a column, as in mail and old text files, not lines of their own."""
    widths = [columns(line.rstrip()) for line in lines[:-1]]
    if not widths or not 40 <= max(widths) <= 140 or min(widths) < 0.7 * max(widths):
        return False
    if any(ITEM.match(line) or NUMBERED.match(line) for line in lines[1:]):
        return False
    return not all(ends_sentence(line) for line in lines[:-1])
