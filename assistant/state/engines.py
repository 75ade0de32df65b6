"""How transactions are run: on SQLite in threads of their own, on PostgreSQL through asyncpg.

SQLite runs in WAL with a busy timeout. One thread of this process writes, so that writers never wait in each other's
way (`group_commit`), and others read; processes take turns (`turnstile`), and BEGIN IMMEDIATE sees to it that no
transaction fails half way because it had begun by reading. (A thread for each whole transaction takes a third of the
time of a thread for each statement, which is how the asynchronous drivers of SQLite work.) Every commit is synced to
disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL

from assistant.state.group_commit import GroupWriter, T
from assistant.state.turnstile import Turnstile

_BUSY_S = 15
_READERS = 4


class Engine(Protocol):
    """Runs transactions."""

    async def transact(self, work: Callable[[Connection], T], *, writes: bool) -> T:
        """What `work` returns, its changes committed; nothing of it where it raises."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...


class SqliteEngine:
    """A file. Makes its folder; raises OSError where that fails."""

    def __init__(self, url: URL) -> None:
        database = Path(str(url.database))
        database.parent.mkdir(parents=True, exist_ok=True)
        arguments = {"timeout": _BUSY_S, "check_same_thread": False}
        self._reading = create_engine(url, pool_size=_READERS + 1, connect_args=arguments)
        event.listen(self._reading, "connect", _prepare)
        event.listen(self._reading, "begin", _begin)
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="state-read")
        self._writer = GroupWriter(self._reading.execution_options(hkva_writes=True), Turnstile(database))

    async def transact(self, work: Callable[[Connection], T], *, writes: bool) -> T:
        """See `Engine`."""
        if writes:
            return await self._writer.write(work)

        def run() -> T:
            with self._reading.begin() as connection:
                return work(connection)

        return await asyncio.get_running_loop().run_in_executor(self._readers, run)

    async def close(self) -> None:
        """See `Engine`."""
        self._writer.close()
        self._readers.shutdown()
        self._reading.dispose()


class PostgresqlEngine:
    """A server. Raises ImportError where asyncpg is not installed."""

    def __init__(self, url: URL) -> None:
        from sqlalchemy.ext.asyncio import create_async_engine  # here, because it loads all of the mapper

        self._engine = create_async_engine(url, pool_size=8, max_overflow=24, pool_pre_ping=True)

    async def transact(self, work: Callable[[Connection], T], *, writes: bool) -> T:
        """See `Engine`; reading and writing are the same here."""
        del writes
        async with self._engine.begin() as connection:
            return await connection.run_sync(work)

    async def close(self) -> None:
        """See `Engine`."""
        await self._engine.dispose()


def _prepare(dbapi_connection: Any, _record: object) -> None:
    """Let us begin transactions ourselves (the driver begins too late), and set what SQLite keeps per connection."""
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    for pragma in (f"busy_timeout={_BUSY_S * 1000}", "foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("hkva_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
