"""Real databases for the tests of what is kept (an SQLite file, a PostgreSQL server), and a small library to read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from assistant.answer import Answer, Citation, Note, NoteCode, Outcome, Quote, Receipt, Timings
from assistant.events import Cited, Delta, Event, Finished, Searched, Started
from assistant.question import Question
from assistant.rule_index import RuleIndex
from assistant.state.store import State, open_state, url_in
from assistant.verify import open_verifier
from knowledge.e5_embedder import E5Embedder
from knowledge.library import Library, open_library
from knowledge.rule import Standing
from knowledge.settings import KnowledgeSettings


class HandClock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        """Move on by so many `hours=`, `seconds=` …"""
        self.now += timedelta(**by)


class ScriptedAssistant:
    """Answers every question with its own text, event by event, and remembers what it was asked.

    With `pause` set, an answer waits for it before it ends.
    """

    def __init__(self) -> None:
        self.asked: list[Question] = []
        self.pause: asyncio.Event | None = None
        self.begun = asyncio.Event()
        self.left = 0

    async def stream(self, question: Question) -> AsyncIterator[Event]:
        """Started, Searched, Delta, Cited, Finished."""
        self.asked.append(question)
        self.begun.set()
        answer = make_answer(f"ans_{uuid4().hex}", f"About: {question.text} [1]", as_of=question.as_of)
        try:
            yield Started(answer.id, answer.language, answer.as_of)
            yield Searched(1, 0.5)
            yield Delta(answer.text)
            yield Cited(answer.citations[0])
            if self.pause is not None:
                await self.pause.wait()
            await asyncio.sleep(0)
            yield Finished(answer)
        finally:
            self.left += 1


def make_answer(answer_id: str, text: str, as_of: date | None = None) -> Answer:
    """An answer with every field filled."""
    quote = Quote("sfc/x", "Title", None, True, "a quote", 3, 10)
    citation = Citation(
        1, "rule", "rule-x", "标题", "SFC", "SFC", "Circular", "https://example.org/x", "2023-06", Standing.IN_FORCE,
        None, "引文", 0, 2, True, "zh-Hans", (quote,),
    )  # fmt: skip
    return Answer(
        answer_id, Outcome.ANSWERED, text, "en", as_of or date(2026, 11, 23), (citation,),
        (Note(NoteCode.DISPUTED, "An article differs."),), 
        Receipt("lib1", "extractive", ("p1",), "set1", ("p", "q"), 2), Timings(1.25, 3.5), 0.75,
    )  # fmt: skip


@pytest.fixture
def assistant() -> ScriptedAssistant:
    return ScriptedAssistant()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(params=["sqlite", "postgresql"])
def state_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, on each kind in turn."""
    if request.param == "sqlite":
        return url_in(tmp_path)
    return str(request.getfixturevalue("postgresql_url"))


@pytest.fixture
async def state(state_url: str, clock: HandClock) -> AsyncIterator[State]:
    """An open state, empty, on each kind of database."""
    async with open_state(state_url, clock) as opened:
        yield opened


@pytest.fixture
def answer() -> Answer:
    """An answer with every field filled."""
    return make_answer("ans_example", "The answer, 答案 [1]")


@pytest.fixture(scope="module")
def library(small_knowledge: KnowledgeSettings, embedder: E5Embedder) -> Iterator[Library]:
    """The small library, open."""
    with closing(open_library(small_knowledge.library_dir, embedder)) as held:
        yield held


@pytest.fixture(scope="module")
def index(library: Library) -> RuleIndex:
    """Its rules as the verifier sees them."""
    return RuleIndex(library, open_verifier().idf)
