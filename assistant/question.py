"""What is asked. Values only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from assistant.errors import BadQuestion
from knowledge.rule import Language

MAX_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What the caller limits the search to; see `knowledge.passage.Scope`."""

    topics: frozenset[str] = frozenset()
    authorities: frozenset[str] = frozenset()
    include_proposed: bool = True


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of the same session, with what was answered."""

    question: str
    answer: str
    cited: tuple[str, ...] = ()
    """Record ids in the order of their numbers."""
    as_of: date | None = None
    """The date the answer was for, where one was asked for; None for that day."""
    language: Language = "en"


def last_answered(turns: Sequence[Turn]) -> Turn | None:
    """The last turn whose answer cites something; None where none does."""
    return next((turn for turn in reversed(turns) if turn.cited), None)


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its session's turns, oldest first.

    `as_of` given by the caller wins over any date in the text; `language` None means the question's own.
    Raises BadQuestion where the text is empty or longer than 2,000 characters.
    """

    text: str
    as_of: date | None = None
    language: Language | None = None
    limits: Limits = field(default_factory=Limits)
    turns: tuple[Turn, ...] = ()

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise BadQuestion("The question is empty. Send a question in English or Chinese.")
        if len(self.text) > MAX_CHARACTERS:
            raise BadQuestion(
                f"The question has {len(self.text)} characters; {MAX_CHARACTERS} are allowed. Shorten it."
            )
