from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from assistant.errors import NotFound
from assistant.state.keys import KeyScope
from assistant.state.store import State


async def test_token_finds_its_key_and_is_stored_nowhere(state: State) -> None:
    key, token = await state.keys.create("team", [KeyScope.CHAT], requests_per_minute=30, concurrent=2)
    found = await state.keys.find(token)
    assert found == key
    assert (key.requests_per_minute, key.concurrent) == (30, 2)
    assert token.startswith("hkva_")
    assert len(token) > 40
    rows = await state.database.read(lambda connection: connection.execute(text("SELECT * FROM keys")).all())
    assert token not in str(rows)
    assert token.removeprefix("hkva_") not in str(rows)


@pytest.mark.parametrize("token", ["", "hkva_", "hkva_\ud800", "' OR 1=1 --", "键"])
async def test_unknown_token_finds_nothing(state: State, token: str) -> None:
    await state.keys.create("team", [KeyScope.CHAT])
    assert await state.keys.find(token) is None


async def test_scope_is_only_what_was_given_and_admin_is_everything(state: State) -> None:
    chat, _ = await state.keys.create("chat", [KeyScope.CHAT])
    admin, _ = await state.keys.create("admin", [KeyScope.ADMIN])
    assert [chat.allows(scope) for scope in KeyScope] == [True, False, False]
    assert all(admin.allows(scope) for scope in KeyScope)


async def test_revoked_key_is_useless_at_once_and_stays_listed(state: State, clock: Any) -> None:
    key, token = await state.keys.create("team", [KeyScope.CHAT])
    assert await state.keys.count() == 1
    await state.keys.revoke(key.id)
    revoked = clock.now
    clock.move(seconds=5)
    await state.keys.revoke(key.id)
    assert await state.keys.find(token) is None
    assert await state.keys.count() == 0
    assert [one.revoked_at for one in await state.keys.list()] == [revoked]
    with pytest.raises(NotFound, match="hkva keys list"):
        await state.keys.revoke("key_unknown")


async def test_key_ends_on_its_day(state: State, clock: Any) -> None:
    _, token = await state.keys.create("guest", [KeyScope.CHAT], expires_at=clock.now + timedelta(days=1))
    assert await state.keys.find(token) is not None
    clock.move(days=1)
    assert await state.keys.find(token) is None
    assert await state.keys.count() == 0


async def test_use_is_noted_once_a_minute(state: State, clock: Any) -> None:
    _, token = await state.keys.create("team", [KeyScope.CHAT])
    used = []
    for _ in range(4):
        await state.keys.find(token)
        used.append((await state.keys.list())[0].last_used_at or clock.now + timedelta(days=1))
        clock.move(seconds=30)
    assert used[0] == used[1]
    assert used[2] == used[3] == used[0] + timedelta(minutes=1)
