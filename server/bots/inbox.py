"""From a message to one reply, whatever happens in between.

1. `accept` keeps the message in the state's inbox, and only then does the platform get its acknowledgement. A message
   that is delivered again is known by its id.
2. A worker takes the message for a while and shows "Looking it up…". Where a message may already be there, because we
   were killed while sending it, it is looked for on the platform first, where the platform lets us look.
3. The answer is made and stored; after a crash a stored answer is not made again.
4. The first message is changed into the reply, which does no harm when done twice; further parts follow where it is
   long, and each one's id is kept as soon as it is there.

What goes wrong for a while is tried again later. What goes wrong for good ends in a plain sentence or, where the
platform does not take even that, in a line of the log. Texts of errors never reach a chat, and texts of messages never
reach the log.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

import structlog

from assistant.answer import Answer
from assistant.conversation import converse
from assistant.errors import AssistantError, NotFound
from assistant.events import fold
from assistant.question import MAX_CHARACTERS, Question
from assistant.state.errors import StateError
from assistant.state.feedback import Rating
from assistant.state.inbox import Entry, Inbox
from server.bots.errors import PlatformBusy, PlatformRefused
from server.bots.in_order import InOrder
from server.bots.message import BotMessage, Platform, message_from
from server.bots.reply import BotReply, notice, reply_of, split_reply
from server.bots.waiting import wait_at_most
from server.errors import NotReady
from server.service import Service

_LOG = structlog.get_logger(__name__)
LOOK_EVERY_S = 2.0
_RENEW_EVERY_S = 20.0
_TIDY_EVERY_S = 3_600.0
_WAIT_FOR_TURN_S = 20.0
"""How long a worker waits for an earlier question of the same session before it takes up another message."""
_MOST_ATTEMPTS = 8
"""How often an answer is tried before the person is told that there is none."""
_MOST_FAILURES = 3
"""How often where we ourselves failed, which trying again seldom mends."""
_TOO_LATE = timedelta(hours=12)
"""A reply that the platform has not taken for this long is given up."""
_WINDOW_S = 60.0


class Poster(Protocol):
    """A platform, as far as replies go. Raises PlatformBusy and PlatformRefused."""

    platform: Platform

    async def find(self, message: BotMessage) -> str | None:
        """The id of the first message that we sent in reply; None where there is none or no way to see it."""
        ...

    async def post(self, message: BotMessage, reply: BotReply, number: int) -> str:
        """Send a new message, the `number`-th in reply to this one from 0; its id."""
        ...

    async def update(self, message: BotMessage, reply_id: str, reply: BotReply) -> None:
        """Change a message of ours; changing it twice to the same does no harm."""
        ...

    def fits(self, reply: BotReply) -> bool:
        """Whether the platform takes the reply as one message."""
        ...


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may ask, and how much. `allowed` holds ids of places and people; empty is everybody."""

    allowed: frozenset[str] = field(default_factory=frozenset)
    per_minute: int = 10
    workers: int = 4

    def allow(self, place: str, user: str) -> bool:
        """Whether somebody may ask at a place."""
        return not self.allowed or bool(self.allowed & {place, user})


