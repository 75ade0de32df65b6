"""Canonical text to slices that can be found and quoted. Pure.

Slices are cut at headings and at page ends, never across either. Paragraphs under one heading are packed together up
to the limit; a paragraph longer than the limit is cut between sentences, a sentence longer than the limit between
clauses, and a clause longer than the limit where the limit falls. Pieces of one paragraph come out about equally
long, so that no slice is a leftover of three words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge.draft import PAGE_END
from knowledge.lines import columns
from knowledge.sentence import sentences

__all__ = ["LIMIT", "Slice", "sentences", "split"]

LIMIT = 800
"""Columns of a slice: 400 Chinese characters or 800 Latin letters, some 200 to 300 tokens of the embedder's 512."""

_HEADING = re.compile(r"^(#{1,6})[ \t]+(\S.*?)[ \t]*#*[ \t]*$")
_CLAUSE = re.compile(r"[，、：；,;:—](?=[^\d]|$)\s*|\s+")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Slice:
    """`text[start:end]` of the canonical text, the headings above it from the outermost, and its page from 1."""

    start: int
    end: int
    headings: tuple[str, ...] = ()
    page: int | None = None


@dataclass(frozen=True, slots=True)
class _Section:
    """The paragraphs of one page under one heading."""

    headings: tuple[str, ...]
    page: int
    paragraphs: tuple[Span, ...]


def split(text: str, limit: int = LIMIT) -> list[Slice]:
    """The slices of a canonical text, in order. They don't overlap, and hold all of it but headings and white space.

    `limit` is in columns (a Chinese character takes two), at least 20. Raises ValueError for a smaller one.
    """
    if limit < 20:
        raise ValueError(f"A slice needs at least 20 columns, not {limit}")
    paged = PAGE_END in text
    return [
        Slice(start, end, section.headings, section.page if paged else None)
        for section in _sections(text)
        for start, end in _packed(text, _pieces(text, section.paragraphs, limit), limit)
        if start < end  # a narrow limit may leave a piece of white space alone
    ]


def _sections(text: str) -> Iterator[_Section]:
    above: dict[int, str] = {}
    start = 0
    for page, content in enumerate(text.split(PAGE_END), start=1):
        gathered: list[Span] = []
        for begin, end, heading in _blocks(content, start):
            if heading is None:
                gathered.append((begin, end))
                continue
            if gathered:
                yield _Section(_path(above), page, tuple(gathered))
                gathered = []
            level = len(heading[1])
            above = {higher: words for higher, words in above.items() if higher < level} | {level: heading[2]}
        if gathered:
            yield _Section(_path(above), page, tuple(gathered))
        start += len(content) + len(PAGE_END)


def _path(above: dict[int, str]) -> tuple[str, ...]:
    return tuple(above[level] for level in sorted(above))


def _blocks(content: str, start: int) -> Iterator[tuple[int, int, re.Match[str] | None]]:
    """Headings (with what matched) and paragraphs (with None), as offsets; `content` begins at `start` of the text."""
    opened: int | None = None
    closed = place = start
    for line in re.split(r"(?<=\n)", content):
        heading = _HEADING.match(line.strip())
        if opened is not None and (heading is not None or not line.strip()):
            yield opened, closed, None
            opened = None
        if heading is not None:
            yield place, place + len(line), heading
        elif line.strip():
            opened = place + len(line) - len(line.lstrip()) if opened is None else opened
            closed = place + len(line.rstrip())
        place += len(line)
    if opened is not None:
        yield opened, closed, None


def _pieces(text: str, paragraphs: Sequence[Span], limit: int) -> list[list[Span]]:
    """For each paragraph its pieces, none wider than the limit: itself, or its sentences, or clauses of those."""
    pieces: list[list[Span]] = []
    for start, end in paragraphs:
        if columns(text[start:end]) <= limit:
            pieces.append([(start, end)])
            continue
        cut: list[Span] = []
        begin = start
        # A sentence reaches to where the next one begins, so that marks and line ends between them are kept.
        borders = [border for border, _ in sentences(text[start:end])][1:]
        for border in [*(start + border for border in borders), end]:
            cut.extend(_clauses(text, begin, border, limit))
            begin = border
        pieces.append(cut)
    return pieces


def _clauses(text: str, start: int, end: int, limit: int) -> Iterator[Span]:
    """A sentence cut after commas, else between words, else anywhere, each piece within the limit."""
    while (reach := _reach(text, start, end, limit)) < end:
        stops = [stop.end() for stop in _CLAUSE.finditer(text, start + 1, reach)]
        commas = [stop for stop in stops if not text[stop - 1].isspace() or text[stop - 2] in ",;:，、：；—"]
        late = [stop for stop in commas if stop - start > (reach - start) // 3]
        border = max(late or stops or [reach])
        yield start, border
        start = border
    yield start, end


def _reach(text: str, start: int, end: int, limit: int) -> int:
    """The furthest place that leaves `text[start:place]` within the limit."""
    width = 0
    for place in range(start, end):
        width += columns(text[place])
        if width > limit:
            return place
    return end


def _packed(text: str, paragraphs: Sequence[Sequence[Span]], limit: int) -> Iterator[Span]:
    """Pieces joined into slices of about equal width within the limit."""
    for run in _runs(paragraphs):
        width = columns(text[run[0][0] : run[-1][1]])
        share = math.ceil(width / math.ceil(width / limit))
        start, end = run[0]
        for begin, stop in run[1:]:
            if columns(text[start:end]) >= share or columns(text[start:stop]) > limit:
                yield _trimmed(text, start, end)
                start = begin
            end = stop
        yield _trimmed(text, start, end)


def _runs(paragraphs: Sequence[Sequence[Span]]) -> Iterator[list[Span]]:
    """What is packed together: the pieces of one long paragraph, or whole paragraphs in a row."""
    whole: list[Span] = []
    for pieces in paragraphs:
        if len(pieces) == 1:
            whole.extend(pieces)
            continue
        if whole:
            yield whole
            whole = []
        yield list(pieces)
    if whole:
        yield whole


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end
