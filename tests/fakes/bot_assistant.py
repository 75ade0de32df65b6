"""An assistant for the bots: answers at once, late or not at all, as the question says."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import cast

from assistant.answer import Answer, Citation, Note, NoteCode, Outcome, Receipt
from assistant.errors import ModelUnavailable
from assistant.events import Delta, Event, Finished, Started
from assistant.question import Question
from knowledge.library import Library
from knowledge.rule import Standing

TODAY = date(2026, 11, 23)
SECRET_DETAIL = "secret detail"


def citation(
    number: int, standing: Standing = Standing.IN_FORCE, title: str = "Capital of <platforms> & issuers"
) -> Citation:
    """A rule cited."""
    return Citation(
        number=number, kind="rule", id=f"rule-{number}", title=title, publisher="SFC", authority="SFC",
        instrument="Guidelines", url=f"https://sfc.example/rules?n={number}&x=1", published=f"2023-06-0{number}",
        standing=standing, superseded_by=None, quote="HK$5 million", start=0, end=12, official=number == 1,
        language="en",
    )  # fmt: skip


def answer_to(text: str, number: int) -> Answer:
    """An answer with two sources and two notes."""
    if "weather" in text:
        return Answer(f"ans_{number}", Outcome.OFF_TOPIC, "That is not what I hold records on.", "en", TODAY)
    notes = (
        Note(NoteCode.PROPOSED, "[2] is a proposal or plan, not law."),
        Note(NoteCode.AS_OF, "Told as of <today>."),
    )
    return Answer(
        f"ans_{number}", Outcome.ANSWERED,
        f"On “{text}”: at least HK$5 million & <more> [1]. A proposal would double it [2].", "en", TODAY,
        (citation(1), citation(2, Standing.PROPOSED)), notes, Receipt("lib", "scripted"),
    )  # fmt: skip


@dataclass
class BotAssistant:
    """Remembers what it was asked. `fails` counts down: each question raises so often before it is answered."""

    asked: list[Question] = field(default_factory=list)
    fails: int = 0
    failure: Exception = field(default_factory=lambda: ModelUnavailable(SECRET_DETAIL))
    go: asyncio.Event | None = None
    library: Library = field(default_factory=lambda: cast(Library, SimpleNamespace(version="test")))
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def swap(self, library: Library) -> None:
        """Nothing to swap."""

    async def stream(self, question: Question) -> AsyncIterator[Event]:
        """The events of one answer."""
        self.asked.append(question)
        if self.fails > 0:
            self.fails -= 1
            raise self.failure
        answer = answer_to(question.text, next(self._numbers))
        yield Started(answer.id, answer.language, answer.as_of)
        if self.go is not None:
            await self.go.wait()
        yield Delta(answer.text)
        yield Finished(answer)