class Desk:
    """Takes the messages of one platform and answers each once."""

    def __init__(self, service: Service, poster: Poster, rules: Rules) -> None:
        self.rules = rules
        self._service = service
        self._poster = poster
        self._wake = asyncio.Event()
        self._free = asyncio.Semaphore(rules.workers)
        self._not_before = 0.0
        self._order = InOrder()

    @property
    def _inbox(self) -> Inbox:
        return self._service.state.inbox

    async def accept(self, message: BotMessage) -> bool:
        """Keep a message; False where it is known already or may not be asked. Acknowledge it after this returned.

        Raises StateError, where the platform should deliver it again.
        """
        if not self.rules.allow(message.place, message.user):
            _LOG.info("bot_message_refused", platform=message.platform, place=message.place, user=message.user)
            return False
        thread = (message.owner, message.thread) if message.thread is not None else None
        is_new = await self._inbox.receive(message.platform, message.event_id, message.to_json(), thread=thread)
        self._wake.set()
        return is_new

    async def knows_thread(self, thread: str) -> bool:
        """Whether somebody has asked us in this thread."""
        return await self._service.state.sessions.find_thread(self._poster.platform, thread) is not None

    async def rate(self, owner: str, user: str, answer_id: str, rating: Rating) -> bool:
        """Keep what somebody thought of an answer; False where it is not held for this owner."""
        try:
            await self._service.state.feedback.give(answer_id, owner=f"{owner}:{user}", rating=rating, of=owner)
        except NotFound:
            return False
        return True

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Answer messages until the end; those under way are put back for whoever comes next."""
        work = asyncio.create_task(self._run())
        try:
            yield
        finally:
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._tidy())
            while True:
                await self._free.acquire()
                entry = await self._next()
                group.create_task(self._handle(entry))

    async def _next(self) -> Entry:
        while True:
            # Where the platform asked us to wait, other messages would only be refused as well.
            await asyncio.sleep(max(0.0, self._not_before - time.monotonic()))
            self._wake.clear()
            try:
                entry = await self._inbox.take(self._poster.platform)
            except (StateError, NotReady) as error:
                _LOG.warning("bot_inbox_unavailable", reason=str(error))
                entry = None
            if entry is not None:
                return entry
            await wait_at_most(self._wake, LOOK_EVERY_S)

    async def _tidy(self) -> None:
        while True:
            with suppress(StateError, NotReady):
                await self._inbox.forget_old()
            await asyncio.sleep(_TIDY_EVERY_S)

    async def _handle(self, entry: Entry) -> None:
        began = time.perf_counter()
        keeper = asyncio.create_task(self._keep(entry))
        try:
            with self._order.place(entry.message.get("thread") or entry.event_id, entry.event_id):
                await self._attempt(entry)
        except asyncio.CancelledError:
            with suppress(StateError):
                await self._inbox.put_back(entry, 0.0)
            raise
        except (StateError, NotReady) as error:
            # The hold runs out by itself; then the message is taken again.
            _LOG.warning("bot_state_unavailable", platform=entry.platform, reason=str(error))
        finally:
            keeper.cancel()
            self._free.release()
        seconds = round(time.perf_counter() - began, 3)
        _LOG.info("bot_message_handled", platform=entry.platform, attempt=entry.attempts, seconds=seconds)

    async def _keep(self, entry: Entry) -> None:
        while True:
            await asyncio.sleep(_RENEW_EVERY_S)
            with suppress(StateError):
                await self._inbox.renew(entry)

    async def _attempt(self, entry: Entry) -> None:
        """One try; what fails for a while puts the message back."""
        again_s = min(60.0, 2.0 ** min(entry.attempts, 6))
        try:
            await self._reply(entry, message_from(entry.message), last=entry.attempts >= _MOST_ATTEMPTS)
        except PlatformRefused as error:
            _LOG.warning("bot_reply_refused", platform=entry.platform, reason=str(error))
            await self._inbox.finish(entry, entry.reply)
        except PlatformBusy as error:
            _LOG.info("bot_platform_busy", platform=entry.platform, reason=str(error))
            asked_s = error.retry_after_s
            self._not_before = time.monotonic() + min(asked_s or 0.0, _WINDOW_S)
            await self._later(entry, again_s if asked_s is None else asked_s)
        except (AssistantError, NotReady) as error:
            _LOG.warning("bot_answer_delayed", platform=entry.platform, reason=type(error).__name__)
            await self._later(entry, again_s)
        except Exception:  # noqa: BLE001 - one message must not end the desk; nothing is lost, it is tried again
            _LOG.exception("bot_answer_failed", platform=entry.platform)
            await self._later(entry, again_s)

    async def _later(self, entry: Entry, after_s: float) -> None:
        if self._service.state.database.clock() - entry.received_at > _TOO_LATE:
            _LOG.error("bot_message_given_up", platform=entry.platform, event=entry.event_id)
            await self._inbox.finish(entry, entry.reply)
        else:
            await self._inbox.put_back(entry, after_s)

    async def _reply(self, entry: Entry, message: BotMessage, last: bool) -> None:
        reply = await self._notice(entry, message)
        sent = await self._begin(entry, message, reply)
        if not sent:
            return
        if reply is None:
            reply = await self._answer(entry, message, sent[0], last)
        await self._show(entry, message, sent, reply)

    async def _notice(self, entry: Entry, message: BotMessage) -> BotReply | None:
        """What is said without asking the assistant; None where it is to be asked."""
        length = len(message.text)
        if not message.text.strip():
            return notice("empty", message.text)
        if length > MAX_CHARACTERS:
            return notice("too_long", message.text, length=length, allowed=MAX_CHARACTERS)
        if entry.attempts == 1:
            person = f"bot/{message.owner}/{message.user}"
            wait = await self._service.state.limits.hit(person, limit=self.rules.per_minute, window_s=_WINDOW_S)
            if wait > 0:
                return notice("too_many", message.text, seconds=math.ceil(wait))
        return None

    async def _begin(self, entry: Entry, message: BotMessage, reply: BotReply | None) -> list[str]:
        """The ids of our messages that are there, at least the first; none where the message is no longer ours."""
        if entry.reply is not None:
            return entry.reply.split("\n")
        first = await self._poster.find(message) if entry.posting else None
        if first is None:
            if not await self._inbox.mark_posting(entry):
                return []
            first = await self._poster.post(message, reply or notice("progress", message.text), 0)
        return [first] if await self._inbox.mark_posting(entry, first) else []

    async def _answer(self, entry: Entry, message: BotMessage, first: str, last: bool) -> BotReply:
        try:
            return reply_of(await self._stored(entry) or await self._ask(entry, message, first))
        except (AssistantError, NotReady):
            if not last:
                raise
            _LOG.warning("bot_answer_given_up", platform=entry.platform)
        except Exception:
            if not last and entry.attempts < _MOST_FAILURES:
                raise
            _LOG.exception("bot_answer_given_up", platform=entry.platform)
        return notice("sorry", message.text)

    async def _stored(self, entry: Entry) -> Answer | None:
        if entry.answer_id is None:
            return None
        with suppress(NotFound):
            return (await self._service.state.answers.get(entry.answer_id)).answer
        return None

    async def _ask(self, entry: Entry, message: BotMessage, first: str) -> Answer:
        state, platform = self._service.state, message.platform
        thread = message.thread or f"{message.tenant}/{first}"
        await self._order.wait(entry.event_id, _WAIT_FOR_TURN_S)
        session = await state.sessions.open_thread(platform, thread, owner=message.owner)
        events = converse(
            self._service.assistant, state, session, Question(message.text), message.owner, platform,
            event=entry.event, wait_s=_WAIT_FOR_TURN_S,
        )  # fmt: skip
        return await fold(self._service.metrics.watch(events))

    async def _show(self, entry: Entry, message: BotMessage, sent: list[str], reply: BotReply) -> None:
        for number, part in enumerate(split_reply(reply, self._poster.fits)):
            if not await self._inbox.mark_posting(entry, "\n".join(sent)):
                return
            if number < len(sent):
                await self._poster.update(message, sent[number], part)
            else:
                sent.append(await self._poster.post(message, part, number))
        await self._inbox.finish(entry, "\n".join(sent))
