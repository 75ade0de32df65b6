"""Telegram as it really behaves: groups, floods, repeats, and limits of length."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from server.bots.telegram import TelegramBot
from server.errors import BadSettings
from server.service import Service
from tests.fakes.bot_assistant import BotAssistant
from tests.fakes.platform_server import Trouble, until
from tests.fakes.telegram_server import ME, SECRET, TelegramServer, settings_for, telegram_server, update_of
from tests.server.bots.conftest import Running, Settled


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with telegram_server() as telegram:
        yield telegram


@pytest.fixture
async def client(telegram: TelegramServer, running: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with running(lambda service: TelegramBot(service, settings_for(telegram))) as client:
        yield client


async def deliver(client: httpx.AsyncClient, update: dict[str, Any], secret: str = SECRET) -> int:
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
    return (await client.post("/bots/telegram", json=update, headers=headers)).status_code


async def test_private_question_is_answered_in_escaped_html_with_sources_and_buttons(
    client: httpx.AsyncClient, telegram: TelegramServer, settled: Settled
) -> None:
    assert await deliver(client, update_of("What capital?")) == 200
    await settled("telegram")
    [reply] = telegram.messages.values()
    assert reply["parse_mode"] == "HTML"
    assert reply["reply_parameters"]["message_id"] == 10
    assert "HK$5 million &amp; &lt;more&gt; [1]" in reply["text"]
    assert '[1] <a href="https://sfc.example/rules?n=1&amp;x=1">Capital of &lt;platforms&gt;' in reply["text"]
    assert "· SFC · 2023-06-01 · in force" in reply["text"]
    assert "Told as of &lt;today&gt;." in reply["text"]
    assert reply["text"].endswith("<i>As of 23 November 2026 · not legal advice</i>")
    assert [one["callback_data"] for one in reply["reply_markup"]["inline_keyboard"][0]] == ["up:ans_1", "down:ans_1"]
    assert telegram.bodies("sendMessage")[0]["text"] == "Looking it up…"


async def test_group_is_answered_only_where_it_asks_us(
    client: httpx.AsyncClient, telegram: TelegramServer, assistant: BotAssistant, settled: Settled
) -> None:
    ours = {"message_id": 5, "date": 1, "chat": {"id": -9, "type": "group"}, "from": ME}
    said = [
        update_of("what a day", 1, -9, "group"),
        update_of("@hkva_bot what capital?", 2, -9, "group"),
        update_of("/ask@hkva_bot and the fee?", 3, -9, "group"),
        update_of("/ask@other_bot and the fee?", 4, -9, "group"),
        update_of("/weather", 5, -9, "group"),
        update_of("and in 2023?", 6, -9, "group", reply_to_message=ours),
        update_of("@other_bot hello", 7, -9, "group"),
        update_of("and mine?", 8, -9, "group", user=8, reply_to_message=ours),
    ]
    for update in said:
        await deliver(client, update)
        await settled("telegram")
    assert [one.text for one in assistant.asked] == ["what capital?", "and the fee?", "and in 2023?", "and mine?"]
    assert [len(one.turns) for one in assistant.asked] == [0, 1, 2, 0]


async def test_wrong_secret_garbage_and_bots_are_refused(
    client: httpx.AsyncClient, telegram: TelegramServer, assistant: BotAssistant, settled: Settled
) -> None:
    assert await deliver(client, update_of("What?"), secret="wrong") == 403
    assert await deliver(client, {"message": []}) == 400
    robot = update_of("What?")
    robot["message"]["from"]["is_bot"] = True
    assert await deliver(client, robot) == 200
    await settled("telegram")
    assert (assistant.asked, telegram.messages) == ([], {})


async def test_first_message_whose_reply_was_lost_is_sent_again_but_the_answer_is_one(
    client: httpx.AsyncClient, telegram: TelegramServer, settled: Settled
) -> None:
    telegram.troubles["sendMessage"] += [Trouble(lost=True)]
    await deliver(client, update_of("What capital?"))
    await settled("telegram")
    assert telegram.texts[0] == "Looking it up…"
    assert "HK$5 million" in telegram.texts[1]
    assert len(telegram.texts) == 2


async def test_where_we_were_removed_nothing_is_tried_again(
    client: httpx.AsyncClient, telegram: TelegramServer, assistant: BotAssistant, settled: Settled
) -> None:
    gone = {"ok": False, "error_code": 403, "description": "Forbidden: bot was kicked from the group chat"}
    telegram.troubles["sendMessage"] += [Trouble(403, body=gone)]
    await deliver(client, update_of("What capital?"))
    await settled("telegram")
    assert len(telegram.bodies("sendMessage")) == 1


async def test_empty_long_and_off_topic_questions_are_told_so(
    client: httpx.AsyncClient, telegram: TelegramServer, settled: Settled
) -> None:
    for number, text in enumerate(["/start", "x" * 2_001, "the weather?"], 1):
        await deliver(client, update_of(text, number))
        await settled("telegram")
    assert telegram.texts[0].startswith("Ask me about Hong Kong")
    assert "2,001 characters" in telegram.texts[1]
    assert telegram.texts[2].startswith("That is not what I hold records on.\n\n<i>As of")


async def test_buttons_keep_what_the_reader_thinks(
    client: httpx.AsyncClient, telegram: TelegramServer, service: Service, settled: Settled
) -> None:
    await deliver(client, update_of("What capital?"))
    await settled("telegram")
    query = {"id": "1", "from": update_of("")["message"]["from"], "chat_instance": "1", "data": "up:ans_1"}
    assert await deliver(client, {"update_id": 2, "callback_query": query}) == 200
    assert await deliver(client, {"update_id": 3, "callback_query": {**query, "data": "up:ans_none"}}) == 200
    [feedback] = await service.state.feedback.list()
    assert (feedback.answer_id, feedback.rating, feedback.owner) == ("ans_1", "up", "telegram:42:7")
    assert [one.get("text") for one in telegram.bodies("answerCallbackQuery")] == ["Thank you, noted.", None]


async def test_polling_answers_each_update_once(
    telegram: TelegramServer, service: Service, settled: Settled, assistant: BotAssistant
) -> None:
    bot = TelegramBot(service, settings_for(telegram, telegram_secret=None))
    telegram.updates += [update_of("What capital?"), update_of("And in 2023?", 2)]
    async with service.running(), bot.running(), bot.listening():
        await until(lambda: not telegram.updates)
        await settled("telegram")
    assert len(telegram.messages) == len(assistant.asked) == 2
    assert telegram.calls[0][0] == "deleteWebhook"


def test_bot_for_anybody_must_be_wanted(telegram: TelegramServer, service: Service) -> None:
    with pytest.raises(BadSettings, match="HKVA_TELEGRAM_ALLOWED"):
        TelegramBot(service, settings_for(telegram, telegram_allowed=""))
