"""Writes that wait together are committed together.

A commit on SQLite costs a sync of the disk, milliseconds that no second writer can share. So what waits while one
commit is under way goes into the next one: each write in a savepoint of its own (one alone needs none), then one
commit for all of them. A write that raises takes back its own changes only; a commit that fails fails all that were in
it. Nobody is told that something is written before it is on the disk.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy import Engine as SqlEngine

from assistant.state.turnstile import Turnstile

T = TypeVar("T")
_MOST_TOGETHER = 64
"""More would make the first of them wait for the work of all the others."""


@dataclass(slots=True)
class _Write:
    """A write, and who waits for what it returns."""

    work: Callable[[Connection], Any]
    done: Future[Any] = field(default_factory=Future)
    result: Any = None
    error: Exception | None = None

    def tell(self) -> None:
        """Tell who waits how it went."""
        if self.error is None:
            self.done.set_result(self.result)
        else:
            self.done.set_exception(self.error)


class GroupWriter:
    """One thread that writes to a database, in turn with those of other processes."""

    def __init__(self, engine: SqlEngine, turnstile: Turnstile) -> None:
        self._engine = engine
        self._turnstile = turnstile
        self._waiting: deque[_Write] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="state-write")

    async def write(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns, once its changes are on the disk."""
        write = _Write(work)
        self._waiting.append(write)
        self._thread.submit(self._write_waiting)
        result: T = await asyncio.wrap_future(write.done)
        return result

    def close(self) -> None:
        """Write what waits, then end."""
        self._thread.shutdown()
        self._turnstile.close()

    def _write_waiting(self) -> None:
        """Every write has submitted one call of this; most find that an earlier call did their work."""
        taken = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST_TOGETHER))]
        wanted = [write for write in taken if write.done.set_running_or_notify_cancel()]
        if not wanted:
            return
        try:
            with self._turnstile.turn(), self._engine.begin() as connection:
                if len(wanted) == 1:  # the transaction takes back all that it did, should it raise
                    wanted[0].result = wanted[0].work(connection)
                else:
                    for write in wanted:
                        _attempt(connection, write)
        except Exception as error:  # noqa: BLE001 - it belongs to those who wait, not to this thread
            for write in wanted:
                write.error = error
        for write in wanted:
            write.tell()


def _attempt(connection: Connection, write: _Write) -> None:
    """Run one write of a group. Raises where the database gave up the whole transaction with it."""
    try:
        with connection.begin_nested():
            write.result = write.work(connection)
    except Exception as error:
        # On a full disk, say, SQLite takes back everything, and a commit would then be silent about it.
        if not connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr]
            raise
        write.error = error
