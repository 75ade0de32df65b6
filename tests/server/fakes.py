"""An assistant that does what it is told, over a real library, and a server of it on a real socket."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date

import uvicorn
from fastapi import FastAPI

from assistant.answer import Answer, Citation, Note, NoteCode, Outcome, Receipt, Timings
from assistant.events import Cited, Delta, Event, Finished, Searched, Started
from assistant.question import Question
from knowledge.library import Library
from knowledge.rule import Standing, standing

TODAY = date(2026, 11, 23)


@dataclass
class ScriptedAssistant:
    """Cites `rule_id` for every question; remembers the questions.

    A question is also an order: `refuse` ends off topic, `fail before` and `fail after` raise before and after the
    first event, `slow` waits before its text until `go` is set.
    """

    library: Library
    rule_id: str = "bank-custody-2026"
    asked: list[Question] = field(default_factory=list)
    stopped: int = 0
    go: threading.Event = field(default_factory=threading.Event)
    failure: Exception = field(default_factory=lambda: RuntimeError("secret detail"))

    def swap(self, library: Library) -> None:
        """Answer from another library."""
        self.library = library

    async def stream(self, question: Question) -> AsyncIterator[Event]:
        """The events of one answer."""
        self.asked.append(question)
        if question.text == "fail before":
            raise self.failure
        answer = self._answer(question)
        yield Started(answer.id, answer.language, answer.as_of)
        try:
            yield Searched(len(answer.citations), 1.5)
            if question.text == "fail after":
                raise self.failure
            if question.text == "slow":
                await self._wait()
            for word in answer.text.split(" "):
                yield Delta(word if answer.text.startswith(word) else f" {word}")
            for citation in answer.citations:
                yield Cited(citation)
            yield Finished(answer)
        except (GeneratorExit, asyncio.CancelledError):
            self.stopped += 1
            raise

    async def _wait(self) -> None:
        # Set by the thread of the test, which an asyncio.Event does not allow.
        while not self.go.is_set():  # noqa: ASYNC110
            await asyncio.sleep(0.02)

    def _answer(self, question: Question) -> Answer:
        language = question.language or "en"
        on = question.as_of or TODAY
        answer = Answer(f"ans_{uuid.uuid4().hex}", Outcome.OFF_TOPIC, "That is not what I know of.", language, on)
        if question.text == "refuse":
            return answer
        rule = self.library.rules[self.rule_id]
        statement = rule.statement[language]
        citation = Citation(
            number=1, kind="rule", id=rule.id, title=rule.title[language], publisher=rule.authority,
            authority=rule.authority, instrument=rule.instrument, url=None, published=rule.published,
            standing=standing(rule, on), superseded_by=None, quote=statement, start=0, end=len(statement),
            official=True, language=language,
        )  # fmt: skip
        notes = () if citation.standing is Standing.IN_FORCE else (Note(NoteCode.NOT_YET, "Not yet."),)
        return replace(
            answer, outcome=Outcome.ANSWERED, text=f"{statement} [1]", citations=(citation,), notes=notes,
            receipt=Receipt(self.library.version, "scripted", passages=(rule.id,)), timings=Timings(1.5, 2.5),
            confidence=0.9,
        )  # fmt: skip


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve `app` on a free port of the loopback in a thread; gives its address."""
    with running(app) as (address, _):
        yield address


@contextmanager
def running(app: FastAPI) -> Iterator[tuple[str, uvicorn.Server]]:
    """The same, with the server, which may be told to end."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("The server did not start.")
        threading.Event().wait(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}", server
    finally:
        server.should_exit = True
        thread.join(10)
