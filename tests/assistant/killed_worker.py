"""A bot's worker and a busy server that the tests kill; run as a script with `stages` or `load`, a URL and a file.

The file stands for the platform: one line for each reply that was sent, or each answer that was finished.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from uuid import uuid4

from assistant.answer import Answer, Outcome
from assistant.conversation import converse
from assistant.events import Delta, Event, Finished, Started, fold
from assistant.question import Question
from assistant.state.store import State, open_state

STAGES = ("taken", "answering", "stored", "posting", "sent")


class Mortal:
    """Answers, and dies of SIGKILL at the named stage."""

    def __init__(self, dies_at: str = "") -> None:
        self._dies_at = dies_at

    def reach(self, stage: str) -> None:
        """Die here, if this is the stage."""
        if stage == self._dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    async def stream(self, question: Question) -> AsyncIterator[Event]:
        answer = Answer(f"ans_{uuid4().hex}", Outcome.ANSWERED, f"On {question.text}", "en", date(2026, 11, 23))
        yield Started(answer.id, answer.language, answer.as_of)
        yield Delta(answer.text)
        self.reach("answering")
        yield Finished(answer)


def was_sent(platform: Path, event_id: str) -> bool:
    """Whether the platform has a reply to this message."""
    return event_id in platform.read_text()


async def work(state: State, assistant: Mortal, platform: Path) -> None:
    """Answer one message, as a bot does."""
    entry = await state.inbox.take("slack")
    assert entry is not None
    assistant.reach("taken")
    if entry.answer_id is None:
        session = await state.sessions.open_thread("slack", str(entry.message["thread"]), owner="slack:T1")
        question = Question(str(entry.message["text"]))
        events = converse(assistant, state, session, question, "slack:T1", "slack", event=entry.event)
        answer = await fold(events)
    else:
        answer = (await state.answers.get(entry.answer_id)).answer
    assistant.reach("stored")
    sent = entry.posting and was_sent(platform, entry.event_id)
    if not sent and await state.inbox.mark_posting(entry):
        assistant.reach("posting")
        with platform.open("a") as lines:
            lines.write(f"{entry.event_id} {answer.id}\n")
        assistant.reach("sent")
    await state.inbox.finish(entry)


async def _die_at(stage: str, url: str, platform: Path) -> None:
    async with open_state(url) as state:
        await state.inbox.receive("slack", f"Ev-{stage}", {"text": f"q {stage}", "thread": stage})
        await work(state, Mortal(stage), platform)


async def _ask_without_end(url: str, finished: Path) -> None:
    async def ask(state: State, log: int) -> None:
        while True:
            answer = await fold(converse(Mortal(), state, None, Question("q"), "ann", "api"))
            os.write(log, f"{answer.id}\n".encode())

    log = os.open(finished, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    async with open_state(url) as state:
        await asyncio.gather(*(ask(state, log) for _ in range(20)))


def main(what: str, url: str, path: str) -> None:
    """Let a child die at each stage, or answer until killed."""
    if what == "load":
        asyncio.run(_ask_without_end(url, Path(path)))
    for stage in STAGES:
        child = os.fork()
        if child == 0:
            asyncio.run(_die_at(stage, url, Path(path)))
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
            sys.exit(f"{stage}: {status}")


if __name__ == "__main__":
    main(*sys.argv[1:])
