"""The one door to the database: its transactions, the clock, and its errors in our words."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, NoSuchModuleError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from assistant.state.engines import Engine, PostgresqlEngine, SqliteEngine
from assistant.state.errors import StateError, StateUnavailable
from assistant.state.group_commit import T

Clock = Callable[[], datetime]
"""Tells the time, aware."""

_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}


def utc_now() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


def new_id(prefix: str) -> str:
    """A random id such as `ses_…` (128 bits), safe in URLs and file names."""
    return f"{prefix}_{secrets.token_hex(16)}"


class Database:
    """An engine and a clock. `read` and `write` run a function with a connection, in one transaction.

    A transaction that has begun is carried through even where who asked for it is cancelled: it takes milliseconds,
    and so nothing is ever left half done, in the database or in its driver.
    """

    def __init__(self, url: str, clock: Clock = utc_now) -> None:
        self.url = _url_of(url)
        self.clock = clock
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._engine = _make_engine(self.url)
        self._running: set[asyncio.Task[Any]] = set()

    async def read(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns; it sees one state of the database. Raises StateUnavailable."""
        return await self._carry_through(self._transact(work, writes=False))

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

    async def _transact(self, work: Callable[[Connection], T], *, writes: bool) -> T:
        with _in_our_words(self.url):
            return await self._engine.transact(work, writes=writes)

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An INSERT with the ON CONFLICT clause that both databases have."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    async def close(self) -> None:
        """Carry through what is running, then close every connection."""
        if self._running:
            await asyncio.wait(self._running)
        await self._engine.close()


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
    """The URL with the driver that we use. Raises StateError where it names another database."""
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


def _make_engine(url: URL) -> Engine:
    try:
        return SqliteEngine(url) if url.get_backend_name() == "sqlite" else PostgresqlEngine(url)
    except (ImportError, NoSuchModuleError) as error:
        raise StateError("PostgreSQL needs asyncpg. Run: pip install 'hkva-assistant[postgresql]'") from error
    except OSError as error:
        raise StateUnavailable(
            f"The folder of {url.database} cannot be made: {error.strerror}. Set HKVA_STATE_URL."
        ) from error
