"""What must hold of every chat platform: one answer for each question, whatever the platform does, and none for others.

`server/bots/README.md` shows these scenarios as a table.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import patch

import httpx
import pytest

from assistant.state.database import Database
from server.app import make_app
from server.bots.message import BotMessage
from server.bots.settings import BotSettings
from server.service import Service
from server.settings import ServerSettings
from tests.fakes.bot_assistant import SECRET_DETAIL, BotAssistant
from tests.fakes.chats import PLATFORMS, Chat, Sent, open_chat, text_of
from tests.fakes.platform_server import Trouble, until
from tests.server.bots.conftest import HandClock, Running, Settled

_MANY = 6
_WORKERS = BotSettings().bot_workers


@pytest.fixture(params=PLATFORMS)
async def chat(request: pytest.FixtureRequest) -> AsyncIterator[Chat]:
    async with open_chat(request.param) as chat:
        yield chat


@pytest.fixture
async def client(chat: Chat, running: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with running(chat.make_bot) as client:
        yield client


async def deliver(client: httpx.AsyncClient, chat: Chat, sent: Sent) -> int:
    response = await client.post(f"/bots/{chat.platform}", content=sent.body, headers=dict(sent.headers))
    return response.status_code


def message(chat: Chat, number: int) -> BotMessage:
    """A message as a platform's module hands it to the desk."""
    return BotMessage(chat.platform, f"e{number}", "tenant", "place", "user", text_of(number), None, {})


def answers(chat: Chat) -> list[int]:
    """The numbers of the questions that are answered, once for each answer shown."""
    return sorted(
        number for number in range(1, _MANY + 1) for shown in chat.shown() if f"On “{text_of(number)}”" in shown
    )


@asynccontextmanager
async def acknowledging(chat: Chat, service: Service) -> AsyncIterator[httpx.AsyncClient]:
    """A process that acknowledges what comes and ends before it answers."""
    bot = chat.make_bot(service)
    with patch.object(bot.desk, "_run", asyncio.Event().wait):
        transport = httpx.ASGITransport(app=make_app(service, ServerSettings(), [bot]))
        client = httpx.AsyncClient(transport=transport, base_url="http://bots.example")
        async with service.running(), bot.running(), client:
            yield client


async def test_questions_delivered_often_together_and_out_of_order_get_one_answer_each(
    client: httpx.AsyncClient, chat: Chat, assistant: BotAssistant, settled: Settled
) -> None:
    numbers = [*range(1, _MANY + 1)] * 4
    random.Random(7).shuffle(numbers)
    assert set(await asyncio.gather(*(deliver(client, chat, chat.question(one)) for one in numbers))) == {200}
    await settled(chat.platform)
    assert answers(chat) == [*range(1, _MANY + 1)]
    assert len(chat.shown()) == len(assistant.asked) == _MANY


async def test_question_is_known_for_a_day_also_while_it_is_being_answered(
    client: httpx.AsyncClient,
    chat: Chat,
    service: Service,
    assistant: BotAssistant,
    settled: Settled,
    clock: HandClock,
) -> None:
    assistant.go = asyncio.Event()
    sent = chat.question(1)
    await deliver(client, chat, sent)
    await until(lambda: bool(assistant.asked))
    await deliver(client, chat, sent)
    assistant.go.set()
    await settled(chat.platform)
    for hours in (1, 6, 16):
        clock.move(hours=hours)
        await service.state.tidy(None)
        assert await deliver(client, chat, sent) == 200
        await settled(chat.platform)
    assert len(chat.shown()) == len(assistant.asked) == 1
    assert answers(chat) == [1]


async def test_limits_outages_and_lost_replies_delay_the_one_answer(
    client: httpx.AsyncClient, chat: Chat, assistant: BotAssistant, settled: Settled
) -> None:
    chat.server.troubles[chat.first] += [chat.limited, Trouble(503)]
    chat.server.troubles[chat.change] += [chat.limited, Trouble(503), Trouble(lost=True)]
    await deliver(client, chat, chat.question(1))
    await settled(chat.platform)
    assert len(chat.shown()) == len(assistant.asked) == 1
    assert answers(chat) == [1]
    assert not any(chat.server.troubles.values())


