"""What is answered. Values only; every surface renders this one `Answer`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

from knowledge.rule import Language, Standing


class Outcome(StrEnum):
    """How a question ended. None of them is an error."""

    ANSWERED = "answered"
    INSUFFICIENT = "insufficient"
    OFF_TOPIC = "off_topic"
    UNCLEAR = "unclear"


class NoteCode(StrEnum):
    """What a reader must know beside the text."""

    SUPERSEDED = "superseded"
    PROPOSED = "proposed"
    NOT_YET = "not_yet"
    LAPSED = "lapsed"
    DISPUTED = "disputed"
    LOW_CONFIDENCE = "low_confidence"
    AS_OF = "as_of"
    CHANGED_SINCE = "changed_since"
    NOT_FOUND = "not_found"
    MODEL_FAILED = "model_failed"


@dataclass(frozen=True, slots=True)
class Note:
    """A remark in the reader's language, with a stable code."""

    code: NoteCode
    message: str


@dataclass(frozen=True, slots=True)
class Quote:
    """An exact run of a source's text that a cited rule rests on; `start` and `end` are offsets into that text."""

    source: str
    title: str
    url: str | None
    official: bool
    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Citation:
    """A checked link from a marker `[number]` to a record.

    For a rule, `quote` stands at `start:end` of the rule's statement in `language`; for a passage, at `start:end` of
    the text of the source `id`. `evidence` holds the runs of the source digests that a rule rests on.
    """

    number: int
    kind: Literal["rule", "passage"]
    id: str
    title: str
    publisher: str
    authority: str
    instrument: str
    url: str | None
    published: str | None
    standing: Standing
    superseded_by: str | None
    quote: str
    start: int
    end: int
    official: bool
    language: Language
    evidence: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an answer was made with, so that it can be made again."""

    library: str
    model: str
    prompts: tuple[str, ...] = ()
    settings: str = ""
    passages: tuple[str, ...] = ()
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds."""

    search_ms: float
    total_ms: float


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `text` holds markers `[n]`; every one of them is in `citations`, and every citation is used."""

    id: str
    outcome: Outcome
    text: str
    language: Language
    as_of: date
    citations: tuple[Citation, ...] = ()
    notes: tuple[Note, ...] = ()
    receipt: Receipt = field(default_factory=lambda: Receipt("", ""))
    timings: Timings = field(default_factory=lambda: Timings(0.0, 0.0))
    confidence: float = 0.0
    """How sure we are that the records answer the question, 0 to 1; also given for refusals."""
