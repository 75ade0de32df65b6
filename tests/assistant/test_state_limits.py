from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from assistant.state.store import State, open_state


async def test_requests_within_the_limit_pass_and_the_next_is_told_how_long_to_wait(state: State, clock: Any) -> None:
    waits = [await state.limits.hit("key_1", limit=3, window_s=60) for _ in range(5)]
    assert waits[:3] == [0, 0, 0]
    assert min(waits[3:]) > 0
    assert await state.limits.hit("key_2", limit=3, window_s=60) == 0
    clock.move(seconds=waits[-1] + 0.001)
    assert await state.limits.hit("key_1", limit=3, window_s=60) == 0


async def test_edge_of_a_window_does_not_double_the_limit(state: State, clock: Any) -> None:
    clock.now = datetime(2026, 11, 23, 9, 0, 59, tzinfo=UTC)
    first = [await state.limits.hit("key", limit=10, window_s=60) for _ in range(10)]
    clock.move(seconds=2)
    second = [await state.limits.hit("key", limit=10, window_s=60) for _ in range(10)]
    assert first.count(0) == 10
    assert second.count(0) <= 1


@pytest.mark.parametrize("begin", [0, 17, 59])
@pytest.mark.parametrize("limit", [1, 2, 7])
async def test_wait_is_long_enough_and_hardly_longer(state: State, clock: Any, limit: int, begin: int) -> None:
    clock.move(seconds=begin)
    for step in range(12):
        wait = await state.limits.hit("key", limit=limit, window_s=60)
        if wait:
            clock.move(seconds=wait - 0.01)
            assert await state.limits.hit("key", limit=limit, window_s=60) > 0, step
            clock.move(seconds=0.02)
            assert await state.limits.hit("key", limit=limit, window_s=60) == 0, step
        clock.move(seconds=3)


async def test_replicas_count_together(state: State, state_url: str) -> None:
    async with open_state(state_url, state.database.clock) as other:
        hits = [replica.limits.hit("key", limit=10, window_s=60) for replica in (state, other) for _ in range(10)]
        waits = await asyncio.gather(*hits)
        assert waits.count(0) == 10
        slots = [
            replica.limits.take_slot("key", f"{name}{number}", limit=3)
            for name, replica in (("a", state), ("b", other))
            for number in range(5)
        ]
        assert sum(await asyncio.gather(*slots)) == 3


async def test_slot_is_free_when_given_back_or_when_its_holder_was_killed(state: State, clock: Any) -> None:
    assert await state.limits.take_slot("key", "one", limit=1, hold_s=60)
    assert not await state.limits.take_slot("key", "two", limit=1, hold_s=60)
    await state.limits.give_slot_back("key", "one")
    assert await state.limits.take_slot("key", "two", limit=1, hold_s=60)
    clock.move(seconds=61)
    assert await state.limits.take_slot("key", "three", limit=1, hold_s=60)


async def test_old_counts_are_forgotten(state: State, clock: Any) -> None:
    await state.limits.hit("key", limit=1, window_s=60)
    assert await state.limits.forget_old() == 0
    clock.move(minutes=2)
    assert await state.limits.forget_old() == 1


async def test_nothing_passes_a_limit_of_zero(state: State) -> None:
    assert await state.limits.hit("key", limit=0, window_s=60) > 0
