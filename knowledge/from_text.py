"""Plain text to blocks. Pure.

Paragraphs are parted by blank lines. Lines of one group are one paragraph if they were wrapped at a column, else each
is a block of its own. A short line that does not end as a sentence, and has text under it, is taken for a heading.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge.draft import Block
from knowledge.lines import (
    ITEM,
    NUMBERED,
    columns,
    hard_wrapped,
    heading_level,
    joined,
    looks_like_heading,
    looks_like_prose,
)

_BREAK = re.compile(r"\n[ \t\u3000]*\n\s*|\f")
_MARKED_HEADING = re.compile(r"^(#{1,6})\s+(\S.*?)\s*#*$")
_RULE = re.compile(r"^[-=_*~#\s]{3,}$")
_WIDEST_TITLE = 200


def text_blocks(text: str) -> list[Block]:
    """The blocks of a plain text, headings among them."""
    lines: list[str] = []
    for group in _BREAK.split(text):
        lines.extend(_units(group.split("\n")))
    lines = [line for line in lines if not _RULE.match(line)]
    return [_block(lines, place) for place in range(len(lines))]


def _units(lines: Sequence[str]) -> list[str]:
    """One group of lines as paragraphs."""
    lines = [line.strip() for line in lines if line.strip()]
    return [joined(lines)] if hard_wrapped(lines) else lines


def _block(lines: Sequence[str], place: int) -> Block:
    line = lines[place]
    marked = _MARKED_HEADING.match(line)
    if marked:
        return Block("heading", marked[2], level=len(marked[1]))
    if is_heading(lines, place):
        return Block("heading", line, level=heading_level(line))
    item = ITEM.match(line)
    if item and not item.group().strip(" ()（）").isalnum():
        return Block("item", line[item.end() :])
    return Block("paragraph", line)


def is_heading(lines: Sequence[str], place: int) -> bool:
    """Whether the line heads what follows: prose, or one more heading that does. Rows of short lines are a list."""
    if not looks_like_heading(lines[place]):
        return False
    below = lines[place + 1 : place + 3]
    if not below or (NUMBERED.match(lines[place]) and _same_numbering(lines[place], below[0])):
        return False
    if looks_like_prose(below[0]):
        return True
    return len(below) == 2 and looks_like_heading(below[0]) and looks_like_prose(below[1])


def _same_numbering(line: str, other: str) -> bool:
    return NUMBERED.match(other) is not None and heading_level(line) == heading_level(other) and columns(other) < 120


def take_title(blocks: Sequence[Block]) -> tuple[str | None, tuple[Block, ...]]:
    """The title that the blocks begin with, and the blocks without it; None where they begin with running text."""
    if not blocks:
        return None, ()
    first, rest = blocks[0], tuple(blocks[1:])
    if first.kind == "heading" and first.level == 1:
        return first.text, rest
    short = columns(first.text) <= _WIDEST_TITLE and "\n" not in first.text
    if first.kind in ("heading", "paragraph") and short and not looks_like_prose(first.text) and rest:
        return first.text, rest
    return None, tuple(blocks)
