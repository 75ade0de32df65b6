"""The one door to the database: an engine, its transactions, and its errors in our words.

SQLite runs in WAL with a busy timeout. Its writers take turns in this process (an asyncio lock) and between processes
(BEGIN IMMEDIATE), so that a transaction never fails half way because it had begun by reading.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, NoSuchModuleError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from assistant.state.errors import StateError, StateUnavailable

Clock = Callable[[], datetime]
"""Tells the time, aware."""
T = TypeVar("T")

_BUSY_MS = 15_000
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}


def utc_now() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


def new_id(prefix: str) -> str:
    """A random id such as `ses_…` (128 bits), safe in URLs and file names."""
    return f"{prefix}_{secrets.token_hex(16)}"


class Database:
    """An engine and a clock. `read` and `write` run a function with a connection, in one transaction.

    A transaction that has begun is carried through even where who asked for it is cancelled: it takes milliseconds,
    and a connection cut in the middle would keep SQLite's write lock.
    """

    def __init__(self, url: str, clock: Clock = utc_now) -> None:
        self.url = _url_of(url)
        self.clock = clock
        self.engine = _make_engine(self.url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._writer = asyncio.Lock() if self.is_sqlite else None
        self._running: set[asyncio.Task[Any]] = set()

    async def read(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns; it sees one state of the database. Raises StateUnavailable."""
        return await self._carry_through(self._transact(work))

    async def write(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns; all that it changes is committed with it, or nothing. Raises StateUnavailable."""
        return await self._carry_through(self._transact(work, writes=True))

    async def _carry_through(self, transaction: Coroutine[Any, Any, T]) -> T:
        task = asyncio.create_task(transaction)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task])
            raise

    async def _transact(self, work: Callable[[Connection], T], *, writes: bool = False) -> T:
        turn: AbstractAsyncContextManager[Any] = self._writer if writes and self._writer else nullcontext()
        with _in_our_words(self.url):
            async with turn, self.engine.connect() as connection:
                await connection.execution_options(hkva_writes=writes)
                async with connection.begin():
                    return await connection.run_sync(work)

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An INSERT with the ON CONFLICT clause that both databases have."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    async def close(self) -> None:
        """Carry through what is running, then close every connection."""
        if self._running:
            await asyncio.wait(self._running)
        await self.engine.dispose()


@contextmanager
def _in_our_words(url: URL) -> Iterator[None]:
    shown = url.render_as_string(hide_password=True)
    try:
        yield
    except PoolTimeout as error:
        raise StateUnavailable(f"The state database is overloaded ({shown}). Try again.") from error
    except (IntegrityError, ProgrammingError, DataError):
        raise
    except (DBAPIError, OSError) as error:
        raise StateUnavailable(
            f"The state database cannot be used now ({shown}): {_cause(error)}. Check HKVA_STATE_URL, or try again."
        ) from error


def _cause(error: Exception) -> str:
    original = error.orig if isinstance(error, DBAPIError) else error
    return " ".join(str(original).split()) or type(original).__name__


def _url_of(text: str) -> URL:
    """The URL with the asynchronous driver that we use. Raises StateError where it names another database."""
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise StateError(
            "HKVA_STATE_URL is no database URL. Use sqlite:///path or postgresql://user@host/name"
        ) from error
    backend = url.drivername.partition("+")[0]
    if backend not in _DRIVERS:
        raise StateError(f"HKVA_STATE_URL names {backend}; use sqlite:///path or postgresql://user@host/name")
    if backend == "sqlite" and url.database in (None, "", ":memory:"):
        raise StateError("HKVA_STATE_URL must name a file for SQLite: sqlite:///path/state.sqlite")
    return url.set(drivername=_DRIVERS[backend])


def _make_engine(url: URL) -> AsyncEngine:
    try:
        if url.get_backend_name() == "sqlite":
            Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
            engine = create_async_engine(url, pool_size=8, max_overflow=24, connect_args={"timeout": _BUSY_MS / 1000})
            event.listen(engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(engine.sync_engine, "begin", _begin_sqlite)
            return engine
        return create_async_engine(url, pool_size=8, max_overflow=24, pool_pre_ping=True)
    except (ImportError, NoSuchModuleError) as error:
        raise StateError("PostgreSQL needs asyncpg. Run: pip install 'hkva-assistant[postgresql]'") from error
    except OSError as error:
        raise StateUnavailable(
            f"The folder of {url.database} cannot be made: {error.strerror}. Set HKVA_STATE_URL."
        ) from error


def _prepare_sqlite(dbapi_connection: Any, _record: object) -> None:
    """Let us begin transactions ourselves (the driver begins too late), and set what SQLite keeps per connection."""
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    for pragma in (f"busy_timeout={_BUSY_MS}", "foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("hkva_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
