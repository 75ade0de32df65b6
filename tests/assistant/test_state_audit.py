from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from assistant.state.audit import AuditEntry, check_trail, read_trail
from assistant.state.errors import StateUnavailable
from assistant.state.keys import KeyScope
from assistant.state.store import State


async def _trail(state: State) -> list[AuditEntry]:
    return [entry async for entry in state.audit.export()]


async def _fill(state: State, number: int = 5) -> list[AuditEntry]:
    for place in range(number):
        await state.audit.append(by="ann", what="source.removed", subject=f"own/{place}", detail={"原因": "旧"})
    return await _trail(state)


async def test_what_is_done_to_keys_and_sessions_stands_in_the_trail(state: State, clock: Any) -> None:
    key, _ = await state.keys.create("team", [KeyScope.CHAT], by="ann")
    await state.keys.revoke(key.id, by="bob")
    await state.keys.revoke(key.id, by="bob")
    session = await state.sessions.begin(None, owner="o", channel="c")
    await state.sessions.forget(session, by="ann")
    await state.sessions.forget(session, by="ann")
    entries = [json.loads(entry.entry) for entry in await _trail(state)]
    assert [(one["by"], one["what"], one["subject"]) for one in entries] == [
        ("ann", "key.created", key.id),
        ("bob", "key.revoked", key.id),
        ("ann", "session.forgotten", session),
    ]
    assert entries[0]["detail"] == {"label": "team", "scopes": "chat"}
    assert {one["at"] for one in entries} == {clock.now.isoformat()}
    assert await state.audit.verify() == []


async def test_entries_added_at_once_make_one_chain(state: State) -> None:
    await asyncio.gather(*(state.audit.append(by="ann", what=f"w{number}") for number in range(20)))
    assert len(await _trail(state)) == 20
    assert await state.audit.verify() == []


@pytest.mark.parametrize("statement", ["UPDATE audit SET digest = 'x'", "DELETE FROM audit"])
async def test_database_refuses_to_change_the_trail(state: State, statement: str) -> None:
    await _fill(state)
    with pytest.raises((StateUnavailable, IntegrityError), match="append-only"):
        await state.database.write(lambda connection: connection.execute(text(statement)))
    assert await state.audit.verify() == []


async def test_export_can_be_checked_without_the_database(state: State) -> None:
    entries = await _fill(state)
    lines = [entry.to_json() for entry in entries]
    assert "原因" in lines[0]
    assert read_trail([*lines, "\n"]) == entries
    assert check_trail(read_trail(lines), head=entries[-1].digest) == []


def _changed(entries: list[AuditEntry]) -> list[AuditEntry]:
    return [AuditEntry(entries[0].entry.replace("ann", "bob"), entries[0].digest), *entries[1:]]


_BREAKS: dict[str, Callable[[list[AuditEntry]], list[AuditEntry]]] = {
    "changed": _changed,
    "missing": lambda entries: entries[:2] + entries[3:],
    "first missing": lambda entries: entries[1:],
    "swapped": lambda entries: [entries[0], entries[2], entries[1], *entries[3:]],
    "repeated": lambda entries: [*entries, entries[-1]],
}


@pytest.mark.parametrize("name", _BREAKS)
async def test_every_break_of_the_chain_is_found(state: State, name: str) -> None:
    assert check_trail(_BREAKS[name](await _fill(state)))


async def test_cut_end_is_found_by_who_kept_the_last_digest(state: State) -> None:
    entries = await _fill(state)
    assert check_trail(entries[:-1]) == []
    assert "cut off" in check_trail(entries[:-1], head=entries[-1].digest)[0]
    assert check_trail([], head=entries[-1].digest)


@pytest.mark.parametrize("line", ["[]", "{}", '{"entry": "text", "digest": ""}', "no JSON"])
def test_line_that_is_no_entry_is_refused(line: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        read_trail([line])
