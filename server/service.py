"""What is open while we serve: the state, and the assistant with its library or the reason why there is none yet.

The library on disk may be built or changed by another process at any time. We look at its pointer now and then, and
where it names another version we open that one beside the old and swap; questions under way end with the old one.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

import structlog

from assistant.conversation import converse
from assistant.errors import AssistantError
from assistant.events import Event
from assistant.question import Question
from assistant.state.sessions import new_session_id
from assistant.state.store import State
from assistant.state.turn_taking import new_lease
from knowledge.errors import KnowledgeError
from knowledge.library import Library, read_current
from knowledge.settings import KnowledgeSettings
from server.errors import NotReady
from server.metrics import Metrics

_LOG = structlog.get_logger(__name__)
_T = TypeVar("_T")
LOOK_EVERY_S = 2.0
TRY_AGAIN_S = 30.0
_KEEP_OLD_S = 600.0
"""How long an old library stays open for the questions that were asked of it."""


class Answerer(Protocol):
    """What we need of an assistant."""

    @property
    def library(self) -> Library:
        """The library that the next question will be answered from."""
        ...

    def stream(self, question: Question) -> AsyncIterator[Event]:
        """The events of one answer."""
        ...

    def swap(self, library: Library) -> None:
        """Answer from another library from now on."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer about to be made: its session, and its events, nothing of which has been done yet."""

    session_id: str
    events: AsyncIterator[Event]


class Service:
    """Holds the assistant. `open_library` opens the version that is current on disk."""

    def __init__(
        self,
        knowledge: KnowledgeSettings,
        open_assistant: Callable[[], Answerer],
        open_library: Callable[[], Library],
        open_state: Callable[[], AbstractAsyncContextManager[State]],
        today: Callable[[], date] = date.today,
        metrics: Metrics | None = None,
    ) -> None:
        self.knowledge = knowledge
        self.today = today
        self.metrics = metrics or Metrics()
        self._open_assistant = open_assistant
        self._open_library = open_library
        self._open_state = open_state
        self._state: State | None = None
        self._old: list[tuple[float, Library]] = []
        self._assistant: Answerer | None = None
        self._missing = "The library has not been opened yet. Try again in a moment."
        self._failed_on: str | None = ""
        self._again_at = 0.0
        self._refreshing = asyncio.Lock()
        self._searching = asyncio.Lock()

    @property
    def assistant(self) -> Answerer:
        """The assistant; raises NotReady naming what is missing."""
        if self._assistant is None:
            raise NotReady(self._missing)
        return self._assistant

    @property
    def library(self) -> Library:
        """The library in use; raises NotReady naming what is missing."""
        return self.assistant.library

    @property
    def state(self) -> State:
        """What is kept between questions; open while we serve."""
        if self._state is None:
            raise NotReady("The state has not been opened yet. Try again in a moment.")
        return self._state

    async def ask(
        self, question: Question, owner: str, channel: str, session_id: str | None = None, *, whole: bool = False
    ) -> Asked:
        """Begin an answer in the owner's session, or in a new one, which with `whole` is stored together with its
        answer: nobody is told of it before.

        Raises NotReady, NotFound for a session that is not the owner's, StateUnavailable; what else goes wrong comes
        with the first event.
        """
        assistant, state = self.assistant, self.state
        if whole and session_id is None:
            session = new_session_id()
            events = converse(assistant, state, session, question, owner, channel, opens=True)
            return Asked(session, self.metrics.watch(events))
        lease = new_lease() if session_id is None else None
        session = await state.sessions.begin(session_id, owner=owner, channel=channel, lease=lease)
        events = converse(assistant, state, session, question, owner, channel, held=lease)
        return Asked(session, self.metrics.watch(events))

    async def in_library(self, work: Callable[[Library], _T]) -> _T:
        """Run a search in a thread, one at a time: two would only take turns on the same locks."""
        library = self.library
        async with self._searching:
            return await asyncio.to_thread(work, library)

    async def refresh(self) -> None:
        """Open what is current on disk where that is not what we have; keep what we have where it cannot be opened.

        A version that could not be opened is tried again now and then only: opening costs a second of work.
        """
        async with self._refreshing:
            current = read_current(self.knowledge.library_dir)
            if current == self._failed_on and time.monotonic() < self._again_at:
                return
            try:
                await self._open(current)
            except (KnowledgeError, AssistantError) as error:
                self._missing, self._failed_on = str(error), current
                self._again_at = time.monotonic() + TRY_AGAIN_S
                _LOG.warning("library_not_opened", reason=str(error))

    async def _open(self, current: str | None) -> None:
        if self._assistant is None:
            self._assistant = await asyncio.to_thread(self._open_assistant)
        elif current not in (None, self._assistant.library.version):
            assistant, old = self._assistant, self._assistant.library
            await asyncio.to_thread(lambda: assistant.swap(self._open_library()))
            self._old.append((time.monotonic() + _KEEP_OLD_S, old))
        else:
            return
        _LOG.info("library_opened", version=self._assistant.library.version)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Open what there is, and keep looking for a newer version until the end. Raises StateError."""
        async with self._open_state() as self._state:
            await self.refresh()
            watcher = asyncio.create_task(self._watch())
            try:
                yield
            finally:
                watcher.cancel()
                with suppress(asyncio.CancelledError):
                    await watcher
                self._close_old(math.inf)
                self._state = None

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await self.refresh()
            self._close_old(time.monotonic())

    def _close_old(self, now: float) -> None:
        while self._old and self._old[0][0] <= now:
            self._old.pop(0)[1].close()
