"""The assistant: a question in, a stream of events out.

Understand, search and verify, compose, check: all of it before the first event that shows text, so that nothing
shown is ever taken back. The work is synchronous and short, and runs in threads of its own. With a chat model the
same steps decide whether there is an answer and on what records; the model then words it, sentence by checked sentence.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
import uuid
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from assistant.answer import Answer, Outcome, Receipt, Timings
from assistant.calls import Calls, Usage
from assistant.chat_model import ChatModel
from assistant.deciding import Decided, Reader
from assistant.events import Cited, Delta, Event, Finished, Searched, Started, fold
from assistant.follow import Follow
from assistant.modelled import Modelled, stream_with_model
from assistant.question import Question
from assistant.rewrite import rewritten
from assistant.settings import EXTRACTIVE, AssistantSettings
from assistant.understand import Understood
from assistant.verify import open_verifier
from knowledge.library import Library

_LIKELY = 0.05
"""Probability from which a rule is shown to the chat model."""


class Assistant:
    """Answers questions from one library, which may be exchanged for another while questions run."""

    def __init__(self, library: Library, settings: AssistantSettings, chat: ChatModel | None = None) -> None:
        self.settings = settings
        self._chat = chat
        self._reader = Reader(library, open_verifier(), settings)
        self._threads = ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 1), thread_name_prefix="answer")
        self._closing = threading.Event()

    @property
    def library(self) -> Library:
        """The library that the next question is answered from."""
        return self._reader.library

    def swap(self, library: Library) -> None:
        """Answer from another library from now on; questions under way end on the old one, which stays open.

        Until all that a first question would wait for is read, questions are answered from the old one.
        """
        reader = Reader(library, open_verifier(), self.settings)
        reader.warm()
        self._reader = reader

    def warm(self, after: float = 0.0) -> None:
        """Read what the first questions would wait for, in the background and so many seconds from now: questions may
        come at once."""
        self._threads.submit(self._warm, after)

    def _warm(self, after: float) -> None:
        if not self._closing.wait(after):
            self._reader.warm()

    def close(self) -> None:
        """End the threads once what they do is done."""
        self._closing.set()
        self._threads.shutdown()

    async def ask(self, question: Question) -> Answer:
        """The answer to a question."""
        return await fold(self.stream(question))

    async def stream(self, question: Question) -> AsyncIterator[Event]:
        """The events of one answer; joined deltas are its text, and every citation comes before its last mention."""
        began = time.perf_counter()
        reader, loop = self._reader, asyncio.get_running_loop()
        asked = await loop.run_in_executor(self._threads, reader.understand, question)
        answer_id = f"ans_{uuid.uuid4().hex}"
        yield Started(answer_id, asked[0].language, asked[0].as_of)
        calls = self._chat.begin() if self._chat else None
        if calls:
            asked = await _rewritten(question, asked, calls)
        decided = await loop.run_in_executor(self._threads, reader.decide, asked)
        searched_ms = (time.perf_counter() - began) * 1000
        yield Searched(len(decided.found.hits), searched_ms)
        ending = Modelled(decided.composed, calls.usage if calls else Usage())
        async for event in _told(question, decided, reader.library, calls):
            if isinstance(event, Modelled):
                ending = event
            else:
                yield event
        composed = ending.composed
        yield Finished(
            Answer(
                id=answer_id,
                outcome=composed.outcome,
                text=composed.text,
                language=asked[0].language,
                as_of=decided.asked.as_of,
                citations=composed.citations,
                notes=composed.notes,
                receipt=self._receipt(reader.library, decided, ending),
                timings=Timings(searched_ms, (time.perf_counter() - began) * 1000),
                confidence=round(decided.confidence, 4),
            )
        )

    def _receipt(self, library: Library, decided: Decided, ending: Modelled) -> Receipt:
        digests = [self.settings.digest, *([self._chat.settings.model_digest] if self._chat else [])]
        return Receipt(
            library=library.version,
            model=self._chat.name if self._chat and ending.prompts else EXTRACTIVE,
            prompts=ending.prompts,
            settings="-".join(digests),
            passages=tuple(hit.passage.id for hit in decided.found.hits[:10]),
            calls=ending.usage.calls,
        )


async def _rewritten(question: Question, asked: list[Understood], calls: Calls) -> list[Understood]:
    """A fragment as the model makes it stand alone; where it cannot, as we made it."""
    if not question.turns or len(asked) != 1 or asked[0].standalone.follow is not Follow.FRAGMENT:
        return asked
    text = await rewritten(question.text, question.turns, calls)
    return [replace(asked[0], text=text)] if text else asked


async def _told(
    question: Question, decided: Decided, library: Library, calls: Calls | None
) -> AsyncIterator[Delta | Cited | Modelled]:
    """The text with its citations: worded by the model where there is one and there is something to tell."""
    composed, found = decided.composed, decided.found
    words = composed.outcome is Outcome.ANSWERED and decided.asked.standalone.follow is not Follow.SOURCE
    if calls is None or not words:
        for citation in composed.citations:
            yield Cited(citation)
        yield Delta(composed.text)
        return
    likely = [one.rule for one in found.candidates if one.probability >= _LIKELY]
    whole = question.text if decided.asked.standalone.follow is Follow.ALONE else ""
    async for event in stream_with_model(
        decided.asked, likely, found.sections, library, calls, composed, question.turns, whole
    ):
        yield event
