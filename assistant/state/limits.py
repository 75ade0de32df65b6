"""Limits that hold for all replicas together: requests in a window, and requests at once.

Requests are counted in windows of fixed length; the one before weighs in by the share of it that still lies within the
last window's length. Two numbers for each caller are enough, and no burst at a window's edge doubles the limit.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select, text, update

from assistant.state.database import Database
from assistant.state.tables import COUNTS, SLOTS


class Limits:
    """The tables of counts and slots."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def hit(self, key: str, *, limit: int, window_s: float) -> float:
        """Count a request. 0 where it is within the limit, else the seconds to wait; it is then not counted."""
        now = self._database.clock().timestamp()
        number, into = divmod(now, window_s)
        ends = datetime.fromtimestamp((number + 2) * window_s, UTC)
        this, before = f"{key}/{window_s:g}/{number:.0f}", f"{key}/{window_s:g}/{number - 1:.0f}"
        added = self._database.insert(COUNTS).values(key=this, count=1, ends_at=ends)
        added = added.on_conflict_do_update(index_elements=["key"], set_={"count": COUNTS.c.count + 1})

        def work(connection: Connection) -> float:
            # Counting first takes the row's lock, so that two replicas cannot both see the last free place.
            current = int(connection.scalar(added.returning(COUNTS.c.count)) or 1) - 1
            earlier = int(connection.scalar(select(COUNTS.c.count).where(COUNTS.c.key == before)) or 0)
            wait = _wait(limit, window_s, into, earlier, current)
            if wait > 0:
                connection.execute(update(COUNTS).where(COUNTS.c.key == this).values(count=current))
            return wait

        return await self._database.write(work)

    async def take_slot(self, key: str, holder: str, *, limit: int, hold_s: float = 300.0) -> bool:
        """One of `limit` places for requests at once, until given back or for `hold_s`; False where none is free."""
        now = self._database.clock()
        ends = now + timedelta(seconds=hold_s)

        def work(connection: Connection) -> bool:
            if not self._database.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:key))"), {"key": key})
            connection.execute(delete(SLOTS).where(SLOTS.c.key == key, SLOTS.c.ends_at <= now))
            taken = connection.scalar(select(func.count()).select_from(SLOTS).where(SLOTS.c.key == key)) or 0
            if taken >= limit:
                return False
            connection.execute(insert(SLOTS).values(key=key, holder=holder, ends_at=ends))
            return True

        return await self._database.write(work)

    async def give_slot_back(self, key: str, holder: str) -> None:
        """Free the place; nothing happens where its time was already up."""
        query = delete(SLOTS).where(SLOTS.c.key == key, SLOTS.c.holder == holder)
        await self._database.write(lambda connection: connection.execute(query))

    async def forget_old(self) -> int:
        """Delete counts that no longer weigh in; how many there were."""
        query = delete(COUNTS).where(COUNTS.c.ends_at <= self._database.clock())
        return await self._database.write(lambda connection: connection.execute(query).rowcount)


def _wait(limit: int, window_s: float, into_s: float, earlier: int, current: int) -> float:
    """Seconds until one more request fits; 0 for now. `into_s` is how much of the current window has passed."""
    if limit <= 0:
        return window_s
    if earlier * (1 - into_s / window_s) + current <= limit - 1:
        return 0.0
    if current <= limit - 1:
        return window_s * (1 - (limit - 1 - current) / earlier) - into_s
    return (window_s - into_s) + window_s * (1 - (limit - 1) / current)
