"""The stream of one answer, and its fold. The stream is the truth; an `Answer` is what it folds to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date

from assistant.answer import Answer, Citation
from assistant.errors import AssistantError
from knowledge.rule import Language


@dataclass(frozen=True, slots=True)
class Started:
    """The question was understood: the answer's id, language and date are known."""

    id: str
    language: Language
    as_of: date


@dataclass(frozen=True, slots=True)
class Searched:
    """The search is over; `hits` counts the records found in scope."""

    hits: int
    search_ms: float


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of the answer's text; never half a marker."""

    text: str


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation that the text so far refers to."""

    citation: Citation


@dataclass(frozen=True, slots=True)
class Finished:
    """The end: the whole answer. Joined deltas equal `answer.text`, cited citations equal `answer.citations`."""

    answer: Answer


Event = Started | Searched | Delta | Cited | Finished


async def fold(events: AsyncIterator[Event]) -> Answer:
    """The answer at the end of a stream; raises AssistantError where the stream ended without one."""
    answer: Answer | None = None
    async for event in events:
        if isinstance(event, Finished):
            answer = event.answer
    if answer is None:
        raise AssistantError("The answer was cut off before its end. Ask again.")
    return answer
