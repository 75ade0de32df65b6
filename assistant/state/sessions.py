"""Sessions: who talks with us, where, and whose turn it is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy import Connection, Select, Update, delete, or_, select, update

from assistant.errors import NotFound
from assistant.state.audit import add_entry
from assistant.state.database import Database, new_id
from assistant.state.tables import SESSIONS

UNKNOWN_SESSION = "No such session is held for you. Leave session_id out to begin a new one."


@dataclass(frozen=True, slots=True)
class Session:
    """One conversation. `thread` is the platform's own name of it, where a bot opened it; `turns` counts answers."""

    id: str
    owner: str
    channel: str
    thread: str | None
    turns: int
    created_at: datetime
    last_used_at: datetime


@dataclass(frozen=True, slots=True)
class Lease:
    """A turn taken in a session, for so many seconds unless it is renewed."""

    id: str
    seconds: float


def new_session_id() -> str:
    """The id of a session that nobody has stored yet."""
    return new_id("ses")


def add_session(
    connection: Connection,
    database: Database,
    owner: str,
    channel: str,
    thread: str | None,
    lease: Lease | None = None,
    session_id: str | None = None,
) -> str:
    """Insert a session, in a transaction that is under way; its id, or that of the session which the thread has."""
    now, named = database.clock(), session_id or new_session_id()
    row: dict[str, Any] = {"id": named, "owner": owner, "channel": channel, "thread": thread, "turns": 0}
    if lease is not None:
        row |= {"lease": lease.id, "leased_until": now + timedelta(seconds=lease.seconds)}
    insert = database.insert(SESSIONS).values(**row, created_at=now, last_used_at=now)
    # Two first messages of one thread may arrive together: both then get the session that came first.
    insert = insert.on_conflict_do_update(index_elements=["channel", "thread"], set_={"last_used_at": now})
    return str(connection.scalar(insert.returning(SESSIONS.c.id)))


class Sessions:
    """The sessions table."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def lock_of(self, session_id: str) -> asyncio.Lock:
        """The lock under which this process asks in a session."""
        return self._locks.setdefault(session_id, asyncio.Lock())

    async def begin(self, session_id: str | None, *, owner: str, channel: str, lease: Lease | None = None) -> str:
        """The id of the session to ask in: the given one, or a new one for None, its turn taken with `lease` at once.

        Raises NotFound where the given one is unknown, forgotten or another owner's.
        """
        if session_id is not None:
            return (await self.get(session_id, owner=owner)).id
        return await self._insert(owner, channel, None, lease)

    async def open_thread(self, channel: str, thread: str, *, owner: str) -> str:
        """The id of the one session of a platform's thread, made at its first message."""
        return await self.find_thread(channel, thread) or await self._insert(owner, channel, thread)

    async def find_thread(self, channel: str, thread: str) -> str | None:
        """The id of the session of a platform's thread; None where nobody has asked us anything in it."""
        query = select(SESSIONS.c.id).where(SESSIONS.c.channel == channel, SESSIONS.c.thread == thread)
        held: str | None = await self._database.read(lambda connection: connection.scalar(query))
        return held

    async def _insert(self, owner: str, channel: str, thread: str | None, lease: Lease | None = None) -> str:
        return await self._database.write(
            lambda connection: add_session(connection, self._database, owner, channel, thread, lease)
        )

    async def get(self, session_id: str, *, owner: str | None = None) -> Session:
        """The session. Raises NotFound where it is not held or, with `owner`, is another's."""
        query = _sessions().where(SESSIONS.c.id == session_id)
        row = await self._database.read(lambda connection: connection.execute(query).mappings().first())
        if row is None or owner not in (None, row["owner"]):
            raise NotFound(UNKNOWN_SESSION)
        return Session(**row)

    async def list(self, *, owner: str | None = None, limit: int = 100) -> list[Session]:
        """The sessions last used, newest first."""
        query = _sessions().order_by(SESSIONS.c.last_used_at.desc(), SESSIONS.c.id).limit(limit)
        if owner is not None:
            query = query.where(SESSIONS.c.owner == owner)
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [Session(**row) for row in rows]

    async def forget(self, session_id: str, *, by: str = "local") -> bool:
        """Delete a session with its answers and their feedback; False where it is not held."""
        query = delete(SESSIONS).where(SESSIONS.c.id == session_id)

        def work(connection: Connection) -> bool:
            gone = connection.execute(query).rowcount > 0
            if gone:
                add_entry(connection, self._database, by, "session.forgotten", session_id)
            return gone

        return await self._database.write(work)

    async def forget_unused_since(self, when: datetime, *, by: str = "retention") -> int:
        """Delete every session last used before `when`, with its answers and feedback; how many there were."""
        query = delete(SESSIONS).where(SESSIONS.c.last_used_at < when)

        def work(connection: Connection) -> int:
            number = connection.execute(query).rowcount
            if number:
                detail = {"sessions": number, "unused_since": when.isoformat()}
                add_entry(connection, self._database, by, "sessions.forgotten", detail=detail)
            return number

        return await self._database.write(work)

    async def enter(self, session_id: str, *, owner: str, lease: str, seconds: float) -> int | None:
        """Take the session's turn for this many seconds; how many answers it has, or None while another holds it.

        A turn that was not given back (its process was killed) ends by itself. Raises NotFound where the session is
        not held or is another owner's.
        """
        mine = (SESSIONS.c.id == session_id, SESSIONS.c.owner == owner)
        query = self._leased(lease, seconds).where(*mine).returning(SESSIONS.c.turns)
        held = select(SESSIONS.c.id).where(*mine)

        def work(connection: Connection) -> int | None:
            turns: int | None = connection.scalar(query)
            if turns is None and connection.scalar(held) is None:
                raise NotFound(UNKNOWN_SESSION)
            return turns

        return await self._database.write(work)

    async def renew(self, session_id: str, lease: str, seconds: float) -> None:
        """Keep the turn for this many seconds from now."""
        await self._change(self._leased(lease, seconds).where(SESSIONS.c.id == session_id))

    def _leased(self, lease: str, seconds: float) -> Update:
        now = self._database.clock()
        free = or_(SESSIONS.c.lease.is_(None), SESSIONS.c.lease == lease, SESSIONS.c.leased_until <= now)
        return update(SESSIONS).where(free).values(lease=lease, leased_until=now + timedelta(seconds=seconds))

    async def give_back(self, session_id: str, lease: str) -> None:
        """End the turn, where it is still ours."""
        query = update(SESSIONS).where(SESSIONS.c.id == session_id, SESSIONS.c.lease == lease)
        await self._change(query.values(lease=None, leased_until=None))

    async def _change(self, query: Update) -> None:
        await self._database.write(lambda connection: connection.execute(query))


def _sessions() -> Select[Any]:
    table = SESSIONS.c
    return select(table.id, table.owner, table.channel, table.thread, table.turns, table.created_at, table.last_used_at)
