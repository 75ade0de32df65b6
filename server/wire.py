"""The JSON of version 1: what a question may say and how an answer looks. Every HTTP surface uses these."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool

from assistant.answer import Answer, Citation, NoteCode, Outcome
from assistant.question import MAX_CHARACTERS, Limits, Question, Turn
from knowledge.rule import Language, Standing

SESSION_PATTERN = r"^ses_[A-Za-z0-9_-]{1,64}$"
ANSWER_PATTERN = r"^ans_[A-Za-z0-9_-]{1,64}$"


def _clean_text(text: str) -> str:
    """Refuse what no store and no tokenizer takes: NUL and halves of surrogate pairs."""
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("The text holds characters that are no text (NUL or half a surrogate pair). Remove them.")
    return text


def _question_text(text: str) -> str:
    if not text.strip():
        raise ValueError("The question is empty. Send a question in English or Chinese.")
    return text


def _plain_date(value: object) -> object:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        raise ValueError("A date is written YYYY-MM-DD, for example 2024-06-30.")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"There is no day {value}. Send a date of the calendar as YYYY-MM-DD.") from None


Text = Annotated[str, AfterValidator(_clean_text)]
QuestionText = Annotated[
    str, Field(min_length=1, max_length=MAX_CHARACTERS), AfterValidator(_clean_text), AfterValidator(_question_text)
]
PlainDate = Annotated[date, BeforeValidator(_plain_date)]
Word = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_clean_text)]


class Request(BaseModel):
    """Base of everything that is sent to us: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Shown(BaseModel):
    """Base of everything that we send; made from our values by their attributes."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class ScopeIn(Request):
    """Limits of the search."""

    topics: list[Word] = Field(default=[], max_length=50, description="Only rules of these topics.")
    authorities: list[Word] = Field(default=[], max_length=50, description="Only what these authorities said.")
    include_proposed: StrictBool = Field(default=True, description="Also proposals and plans.")

    def to_limits(self) -> Limits:
        """The limits as the assistant takes them."""
        return Limits(frozenset(self.topics), frozenset(self.authorities), self.include_proposed)


class ChatRequest(Request):
    """A question."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {"question": "What is the minimum paid-up share capital of a licensed platform?"},
                {"question": "散户现在可以买代币化债券吗?", "as_of": "2023-12-01", "stream": True},
            ]
        },
    )

    question: QuestionText = Field(description="The question, in English or Chinese.")
    session_id: Annotated[str, Field(pattern=SESSION_PATTERN)] | None = Field(
        default=None, description="Session that the question continues; left out, a new one begins."
    )
    as_of: PlainDate | None = Field(default=None, description="Answer as the rules stood on this day; default today.")
    language: Literal["auto", "en", "zh-Hans", "zh-Hant"] = Field(
        default="auto", description="Language of the answer; `auto` is that of the question."
    )
    scope: ScopeIn = Field(default=ScopeIn(), description="Limits of the search.")
    stream: StrictBool = Field(default=False, description="Send events (`text/event-stream`) instead of one object.")

    def to_question(self, turns: tuple[Turn, ...] = ()) -> Question:
        """The question as the assistant takes it."""
        language: Language | None = None if self.language == "auto" else self.language
        return Question(self.question, self.as_of, language, self.scope.to_limits(), turns)


class QuoteOut(Shown):
    """An exact run of a source's text that a cited rule rests on."""

    source: str
    title: str
    url: str | None
    official: bool
    quote: str
    start: int
    end: int


class CitationOut(Shown):
    """A checked link from a marker `[number]` to a record."""

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
    evidence: list[QuoteOut]


class NoteOut(Shown):
    """What a reader must know beside the text."""

    code: NoteCode
    message: str


class ReceiptOut(Shown):
    """What the answer was made with."""

    library: str
    model: str
    prompts: list[str]
    settings: str
    passages: list[str]
    calls: int


class TimingsOut(Shown):
    """Milliseconds."""

    search_ms: float
    total_ms: float


class AnswerOut(Shown):
    """One answer. Every `[n]` in `answer` is one of `citations`, and every citation is used."""

    id: str
    session_id: str
    outcome: Outcome
    answer: str
    language: Language
    as_of: date
    citations: list[CitationOut]
    notes: list[NoteOut]
    receipt: ReceiptOut
    timings: TimingsOut
    confidence: float


def citation_out(citation: Citation) -> CitationOut:
    """A citation as sent."""
    return CitationOut.model_validate(citation)


def answer_out(answer: Answer, session_id: str) -> AnswerOut:
    """An answer as sent."""
    return AnswerOut(
        id=answer.id,
        session_id=session_id,
        outcome=answer.outcome,
        answer=answer.text,
        language=answer.language,
        as_of=answer.as_of,
        citations=[citation_out(one) for one in answer.citations],
        notes=[NoteOut.model_validate(one) for one in answer.notes],
        receipt=ReceiptOut.model_validate(answer.receipt),
        timings=TimingsOut.model_validate(answer.timings),
        confidence=answer.confidence,
    )
