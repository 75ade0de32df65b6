from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from assistant.errors import AssistantError
from assistant.state import engines
from assistant.state.errors import StateError, StateMismatch, StateUnavailable
from assistant.state.migrate import NEWEST, make_config
from assistant.state.store import State, open_state, url_in
from assistant.state.tables import METADATA

_OPENER = """
import asyncio, sys
from assistant.state.store import open_state

async def main() -> None:
    async with open_state(sys.argv[1]) as state:
        await state.sessions.begin(None, owner="o", channel="c")

asyncio.run(main())
"""


async def test_migrations_make_the_tables_that_queries_expect(state: State) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), METADATA))

    assert await state.database.read(differences) == []


async def test_tables_left_alone_are_those_of_the_last_migration(state: State) -> None:
    def last(connection: Connection) -> str | None:
        return ScriptDirectory.from_config(make_config(connection)).get_current_head()

    assert await state.database.read(last) == NEWEST


async def test_opening_again_keeps_what_is_there(state_url: str) -> None:
    async with open_state(state_url) as state:
        session = await state.sessions.begin(None, owner="ann", channel="api")
    async with open_state(state_url) as state:
        assert (await state.sessions.get(session)).owner == "ann"


def test_two_processes_may_open_a_new_database_at_once(state_url: str) -> None:
    processes = [subprocess.Popen([sys.executable, "-c", _OPENER, state_url], stderr=subprocess.PIPE) for _ in range(2)]
    errors = [process.communicate(timeout=60)[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 0], errors


async def test_database_of_a_newer_version_is_refused(state_url: str) -> None:
    newer = text("UPDATE alembic_version SET version_num = '9999'")
    async with open_state(state_url) as state:
        await state.database.write(lambda connection: connection.execute(newer))
    with pytest.raises(StateMismatch, match="Upgrade hkva"):
        async with open_state(state_url):
            pass


@pytest.mark.parametrize("url", ["nonsense", "mysql://x/y", "sqlite://", "sqlite:///:memory:"])
async def test_url_that_cannot_work_is_refused_with_what_to_use(url: str) -> None:
    with pytest.raises(StateError, match="sqlite:///path"):
        async with open_state(url):
            pass


async def test_server_out_of_reach_is_unavailable_and_does_not_tell_the_password(tmp_path: Path) -> None:
    with pytest.raises(StateUnavailable, match="HKVA_STATE_URL") as caught:
        async with open_state(f"postgresql://ann:sesame@/x?host={tmp_path}"):
            pass
    assert "sesame" not in str(caught.value)
    assert isinstance(caught.value, AssistantError)


async def test_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    path.write_text("These are not tables. " * 100)
    with pytest.raises(StateError, match="state.sqlite"):
        async with open_state(f"sqlite:///{path}"):
            pass


async def test_transaction_of_a_cancelled_caller_is_carried_through_and_the_next_one_works(state: State) -> None:
    def count_twice(connection: Connection) -> None:
        for key in (uuid4().hex, uuid4().hex):
            connection.execute(text("INSERT INTO counts VALUES (:key, 1, '2026-01-01')"), {"key": key})

    for wait in range(1, 31):
        task = asyncio.create_task(state.database.write(count_twice))
        await asyncio.sleep(wait / 10_000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    count = text("SELECT count(*) FROM counts")
    assert await state.database.read(lambda connection: connection.scalar(count)) == 60


async def test_failed_transaction_leaves_nothing(state: State) -> None:
    def fail(connection: Connection) -> None:
        connection.execute(text("INSERT INTO counts VALUES ('k', 1, '2026-01-01')"))
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await state.database.write(fail)
    count = text("SELECT count(*) FROM counts")
    assert await state.database.read(lambda connection: connection.scalar(count)) == 0


@pytest.mark.parametrize("state_url", ["postgresql"], indirect=True)
async def test_connections_that_the_server_cut_are_replaced(state: State) -> None:
    await asyncio.gather(*(state.check() for _ in range(4)))
    others = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await state.database.read(lambda connection: connection.execute(others).all())
    for _ in range(8):
        await state.check()


async def test_file_that_another_program_keeps_locked_is_unavailable_and_works_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_BUSY_S", 0)
    async with open_state(url_in(tmp_path)) as state:
        with closing(sqlite3.connect(tmp_path / "state.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StateUnavailable, match="locked"):
                await state.sessions.begin(None, owner="ann", channel="api")
            assert await state.sessions.list() == []
        await state.sessions.begin(None, owner="ann", channel="api")
