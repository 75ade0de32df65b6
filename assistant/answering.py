"""The assistant: a question in, a stream of events out.

Understand, search and verify, compose, check: all of it before the first event that shows text, so that nothing
shown is ever taken back. The work is synchronous and short, and runs in threads of its own.
"""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

from assistant.answer import Answer, Receipt, Timings
from assistant.deciding import Reader
from assistant.events import Cited, Delta, Event, Finished, Searched, Started, fold
from assistant.question import Question
from assistant.settings import EXTRACTIVE, AssistantSettings
from assistant.verify import open_verifier
from knowledge.library import Library


class Assistant:
    """Answers questions from one library, which may be exchanged for another while questions run."""

    def __init__(self, library: Library, settings: AssistantSettings) -> None:
        self.settings = settings
        self._reader = Reader(library, open_verifier(), settings)
        self._threads = ThreadPoolExecutor(max_workers=os.cpu_count() or 1, thread_name_prefix="answer")

    @property
    def library(self) -> Library:
        """The library that the next question is answered from."""
        return self._reader.library

    def swap(self, library: Library) -> None:
        """Answer from another library from now on; questions under way end on the old one, which stays open."""
        self._reader = Reader(library, open_verifier(), self.settings)

    def close(self) -> None:
        """End the threads once what they do is done."""
        self._threads.shutdown()

    async def ask(self, question: Question) -> Answer:
        """The answer to a question."""
        return await fold(self.stream(question))

    async def stream(self, question: Question) -> AsyncIterator[Event]:
        """The events of one answer; joined deltas are its text, and every citation comes before its last mention."""
        began = time.perf_counter()
        reader = self._reader
        asked = reader.understand(question)
        answer_id = f"ans_{uuid.uuid4().hex}"
        yield Started(answer_id, asked[0].language, asked[0].as_of)
        decided = await asyncio.get_running_loop().run_in_executor(self._threads, reader.decide, asked)
        composed = decided.composed
        searched_ms = (time.perf_counter() - began) * 1000
        yield Searched(len(decided.found.hits), searched_ms)
        for citation in composed.citations:
            yield Cited(citation)
        yield Delta(composed.text)
        yield Finished(
            Answer(
                id=answer_id,
                outcome=composed.outcome,
                text=composed.text,
                language=asked[0].language,
                as_of=asked[0].as_of,
                citations=composed.citations,
                notes=composed.notes,
                receipt=Receipt(
                    library=reader.library.version,
                    model=EXTRACTIVE,
                    settings=self.settings.digest,
                    passages=tuple(hit.passage.id for hit in decided.found.hits[:10]),
                ),
                timings=Timings(searched_ms, (time.perf_counter() - began) * 1000),
                confidence=round(decided.confidence, 4),
            )
        )
