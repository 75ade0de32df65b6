"""An assistant that sends the next piece of its text when it is told to."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from assistant.events import Delta, Event
from assistant.question import Question
from tests.server.fakes import ScriptedAssistant


@dataclass
class PacedAssistant(ScriptedAssistant):
    """A question that begins with `paced` gets one piece of text for each `steps.release()`."""

    steps: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    async def stream(self, question: Question) -> AsyncIterator[Event]:
        """The events of one answer."""
        async for event in super().stream(question):
            if isinstance(event, Delta) and question.text.startswith("paced"):
                # Released by the thread of the test, which an asyncio.Event does not allow.
                while not self.steps.acquire(blocking=False):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            yield event
