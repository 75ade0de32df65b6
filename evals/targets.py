"""What can be asked: an assistant in this process; `over_http` has what answers elsewhere.

Each target is one conversion of the case, a call, and one conversion of what came back. A target that cannot answer
raises; `run` turns that into a result.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Protocol

from assistant.answer import Answer
from assistant.question import Question, Turn
from evals.case import Case
from evals.held import held_in
from evals.reply import Reply, reply_from_answer

if TYPE_CHECKING:
    from knowledge.library import Library


class Target(Protocol):
    """Something that answers cases."""

    @property
    def name(self) -> str:
        """What is asked, for the log: `local`, or the address."""
        ...

    async def ask(self, case: Case) -> Reply:
        """The reply to a case, its earlier questions asked first. Raises where there is none."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class Answerer(Protocol):
    """What `LocalTarget` asks: `assistant.answering.Assistant`, or a script in tests."""

    @property
    def library(self) -> Library:
        """The library that it answers from."""
        ...

    async def ask(self, question: Question) -> Answer:
        """The answer."""
        ...


class LocalTarget:
    """An assistant in this process."""

    name = "local"

    def __init__(self, assistant: Answerer, today: date, let_go: Callable[[], None] | None = None) -> None:
        self._assistant = assistant
        self._today = today
        self._let_go = let_go

    async def ask(self, case: Case) -> Reply:
        """Asks with the turns that the assistant itself answered."""
        turns: list[Turn] = []
        for earlier in case.turns:
            turns.append(self._turn(earlier, await self._assistant.ask(Question(earlier, turns=tuple(turns)))))
        begun = time.perf_counter()
        answer = await self._assistant.ask(Question(case.question, as_of=case.as_of, turns=tuple(turns)))
        return reply_from_answer(answer, time.perf_counter() - begun, held_in(self._assistant.library))

    def _turn(self, question: str, answer: Answer) -> Turn:
        asked_for = None if answer.as_of == self._today else answer.as_of
        cited = tuple(citation.id for citation in answer.citations)
        return Turn(question, answer.text, cited, asked_for, answer.language)

    async def close(self) -> None:
        """Let go of the assistant, where it was opened for this."""
        if self._let_go is not None:
            self._let_go()
