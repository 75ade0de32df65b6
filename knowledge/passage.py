"""A passage: a searchable, quotable slice of a record; a hit: a passage with a rank; a scope: limits of a search."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

PassageKind = Literal["rule", "ask", "section"]
"""`rule`: a rule's title and statement in one language; `ask`: a question that the rule answers (a way in, never
shown); `section`: a slice of a source's text."""


@dataclass(frozen=True, slots=True)
class Locus:
    """Where a passage stands in its source: the headings above it and, for paged documents, the page from 1."""

    headings: tuple[str, ...] = ()
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A slice of a record. For sections, `start` and `end` are character offsets into the source's text."""

    id: str
    kind: PassageKind
    record: str
    """Id of the rule or source that it belongs to."""
    language: str
    """`en` or `zh`: the pool in which it is ranked."""
    text: str
    """What is searched."""
    topic: str = ""
    authority: str = ""
    start: int = 0
    end: int = 0
    known_from: date | None = None
    """First day on which the record was known; None where undated (always in scope)."""
    ends: date | None = None
    """First day on which it no longer holds; None where open."""
    stage: str = ""
    locus: Locus = field(default_factory=Locus)


@dataclass(frozen=True, slots=True)
class Scope:
    """Limits of a search, applied *before* ranking, so that what is out of scope never takes a place.

    `on` limits to records known by that day. With `ended=False` records that no longer held on that day are left
    out too; with `ended=True` they are the only ones searched; None searches both.
    """

    on: date | None = None
    ended: bool | None = False
    topics: frozenset[str] = frozenset()
    authorities: frozenset[str] = frozenset()
    include_proposed: bool = True
    without: frozenset[str] = frozenset()
    """Record ids to leave out (training and tests of abstention)."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A record's best passage for a query. Larger `score` is better; comparable within one search only."""

    passage: Passage
    score: float
    cosine: float
    """Cosine of query and passage, or NaN where the passage was found by words alone."""
    keyword: float
    """BM25 score, 0 where the passage was found by vector alone."""
    language: str
    rank: int
