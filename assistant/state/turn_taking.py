"""One question at a time in each session, in this process and between processes.

Within a process an asyncio lock keeps the order of arrival. Between processes the session's row holds a lease, renewed
while the answer is made; where a process is killed its lease runs out within seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from assistant.state.database import new_id
from assistant.state.errors import SessionBusy, StateUnavailable
from assistant.state.sessions import Lease, Sessions

HOLD_S = 20.0
"""How long a killed process keeps a session from going on."""
_LOOK_EVERY_S = 0.05
_BUSY = "An earlier question of this session is still being answered. Wait for its answer, then ask again."


@dataclass(slots=True)
class TakenTurn:
    """A turn in a session. Who stores the answer gives the turn back with it and says so in `given_back`."""

    session_id: str
    lease: str
    """Empty where the session is stored with its first answer, so that nobody else can ask in it."""
    answers: int = 0
    """How many the session had before."""
    given_back: bool = False


def new_lease() -> Lease:
    """A lease to begin a session with: it takes the first turn in the same write."""
    return Lease(new_id("turn"), HOLD_S)


@asynccontextmanager
async def take_turn(
    sessions: Sessions,
    session_id: str | None,
    *,
    owner: str,
    channel: str,
    wait_s: float,
    held: Lease | None = None,
) -> AsyncIterator[TakenTurn]:
    """The turn in a session, or in a new one for None; `held` is the lease that the session was begun with.

    Raises NotFound for an unknown or another owner's session, SessionBusy where the turn does not come in `wait_s`.
    """
    async with _in_order(sessions, session_id, wait_s):
        lease = held or new_lease()
        begun = session_id or await sessions.begin(None, owner=owner, channel=channel, lease=lease)
        turn = TakenTurn(begun, lease.id)
        try:
            if session_id is not None and held is None:
                turn.answers = await _enter(sessions, turn, owner, wait_s)
            async with _renewed(sessions, turn):
                yield turn
        finally:
            if not turn.given_back:
                # The lease ends by itself where the database is away; a leaving caller must not see that as an error.
                with suppress(StateUnavailable):
                    await sessions.give_back(turn.session_id, turn.lease)


@asynccontextmanager
async def _in_order(sessions: Sessions, session_id: str | None, wait_s: float) -> AsyncIterator[None]:
    if session_id is None:
        yield
        return
    lock = sessions.lock_of(session_id)
    try:
        async with asyncio.timeout(wait_s):
            await lock.acquire()
    except TimeoutError as error:
        raise SessionBusy(_BUSY) from error
    try:
        yield
    finally:
        lock.release()


async def _enter(sessions: Sessions, turn: TakenTurn, owner: str, wait_s: float) -> int:
    for _ in range(max(1, round(wait_s / _LOOK_EVERY_S))):
        answers = await sessions.enter(turn.session_id, owner=owner, lease=turn.lease, seconds=HOLD_S)
        if answers is not None:
            return answers
        await asyncio.sleep(_LOOK_EVERY_S)
    raise SessionBusy(_BUSY)


@asynccontextmanager
async def _renewed(sessions: Sessions, turn: TakenTurn) -> AsyncIterator[None]:
    keeper = asyncio.create_task(_renew(sessions, turn))
    try:
        yield
    finally:
        keeper.cancel()
        with suppress(asyncio.CancelledError):
            await keeper


async def _renew(sessions: Sessions, turn: TakenTurn) -> None:
    while not turn.given_back:
        await asyncio.sleep(HOLD_S / 3)
        with suppress(StateUnavailable):
            await sessions.renew(turn.session_id, turn.lease, HOLD_S)
