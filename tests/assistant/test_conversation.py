from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest

from assistant.conversation import MAX_TURNS, converse
from assistant.errors import NotFound
from assistant.events import Cited, Delta, Finished, Searched, Started, fold
from assistant.question import Question, Turn
from assistant.state.errors import SessionBusy
from assistant.state.sessions import new_session_id
from assistant.state.store import State, open_state
from assistant.state.turn_taking import new_lease


async def test_every_event_passes_in_order_and_the_answer_is_stored_before_it_is_finished(
    assistant: Any, state: State
) -> None:
    session = await state.sessions.begin(None, owner="ann", channel="api")
    kinds = []
    async for event in converse(assistant, state, session, Question("q"), "ann", "api"):
        kinds.append(type(event))
        if isinstance(event, Finished):
            stored = await state.answers.get(event.answer.id, owner="ann")
            assert (stored.answer, stored.question, stored.number) == (event.answer, Question("q"), 1)
            assert stored.session_id == session
    assert kinds == [Started, Searched, Delta, Cited, Finished]


async def test_next_question_knows_the_turns_before(assistant: Any, state: State) -> None:
    session = await state.sessions.begin(None, owner="ann", channel="api")
    first = await fold(converse(assistant, state, session, Question("one"), "ann", "api"))
    await fold(converse(assistant, state, session, Question("two", date(2023, 6, 1)), "ann", "api"))
    await fold(converse(assistant, state, session, Question("three"), "ann", "api"))
    assert assistant.asked[0].turns == ()
    assert assistant.asked[1].turns == (Turn("one", first.text, ("rule-x",), None, "en"),)
    assert [turn.question for turn in assistant.asked[2].turns] == ["one", "two"]
    assert [turn.as_of for turn in assistant.asked[2].turns] == [None, date(2023, 6, 1)]


async def test_turns_are_bounded_and_those_sent_along_come_last(assistant: Any, state: State) -> None:
    session = await state.sessions.begin(None, owner="ann", channel="api")
    for number in range(MAX_TURNS + 2):
        await fold(converse(assistant, state, session, Question(f"q{number}"), "ann", "api"))
    sent = Question("last", turns=(Turn("sent", "along"),))
    await fold(converse(assistant, state, session, sent, "ann", "api"))
    asked = assistant.asked[-1].turns
    assert len(asked) == MAX_TURNS
    assert [turn.question for turn in asked[-2:]] == [f"q{MAX_TURNS + 1}", "sent"]


async def test_without_a_session_one_is_begun(assistant: Any, state: State) -> None:
    answer = await fold(converse(assistant, state, None, Question("q"), "anonymous", "api"))
    session = (await state.answers.get(answer.id)).session_id
    assert (await state.sessions.get(session)).owner == "anonymous"


async def test_another_owners_session_is_not_found_and_not_asked(assistant: Any, state: State) -> None:
    session = await state.sessions.begin(None, owner="ann", channel="api")
    for asked_in, owner in ((session, "bob"), ("ses_unknown", "ann")):
        with pytest.raises(NotFound):
            await fold(converse(assistant, state, asked_in, Question("q"), owner, "api"))
    answer = await fold(converse(assistant, state, session, Question("q"), "ann", "api"))
    with pytest.raises(NotFound):
        await state.answers.get(answer.id, owner="bob")
    assert len(assistant.asked) == 1


async def test_questions_of_one_session_are_asked_one_after_the_other_in_order(assistant: Any, state: State) -> None:
    session = await state.sessions.begin(None, owner="ann", channel="api")
    texts = [f"q{number}" for number in range(8)]
    await asyncio.gather(*(fold(converse(assistant, state, session, Question(t), "ann", "api")) for t in texts))
    assert [question.text for question in assistant.asked] == texts
    assert [len(question.turns) for question in assistant.asked] == [0, 1, 2, 3, 4, 5, 6, 6]
    assert [stored.number for stored in await state.answers.list(session)] == list(range(1, 9))


async def test_sessions_do_not_wait_for_each_other(assistant: Any, state: State) -> None:
    assistant.pause = asyncio.Event()
    slow = asyncio.create_task(fold(converse(assistant, state, None, Question("slow"), "ann", "api")))
    await assistant.begun.wait()
    assistant.pause, held = None, assistant.pause
    await fold(converse(assistant, state, None, Question("quick"), "ann", "api"))
    assert not slow.done()
    held.set()
    assert "slow" in (await slow).text


