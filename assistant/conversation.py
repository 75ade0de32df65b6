"""A question asked in a session: its turns are loaded, the answer is stored, and only then is it finished."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import replace
from typing import Protocol

from assistant.events import Event, Finished
from assistant.question import Question
from assistant.state.sessions import Lease, new_session_id
from assistant.state.store import State
from assistant.state.turn_taking import TakenTurn, take_turn

MAX_TURNS = 6
"""How many earlier turns a question is asked with."""


class Answerer(Protocol):
    """What answers: `assistant.answering.Assistant`, or a script in tests."""

    def stream(self, question: Question) -> AsyncIterator[Event]:
        """The events of one answer."""
        ...


async def converse(
    assistant: Answerer,
    state: State,
    session_id: str | None,
    question: Question,
    owner: str,
    channel: str,
    *,
    event: tuple[str, str] | None = None,
    held: Lease | None = None,
    opens: bool = False,
    wait_s: float = 120.0,
) -> AsyncIterator[Event]:
    """The events of one answer, asked with the session's last turns.

    `session_id` None begins a session (to know its id beforehand, ask `state.sessions.begin`; `held` is the lease that
    it was begun with). With `opens` the session is stored with its first answer and not before: half the writing, where
    nobody is told its id until then. Turns in `question` itself come after the session's. The answer is stored whole
    before `Finished` is yielded, or not at all; `event` is the bot message that asked (see `Answers.store`). Questions
    of one session wait for each other, also between processes. Raises NotFound for an unknown or another owner's
    session, SessionBusy after `wait_s` seconds of waiting, and what the assistant and the state raise.
    """
    if opens:
        unheld = TakenTurn(session_id or new_session_id(), "", given_back=True)
        taken: AbstractAsyncContextManager[TakenTurn] = nullcontext(unheld)
    else:
        taken = take_turn(state.sessions, session_id, owner=owner, channel=channel, wait_s=wait_s, held=held)
    new = (owner, channel) if opens else None
    async with taken as turn:
        earlier = await state.answers.load_turns(turn.session_id, limit=MAX_TURNS) if turn.answers else ()
        given = replace(question, turns=question.turns[-MAX_TURNS:])
        asked = replace(given, turns=(earlier + given.turns)[-MAX_TURNS:])
        async with _closing(assistant.stream(asked)) as events:
            async for each in events:
                if isinstance(each, Finished):
                    lease, answer = turn.lease or None, each.answer
                    await state.answers.store(turn.session_id, given, answer, lease=lease, event=event, opens=new)
                    turn.given_back = True
                yield each


@asynccontextmanager
async def _closing(events: AsyncIterator[Event]) -> AsyncIterator[AsyncIterator[Event]]:
    """End the assistant's work where the caller leaves early."""
    try:
        yield events
    finally:
        if isinstance(events, AsyncGenerator):
            await events.aclose()
