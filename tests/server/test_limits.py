"""Limits hold for all processes of a server together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.state.keys import Key
from assistant.state.store import State, open_state, url_in
from server.errors import TooMany
from server.limits import Limits, make_limits
from server.settings import MEMORY

KEY = Key("key_1", "test", frozenset(), None, None, datetime(2026, 11, 23, tzinfo=UTC), None, None, None)


@pytest.fixture
async def states(tmp_path: Path) -> AsyncIterator[list[State]]:
    """The same state, opened twice."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(open_state(url_in(tmp_path))) for _ in range(2)]


def _limits(state: State, workers: int) -> Limits:
    return make_limits(4, 2, MEMORY, workers, lambda: state.limits)


async def test_processes_share_the_requests_of_a_minute(states: list[State]) -> None:
    both = [_limits(state, workers=2) for state in states]

    async def ask(limits: Limits) -> bool:
        try:
            leave = await limits.enter(KEY)
        except TooMany:
            return False
        await leave()
        return True

    assert [await ask(limits) for _ in range(4) for limits in both].count(True) == 4


async def test_processes_share_the_places_and_a_refused_request_takes_none(states: list[State]) -> None:
    one, other = [_limits(state, workers=2) for state in states]
    leave_one, leave_other = await asyncio.gather(one.enter(KEY), other.enter(KEY))
    for limits in (one, other):
        with pytest.raises(TooMany, match="2 requests under way"):
            await limits.enter(KEY)
    await leave_one()
    leave = await other.enter(KEY)
    await leave()
    await leave_other()
    last = await one.enter(KEY)
    await last()
    for limits in (one, other):
        with pytest.raises(TooMany, match="4 requests a minute"):
            await limits.enter(KEY)


async def test_one_process_counts_for_itself(states: list[State]) -> None:
    one, other = [_limits(state, workers=1) for state in states]
    for limits in (one, one, other, other):
        await limits.enter(KEY)
    with pytest.raises(TooMany):
        await one.enter(KEY)