async def test_session_that_stays_busy_is_said_to_be(assistant: Any, state: State, state_url: str) -> None:
    assistant.pause = asyncio.Event()
    session = await state.sessions.begin(None, owner="ann", channel="api")
    slow = asyncio.create_task(fold(converse(assistant, state, session, Question("slow"), "ann", "api")))
    await assistant.begun.wait()
    with pytest.raises(SessionBusy, match="Wait"):
        await fold(converse(assistant, state, session, Question("next"), "ann", "api", wait_s=0.2))
    async with open_state(state_url, state.database.clock) as another_process:
        with pytest.raises(SessionBusy, match="Wait"):
            await fold(converse(assistant, another_process, session, Question("next"), "ann", "api", wait_s=0.2))
    assistant.pause.set()
    await slow


async def test_turn_of_a_killed_process_runs_out(assistant: Any, state: State, clock: Any) -> None:
    session = await state.sessions.begin(None, owner="ann", channel="api")
    assert await state.sessions.enter(session, owner="ann", lease="turn_of_the_killed", seconds=20) == 0
    with pytest.raises(SessionBusy):
        await fold(converse(assistant, state, session, Question("q"), "ann", "api", wait_s=0.1))
    clock.move(seconds=21)
    await fold(converse(assistant, state, session, Question("q"), "ann", "api", wait_s=0.1))


async def test_caller_that_leaves_stops_the_work_stores_nothing_and_frees_the_session(
    assistant: Any, state: State
) -> None:
    session = await state.sessions.begin(None, owner="ann", channel="api")
    events: Any = converse(assistant, state, session, Question("q"), "ann", "api")
    await anext(events)
    await events.aclose()
    assert assistant.left == 1
    assert await state.answers.list(session) == []
    await fold(converse(assistant, state, session, Question("again"), "ann", "api", wait_s=0.1))


async def test_cancelled_question_is_stored_whole_or_not_at_all_and_frees_the_session(
    assistant: Any, state: State
) -> None:
    session = await state.sessions.begin(None, owner="ann", channel="api")
    for wait in range(30):
        task = asyncio.create_task(fold(converse(assistant, state, session, Question("q"), "ann", "api")))
        await asyncio.sleep(wait / 3_000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await fold(converse(assistant, state, session, Question("last"), "ann", "api", wait_s=2))
    stored = await state.answers.list(session)
    assert [answer.number for answer in stored] == list(range(1, len(stored) + 1))
    assert (await state.sessions.get(session)).turns == len(stored)


async def test_session_forgotten_meanwhile_ends_in_not_found(assistant: Any, state: State) -> None:
    session = await state.sessions.begin(None, owner="ann", channel="api")
    events = converse(assistant, state, session, Question("q"), "ann", "api")
    await anext(events)
    await state.sessions.forget(session)
    with pytest.raises(NotFound):
        await fold(events)


async def test_session_begun_with_a_lease_has_its_first_turn_taken_and_the_next_question_waits(
    assistant: Any, state: State
) -> None:
    lease = new_lease()
    session = await state.sessions.begin(None, owner="ann", channel="http", lease=lease)
    assert await state.sessions.enter(session, owner="ann", lease="another", seconds=20) is None
    answer = await fold(converse(assistant, state, session, Question("first"), "ann", "http", held=lease))
    assert (await state.answers.get(answer.id)).number == 1
    assert await state.sessions.enter(session, owner="ann", lease="another", seconds=20) == 1


async def test_session_that_opens_with_its_answer_is_held_with_it_and_goes_on(assistant: Any, state: State) -> None:
    session = new_session_id()
    asked = converse(assistant, state, session, Question("one"), "ann", "http", opens=True)
    first = await anext(asked)
    assert isinstance(first, Started)
    with pytest.raises(NotFound):
        await state.sessions.get(session)
    await fold(asked)
    held = await state.sessions.get(session, owner="ann")
    assert (held.turns, held.channel) == (1, "http")
    await fold(converse(assistant, state, session, Question("two"), "ann", "http"))
    assert [stored.question.text for stored in await state.answers.list(session)] == ["one", "two"]


async def test_session_whose_first_answer_is_left_is_not_held(assistant: Any, state: State) -> None:
    session = new_session_id()
    asked = converse(assistant, state, session, Question("one"), "ann", "http", opens=True)
    await anext(asked)
    await asked.aclose()  # type: ignore[attr-defined]
    with pytest.raises(NotFound):
        await state.sessions.get(session)
