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

from assistant.answer import Answer, Outcome, Receipt, Timings
from assistant.choose import Found, find
from assistant.compose import Composed, compose, refuse
from assistant.domain import is_in_domain
from assistant.events import Cited, Delta, Event, Finished, Searched, Started, fold
from assistant.followup import Follow
from assistant.question import Question
from assistant.rule_index import RuleIndex
from assistant.settings import EXTRACTIVE, AssistantSettings
from assistant.understand import Understood, understand
from assistant.verify import Verifier, open_verifier
from assistant.yes_no import lead_of
from knowledge.library import Library
from knowledge.words import has_han

_NEARBY = 2


class Assistant:
    """Answers questions from one library, which may be exchanged for another while questions run."""

    def __init__(self, library: Library, settings: AssistantSettings) -> None:
        self.settings = settings
        self._verifier: Verifier = open_verifier()
        self._held = (library, RuleIndex(library))
        self._threads = ThreadPoolExecutor(max_workers=os.cpu_count() or 1, thread_name_prefix="answer")

    @property
    def library(self) -> Library:
        """The library that the next question is answered from."""
        return self._held[0]

    def swap(self, library: Library) -> None:
        """Answer from another library from now on; questions under way end on the old one, which stays open."""
        self._held = (library, RuleIndex(library))

    def close(self) -> None:
        """End the threads once what they do is done."""
        self._threads.shutdown()

    async def ask(self, question: Question) -> Answer:
        """The answer to a question."""
        return await fold(self.stream(question))

    async def stream(self, question: Question) -> AsyncIterator[Event]:
        """The events of one answer; joined deltas are its text, and every citation comes before its last mention."""
        began = time.perf_counter()
        library, index = self._held
        asked = understand(question, self.settings.day)
        answer_id = f"ans_{uuid.uuid4().hex}"
        yield Started(answer_id, asked.language, asked.as_of)
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, find, library, index, self._verifier, asked)
        searched_ms = (time.perf_counter() - began) * 1000
        yield Searched(len(found.hits), searched_ms)
        composed = self._compose(library, index, asked, found)
        for citation in composed.citations:
            yield Cited(citation)
        yield Delta(composed.text)
        yield Finished(
            Answer(
                id=answer_id,
                outcome=composed.outcome,
                text=composed.text,
                language=asked.language,
                as_of=asked.as_of,
                citations=composed.citations,
                notes=composed.notes,
                receipt=Receipt(
                    library=library.version,
                    model=EXTRACTIVE,
                    settings=self.settings.digest,
                    passages=tuple(hit.passage.id for hit in found.hits[:10]),
                ),
                timings=Timings(searched_ms, (time.perf_counter() - began) * 1000),
                confidence=round(found.confidence, 4),
            )
        )

    def _compose(self, library: Library, index: RuleIndex, asked: Understood, found: Found) -> Composed:
        if asked.standalone.follow is Follow.UNCLEAR:
            return refuse(Outcome.UNCLEAR, asked)
        if found.confidence < self.settings.answer_threshold:
            nearby = [one.rule for one in found.candidates[:_NEARBY]]
            known = is_in_domain(asked.text, index)
            return refuse(Outcome.INSUFFICIENT if known else Outcome.OFF_TOPIC, asked, nearby)
        best = found.candidates[0]
        polars = index.polar(best.place, "zh" if has_han(asked.text) else "en", found.vector)
        lead = lead_of(asked, index, best.rule, polars)
        return compose(asked, found, lead, library.rules, library.sources)