async def test_forged_questions_are_refused(client: httpx.AsyncClient, chat: Chat, service: Service) -> None:
    for sent in chat.forged():
        assert 400 <= await deliver(client, chat, sent) < 600
    assert await service.state.inbox.count(chat.platform) == {}


async def test_old_questions_sent_again_by_somebody_are_not_answered(
    client: httpx.AsyncClient, chat: Chat, service: Service
) -> None:
    for sent in chat.stale():
        # Telegram signs nothing: an old message is only left alone.
        assert await deliver(client, chat, sent) == (200 if chat.platform == "telegram" else 401)
    assert await service.state.inbox.count(chat.platform) == {}


async def test_questions_from_where_we_are_not_installed_are_not_answered(
    client: httpx.AsyncClient, chat: Chat, service: Service
) -> None:
    for sent in chat.foreign():
        await deliver(client, chat, sent)
    assert await service.state.inbox.count(chat.platform) == {}


async def test_what_was_acknowledged_is_answered_by_a_process_that_starts_hours_later(
    chat: Chat, running: Running, service: Service, assistant: BotAssistant, settled: Settled, clock: HandClock
) -> None:
    async with acknowledging(chat, service) as client:
        for number in (1, 2):
            assert await deliver(client, chat, chat.question(number)) == 200
    clock.move(hours=5)
    async with running(chat.make_bot) as client:
        await deliver(client, chat, chat.question(1))
        await settled(chat.platform)
    assert answers(chat) == [1, 2]
    assert len(chat.shown()) == len(assistant.asked) == 2


async def test_failures_of_ours_end_in_a_sentence_without_detail(
    client: httpx.AsyncClient,
    chat: Chat,
    assistant: BotAssistant,
    settled: Settled,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assistant.fails, assistant.failure = 99, RuntimeError(SECRET_DETAIL)
    await deliver(client, chat, chat.question(1))
    await settled(chat.platform)
    [shown] = chat.shown()
    assert "Please ask again later" in shown
    assert SECRET_DETAIL not in json.dumps(chat.server.calls)
    assert text_of(1) not in capsys.readouterr().err


async def test_questions_are_acknowledged_while_every_worker_is_busy(
    client: httpx.AsyncClient, chat: Chat, assistant: BotAssistant, settled: Settled
) -> None:
    assistant.go = asyncio.Event()
    for number in range(1, _MANY + 1):
        assert await deliver(client, chat, chat.question(number)) == 200
    await until(lambda: len(assistant.asked) == _WORKERS)
    assert answers(chat) == []
    assistant.go.set()
    await settled(chat.platform)
    assert answers(chat) == [*range(1, _MANY + 1)]


async def test_question_is_acknowledged_after_one_write(
    chat: Chat, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes: list[object] = []
    write = Database.write

    async def counted(database: Database, work: Any) -> Any:
        writes.append(work)
        return await write(database, work)

    monkeypatch.setattr(Database, "write", counted)
    async with acknowledging(chat, service) as client:
        before = len(writes)
        for number in range(1, _MANY + 1):
            assert await deliver(client, chat, chat.question(number)) == 200
        assert len(writes) - before == _MANY


async def test_bot_ends_though_a_message_comes_in_that_moment(chat: Chat, service: Service) -> None:
    bot = chat.make_bot(service)
    async with service.running(), asyncio.timeout(20):
        for turns in range(6):
            async with bot.desk.running():
                await asyncio.sleep(0.06)
                await bot.desk.accept(message(chat, turns))
                # So many turns of the loop later the worker is about to see that something came.
                for _ in range(turns):
                    await asyncio.sleep(0)
