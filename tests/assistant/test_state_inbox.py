from __future__ import annotations

import asyncio
from typing import Any

from assistant.conversation import converse
from assistant.events import fold
from assistant.question import Question
from assistant.state.inbox import Entry
from assistant.state.store import State


async def _take(state: State, event_id: str | None = None) -> Entry:
    entry = await state.inbox.take("slack", event_id)
    assert entry is not None
    return entry


async def test_message_delivered_again_is_known_also_when_answered(state: State, clock: Any) -> None:
    message = {"text": "问\x00题", "thread": "C1/1.2"}
    assert await state.inbox.receive("slack", "Ev1", message)
    assert not await state.inbox.receive("slack", "Ev1", message)
    assert await state.inbox.receive("lark", "Ev1", message)
    entry = await _take(state)
    assert (entry.message, entry.attempts, entry.received_at) == (message, 1, clock.now)
    assert await state.inbox.finish(entry, reply="1.3")
    clock.move(hours=6)
    assert not await state.inbox.receive("slack", "Ev1", message)
    assert await state.inbox.take("slack") is None
    assert await state.inbox.count("slack") == {"answered": 1}


async def test_messages_delivered_together_are_each_kept_once_and_taken_once(state: State) -> None:
    news = await asyncio.gather(*(state.inbox.receive("slack", f"Ev{n % 10}", {"n": n % 10}) for n in range(40)))
    assert sum(news) == 10
    entries = await asyncio.gather(*(state.inbox.take("slack") for _ in range(20)))
    taken = sorted(entry.event_id for entry in entries if entry is not None)
    assert taken == sorted(f"Ev{n}" for n in range(10))


async def test_oldest_message_is_taken_first_and_a_named_one_on_request(state: State, clock: Any) -> None:
    for name in ("Ev3", "Ev1", "Ev2"):
        await state.inbox.receive("slack", name, {})
        clock.move(seconds=1)
    assert (await _take(state, "Ev2")).event_id == "Ev2"
    assert await state.inbox.take("slack", "Ev2") is None
    assert [(await _take(state)).event_id for _ in range(2)] == ["Ev3", "Ev1"]


async def test_message_of_a_killed_worker_is_taken_again_and_the_old_hold_is_void(state: State, clock: Any) -> None:
    await state.inbox.receive("slack", "Ev1", {})
    killed = await _take(state)
    assert await state.inbox.take("slack") is None
    clock.move(seconds=61)
    again = await _take(state)
    assert again.attempts == 2
    assert not await state.inbox.mark_posting(killed)
    assert not await state.inbox.finish(killed)
    assert await state.inbox.mark_posting(again, "C1:1.3")
    clock.move(seconds=61)
    last = await _take(state)
    assert (last.posting, last.reply) == (True, "C1:1.3")
    assert await state.inbox.finish(last)


async def test_slow_worker_keeps_its_message_by_renewing(state: State, clock: Any) -> None:
    await state.inbox.receive("slack", "Ev1", {})
    entry = await _take(state)
    for _ in range(3):
        clock.move(seconds=40)
        assert await state.inbox.renew(entry)
        assert await state.inbox.take("slack") is None


async def test_message_put_back_waits_for_its_time(state: State, clock: Any) -> None:
    await state.inbox.receive("slack", "Ev1", {})
    assert await state.inbox.put_back(await _take(state), 30)
    assert await state.inbox.take("slack") is None
    clock.move(seconds=31)
    assert (await _take(state)).attempts == 2


async def test_who_takes_a_message_again_finds_its_answer_and_whether_it_was_being_posted(
    state: State, clock: Any, assistant: Any
) -> None:
    await state.inbox.receive("slack", "Ev1", {})
    entry = await _take(state)
    assert (entry.answer_id, entry.posting) == (None, False)
    answer = await fold(converse(assistant, state, None, Question("q"), "u", "slack", event=entry.event))
    clock.move(seconds=61)
    entry = await _take(state)
    assert (entry.answer_id, entry.posting) == (answer.id, False)
    assert await state.inbox.mark_posting(entry)
    clock.move(seconds=61)
    assert (await _take(state)).posting


async def test_messages_are_forgotten_after_a_day_but_not_while_being_answered(state: State, clock: Any) -> None:
    for name in ("answered", "never", "now"):
        await state.inbox.receive("slack", name, {})
    assert await state.inbox.finish(await _take(state, "answered"))
    clock.move(hours=24)
    assert await state.inbox.forget_old() == 0
    clock.move(seconds=1)
    await _take(state, "now")
    assert await state.inbox.forget_old() == 2
    assert await state.inbox.count() == {"answering": 1}
