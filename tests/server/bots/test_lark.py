"""Lark as it really behaves: encrypted, signed, delivered again after hours."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from server.bots.lark import LarkBot
from server.service import Service
from tests.fakes.bot_assistant import BotAssistant
from tests.fakes.lark_server import OURS, TOKEN, LarkServer, event_of, lark_server, rating_of, settings_for, signed
from tests.fakes.platform_server import until
from tests.server.bots.conftest import Running, Settled


@pytest.fixture
async def lark() -> AsyncIterator[LarkServer]:
    async with lark_server() as lark:
        yield lark


@pytest.fixture
async def client(lark: LarkServer, running: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with running(lambda service: LarkBot(service, settings_for(lark))) as client:
        yield client


async def deliver(client: httpx.AsyncClient, event: dict[str, Any], **how: Any) -> httpx.Response:
    body, headers = signed(event, **how)
    return await client.post("/bots/lark", content=body, headers=headers)


def shown(card: dict[str, Any]) -> str:
    return json.dumps(card["elements"], ensure_ascii=False)


async def test_question_is_answered_by_a_card_with_sources_notes_date_and_buttons(
    client: httpx.AsyncClient, lark: LarkServer, settled: Settled
) -> None:
    assert (await deliver(client, event_of("What capital?"))).status_code == 200
    await settled("lark")
    [card] = lark.cards.values()
    assert card["to"] == "om_1"
    text = shown(card)
    assert "HK$5 million & <more> [1]" in text
    assert "&#91;1&#93; [Capital of &#60;platforms&#62; &#38; issuers](https://sfc.example/rules?n=1&x=1) · SFC" in text
    assert "Told as of <today>." in text
    assert "As of 23 November 2026" in text
    assert [one["value"]["rating"] for one in card["elements"][-1]["actions"]] == ["up", "down"]
    assert "Looking it up" in lark.bodies("reply")[0]["content"]


async def test_group_is_answered_where_it_names_us_and_goes_on_in_the_thread(
    client: httpx.AsyncClient, lark: LarkServer, assistant: BotAssistant, settled: Settled
) -> None:
    group = {"chat_type": "group", "chat_id": "oc_9"}
    await deliver(client, event_of("@_user_1 What capital?", named=[OURS], **group))
    await settled("lark")
    await deliver(client, event_of("And in 2023?", "om_2", root_id="om_1", **group))
    await deliver(client, event_of("@_user_1 you?", "om_3", root_id="om_1", named=["ou_7"], **group))
    await deliver(client, event_of("Talk of others", "om_4", **group))
    await settled("lark")
    assert [one.text for one in assistant.asked] == ["What capital?", "And in 2023?"]
    assert len(assistant.asked[1].turns) == 1


async def test_wrong_signatures_old_requests_other_tenants_and_bots_are_refused(
    client: httpx.AsyncClient, lark: LarkServer, assistant: BotAssistant, settled: Settled
) -> None:
    body, headers = signed(event_of("What?"))
    wrong = {**headers, "X-Lark-Signature": "0" * 64}
    assert (await client.post("/bots/lark", content=body, headers=wrong)).status_code == 401
    assert (await deliver(client, event_of("What?"), at=time.time() - 86_400)).status_code == 401
    assert (await deliver(client, event_of("What?"), key="another")).status_code >= 400
    plain = await client.post("/bots/lark", json=event_of("What?"))
    assert plain.status_code == 400
    for number, more in enumerate([{"tenant": "tenant2"}, {"app": "cli_2"}, {"sender": "app"}]):
        assert (await deliver(client, event_of("What?", f"om_{number}", **more))).status_code == 200
    await settled("lark")
    assert (assistant.asked, lark.cards) == ([], {})


async def test_address_is_verified_by_challenge(client: httpx.AsyncClient) -> None:
    response = await deliver(client, {"type": "url_verification", "challenge": "abc", "token": TOKEN})
    assert response.json() == {"challenge": "abc"}
    wrong = await deliver(client, {"type": "url_verification", "challenge": "abc", "token": "x"})
    assert wrong.status_code == 401


async def test_buttons_keep_what_the_reader_thinks(
    client: httpx.AsyncClient, lark: LarkServer, service: Service, settled: Settled
) -> None:
    await deliver(client, event_of("What capital?"))
    await settled("lark")
    assert "Thank you" in (await deliver(client, rating_of("ans_1", "down"))).text
    assert (await deliver(client, rating_of("ans_9", "down"))).json() == {}
    [feedback] = await service.state.feedback.list()
    assert (feedback.answer_id, feedback.rating, feedback.owner) == ("ans_1", "down", "lark:tenant1:ou_1")


async def test_long_connection_answers_what_it_acknowledges(
    lark: LarkServer, service: Service, settled: Settled, assistant: BotAssistant
) -> None:
    bot = LarkBot(service, settings_for(lark, lark_verification_token=None, lark_encrypt_key=None))
    async with service.running(), bot.running(), bot.listening():
        await until(lambda: bool(lark.sockets))
        for _ in range(2):
            await lark.push(event_of("What capital?"))
        await until(lambda: lark.acknowledged == [200, 200])
        await settled("lark")
    assert len(lark.cards) == len(assistant.asked) == 1
