"""The bots' inbox: every message of a platform is answered once, however often the platform delivers it.

A message is `received` (stored before it is acknowledged), then `answering` (taken by one worker for some seconds),
then `answered`. A worker that is killed loses its hold when its time is up, and the message is taken again; what it
had got to is kept with it: the answer (`answer_id`, stored in the same transaction as the answer itself) and whether a
reply was on its way (`posting`; look on the platform before sending again). Answered messages are kept for a day, so
that late repeats are known.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, delete, func, select, update

from assistant.state.database import Database, new_id
from assistant.state.sessions import add_session
from assistant.state.tables import INBOX

KEPT = timedelta(hours=24)
"""How long a message is known."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A message taken by one worker. `message` is what `receive` was given; `attempts` counts from 1."""

    platform: str
    event_id: str
    message: Mapping[str, Any]
    received_at: datetime
    attempts: int
    lease: str
    answer_id: str | None
    posting: bool
    reply: str | None
    """The platform's id of our reply as far as it got, where `mark_posting` was told one."""

    @property
    def event(self) -> tuple[str, str]:
        """The key under which `converse` notes the answer."""
        return (self.platform, self.event_id)


class Inbox:
    """The inbox table. `hold_s` is how long a worker may be silent before its message is taken by another."""

    def __init__(self, database: Database, hold_s: float = 60.0) -> None:
        self._database = database
        self._hold = timedelta(seconds=hold_s)

    async def receive(
        self, platform: str, event_id: str, message: Mapping[str, Any], *, thread: tuple[str, str] | None = None
    ) -> bool:
        """Keep a message; False where it was delivered before. Acknowledge it only after this returned.

        `thread` (owner, thread) gets its session with it, so that a next message of the thread, which may come before
        this one is answered, is known to be for us. All of it is one write: the platform is waiting.
        """
        now = self._database.clock()
        row = {"platform": platform, "event_id": event_id, "message": json.dumps(dict(message)), "state": "received"}
        query = self._database.insert(INBOX).values(**row, received_at=now, due_at=now, attempts=0, posting=False)
        query = query.on_conflict_do_nothing()

        def work(connection: Connection) -> bool:
            is_new = connection.execute(query).rowcount > 0
            if is_new and thread is not None:
                owner, name = thread
                add_session(connection, self._database, owner, platform, name)
            return is_new

        return await self._database.write(work)

    async def take(self, platform: str, event_id: str | None = None) -> Entry | None:
        """Take the oldest message that is due (or the one named), for `hold_s` seconds; None where there is none."""
        now = self._database.clock()
        wanted = [INBOX.c.platform == platform, INBOX.c.state != "answered", INBOX.c.due_at <= now]
        if event_id is not None:
            wanted.append(INBOX.c.event_id == event_id)
        order = (INBOX.c.due_at, INBOX.c.received_at, INBOX.c.event_id)
        oldest = select(INBOX.c.event_id).where(*wanted).order_by(*order).limit(1).with_for_update(skip_locked=True)
        query = (
            update(INBOX)
            .where(INBOX.c.platform == platform, INBOX.c.event_id == oldest.scalar_subquery())
            .values(state="answering", lease=new_id("take"), due_at=now + self._hold, attempts=INBOX.c.attempts + 1)
            .returning(INBOX)
        )
        row = await self._database.write(lambda connection: connection.execute(query).mappings().first())
        return _entry_from(row) if row else None

    async def renew(self, entry: Entry) -> bool:
        """Hold the message for another `hold_s` seconds; False where it is no longer ours."""
        return await self._change(entry, due_at=self._database.clock() + self._hold)

    async def mark_posting(self, entry: Entry, reply: str | None = None) -> bool:
        """Say that a reply is about to be sent, and what of it is there; False where the message is no longer ours:
        then do not send.
        """
        known = {} if reply is None else {"reply": reply}
        return await self._change(entry, posting=True, due_at=self._database.clock() + self._hold, **known)

    async def finish(self, entry: Entry, reply: str | None = None) -> bool:
        """Mark the message answered, with the platform's id of our reply; False where it is no longer ours."""
        return await self._change(entry, state="answered", lease=None, reply=reply)

    async def put_back(self, entry: Entry, after_s: float) -> bool:
        """Try the message again after some seconds (rate limit, outage); False where it is no longer ours."""
        due = self._database.clock() + timedelta(seconds=after_s)
        return await self._change(entry, state="received", lease=None, due_at=due)

    async def count(self, platform: str | None = None) -> dict[str, int]:
        """How many messages are in each state."""
        query = select(INBOX.c.state, func.count()).group_by(INBOX.c.state)
        if platform is not None:
            query = query.where(INBOX.c.platform == platform)
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return {row[0]: row[1] for row in rows}

    async def forget_old(self) -> int:
        """Delete messages received more than a day ago, unless one is being answered now; how many there were."""
        now = self._database.clock()
        held = and_(INBOX.c.state == "answering", INBOX.c.due_at > now)
        query = delete(INBOX).where(INBOX.c.received_at < now - KEPT, ~held)
        return await self._database.write(lambda connection: connection.execute(query).rowcount)

    async def _change(self, entry: Entry, **values: Any) -> bool:
        mine = (INBOX.c.platform == entry.platform, INBOX.c.event_id == entry.event_id, INBOX.c.lease == entry.lease)
        query = update(INBOX).where(*mine).values(**values)
        return await self._database.write(lambda connection: connection.execute(query).rowcount) > 0


def _entry_from(row: RowMapping) -> Entry:
    return Entry(
        platform=row["platform"],
        event_id=row["event_id"],
        message=json.loads(row["message"]),
        received_at=row["received_at"],
        attempts=row["attempts"],
        lease=row["lease"],
        answer_id=row["answer_id"],
        posting=row["posting"],
        reply=row["reply"],
    )
