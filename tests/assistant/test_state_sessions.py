from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from assistant.answer import Answer
from assistant.errors import NotFound
from assistant.question import Question
from assistant.state.store import State


async def test_thread_is_one_session_however_many_messages_open_it(state: State) -> None:
    opened = await asyncio.gather(
        *(state.sessions.open_thread("slack", "T1/C1/1.2", owner="slack:T1") for _ in range(8))
    )
    assert len(set(opened)) == 1
    assert await state.sessions.open_thread("slack", "T1/C1/9.9", owner="slack:T1") not in opened
    assert await state.sessions.open_thread("lark", "T1/C1/1.2", owner="lark:T1") not in opened
    assert (await state.sessions.get(opened[0])).thread == "T1/C1/1.2"
    assert await state.sessions.find_thread("slack", "T1/C1/1.2") == opened[0]
    assert await state.sessions.find_thread("slack", "T1/C1/5.5") is None


async def test_sessions_are_listed_newest_first_for_their_owner(state: State, clock: Any) -> None:
    first = await state.sessions.begin(None, owner="ann", channel="api")
    clock.move(minutes=1)
    second = await state.sessions.begin(None, owner="ann", channel="web")
    await state.sessions.begin(None, owner="bob", channel="web")
    assert [session.id for session in await state.sessions.list(owner="ann")] == [second, first]
    assert len(await state.sessions.list()) == 3


async def test_forgotten_session_takes_its_answers_and_feedback_along(state: State, answer: Answer) -> None:
    session = await state.sessions.begin(None, owner="ann", channel="api")
    await state.answers.store(session, Question("q"), answer)
    await state.feedback.give(answer.id, owner="ann", rating="up")
    assert await state.sessions.forget(session)
    assert not await state.sessions.forget(session)
    assert await state.feedback.list() == []
    for missing in (state.sessions.get(session), state.answers.get(answer.id)):
        with pytest.raises(NotFound):
            await missing


async def test_only_sessions_unused_for_long_are_forgotten(state: State, clock: Any, answer: Answer) -> None:
    old = await state.sessions.begin(None, owner="ann", channel="api")
    used = await state.sessions.begin(None, owner="ann", channel="api")
    clock.move(days=20)
    await state.answers.store(used, Question("q"), answer)
    clock.move(days=20)
    assert await state.sessions.forget_unused_since(clock.now - timedelta(days=30)) == 1
    assert [session.id for session in await state.sessions.list()] == [used]
    with pytest.raises(NotFound):
        await state.sessions.get(old)


async def test_answer_is_kept_with_its_question_and_receipt(state: State, clock: Any, answer: Answer) -> None:
    session = await state.sessions.begin(None, owner="ann", channel="api")
    await state.answers.store(session, Question("问\x00题"), answer)
    stored = await state.answers.get(answer.id, owner="ann")
    assert (stored.answer, stored.question, stored.created_at) == (answer, Question("问\x00题"), clock.now)
    assert (stored.owner, stored.channel, stored.number) == ("ann", "api", 1)


async def test_feedback_is_one_verdict_for_each_reader_and_only_on_what_is_held(
    state: State, clock: Any, answer: Answer
) -> None:
    session = await state.sessions.begin(None, owner="ann", channel="api")
    await state.answers.store(session, Question("q"), answer)
    await state.feedback.give(answer.id, owner="ann", rating="up")
    clock.move(seconds=1)
    await state.feedback.give(answer.id, owner="bob", rating="up", comment="好\x00")
    clock.move(seconds=1)
    await state.feedback.give(answer.id, owner="ann", rating="down", comment="Wrong date.")
    given = [(one.owner, one.rating, one.comment) for one in await state.feedback.list()]
    assert given == [("bob", "up", "好\x00"), ("ann", "down", "Wrong date.")]
    assert [one.owner for one in await state.feedback.list(rating="down")] == ["ann"]
    assert await state.feedback.list(since=clock.now + timedelta(seconds=1)) == []
    with pytest.raises(NotFound):
        await state.feedback.give("ans_unknown", owner="ann", rating="up")
    with pytest.raises(NotFound):
        await state.feedback.give(answer.id, owner="eve", rating="up", of="eve")


async def test_tidying_forgets_what_is_past_its_time_and_says_so_in_the_trail(state: State, clock: Any) -> None:
    await state.sessions.begin(None, owner="ann", channel="api")
    await state.inbox.receive("slack", "Ev1", {})
    await state.limits.hit("key", limit=1, window_s=60)
    clock.move(days=31)
    assert await state.tidy(None) == 0
    assert len(await state.sessions.list()) == 1
    assert await state.inbox.count() == {}
    assert await state.tidy(30) == 1
    assert [json.loads(entry.entry)["what"] async for entry in state.audit.export()] == ["sessions.forgotten"]
