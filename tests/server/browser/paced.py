"""An assistant that sends the next piece of its text when it is told to, and that can cite a source."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

from assistant.answer import Answer
from assistant.events import Delta, Event
from assistant.question import Question
from knowledge.rule import Standing
from tests.server.fakes import ScriptedAssistant


@dataclass
class PacedAssistant(ScriptedAssistant):
    """A question that begins with `paced` gets one piece of text for each `steps.release()`.

    `passage` cites the run `cited_run` of the source `source_id` instead of the rule.
    """

    steps: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    source_id: str = "hkma/digital-asset-custody-guidance/2026-05-27"
    cited_run: tuple[int, int] = (0, 0)

    async def stream(self, question: Question) -> AsyncIterator[Event]:
        """The events of one answer."""
        async for event in super().stream(question):
            if isinstance(event, Delta) and question.text.startswith("paced"):
                # Released by the thread of the test, which an asyncio.Event does not allow.
                while not self.steps.acquire(blocking=False):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            yield event

    def _answer(self, question: Question) -> Answer:
        answer = super()._answer(question)
        if question.text != "passage":
            return answer
        source = self.library.sources[self.source_id]
        start, end = self.cited_run
        citation = replace(
            answer.citations[0], kind="passage", id=source.id, title=source.title, quote=source.text[start:end],
            start=start, end=end, standing=Standing.EVENT, official=source.official, url=source.url,
        )  # fmt: skip
        return replace(answer, citations=(citation,))
