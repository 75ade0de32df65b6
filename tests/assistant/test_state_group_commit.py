"""Writes that wait together share a commit, and nothing else."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text

from assistant.state.errors import StateUnavailable
from assistant.state.store import State, open_state, url_in

_MANY = 40


@pytest.fixture
def state_url(tmp_path: Path) -> str:
    """An SQLite file: PostgreSQL groups the commits of its connections itself."""
    return url_in(tmp_path)


def insert(key: str) -> Callable[[Connection], str]:
    """A write of one row, which tells its key."""

    def work(connection: Connection) -> str:
        connection.execute(text("INSERT INTO counts VALUES (:key, 1, '2026-01-01')"), {"key": key})
        return key

    return work


async def rows(state: State) -> set[str]:
    """The keys that are there."""
    return await state.database.read(lambda connection: set(connection.scalars(text("SELECT key FROM counts"))))


@contextmanager
def counted_commits() -> Iterator[list[Connection]]:
    """Every commit of a writing transaction from here on."""
    commits: list[Connection] = []

    def note(connection: Connection) -> None:
        if connection.get_execution_options().get("hkva_writes"):
            commits.append(connection)

    event.listen(Engine, "commit", note)
    try:
        yield commits
    finally:
        event.remove(Engine, "commit", note)


async def test_writes_that_wait_share_one_commit_and_each_gets_its_own_result(state: State) -> None:
    begun, go = threading.Event(), threading.Event()

    def hold_the_thread(_: Connection) -> bool:
        begun.set()
        return go.wait(20)

    names = [f"k{number}" for number in range(_MANY)]
    with counted_commits() as commits:
        slow = asyncio.create_task(state.database.write(hold_the_thread))
        assert await asyncio.to_thread(begun.wait, 20)
        waiting = [asyncio.create_task(state.database.write(insert(name))) for name in names]
        # Each has handed its work over once the loop has gone round a few times.
        for _ in range(5):
            await asyncio.sleep(0)
        assert not any(one.done() for one in waiting)
        go.set()
        assert await slow
        assert await asyncio.gather(*waiting) == names
    assert len(commits) == 2
    assert await rows(state) == set(names)


async def test_write_that_fails_takes_only_its_own_changes_back(state: State) -> None:
    def fail(connection: Connection) -> None:
        insert("lost")(connection)
        raise ValueError("no")

    writes: list[Callable[[Connection], Any]] = [insert("a"), fail, insert("b"), insert("a"), insert("c")]
    outcomes = await asyncio.gather(*map(state.database.write, writes), return_exceptions=True)
    assert [type(one).__name__ for one in outcomes] == ["str", "ValueError", "str", "IntegrityError", "str"]
    assert await rows(state) == {"a", "b", "c"}


async def test_commit_that_fails_fails_all_that_were_in_it(state: State) -> None:
    def orphan(connection: Connection) -> None:
        connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        connection.execute(text("INSERT INTO feedback VALUES ('none', 'o', 'up', '', '2026-01-01')"))

    outcomes = await asyncio.gather(
        *map(state.database.write, [orphan, insert("a"), insert("b")]), return_exceptions=True
    )
    kept = {one for one in outcomes if isinstance(one, str)}
    assert isinstance(outcomes[0], Exception)
    assert await rows(state) == kept
    assert await state.database.write(insert("later")) == "later"


async def test_full_disk_is_told_to_everybody_whose_write_it_took(tmp_path: Path) -> None:
    async with open_state(url_in(tmp_path)) as state:
        full = text("PRAGMA max_page_count=1")
        big = text("INSERT INTO counts VALUES (:key, 1, '2026-01-01')")
        await state.database.write(lambda connection: connection.execute(full).all())

        def fill(connection: Connection) -> None:
            connection.execute(big, {"key": "x" * 1_000_000})

        outcomes = await asyncio.gather(
            *map(state.database.write, [insert("a"), fill, insert("b")]), return_exceptions=True
        )
        told = {one for one in outcomes if isinstance(one, str)}
        assert isinstance(outcomes[1], StateUnavailable)
        assert await rows(state) == told
