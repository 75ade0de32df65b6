"""Slack as it really behaves: it delivers twice, late and together, limits us, and signs what it sends."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from server.bots.slack import SlackBot
from server.service import Service
from tests.fakes.bot_assistant import SECRET_DETAIL, BotAssistant
from tests.fakes.platform_server import Trouble, until
from tests.fakes.slack_server import TOKEN, SlackServer, event_of, settings_for, signed, slack_server
from tests.server.bots.conftest import HandClock, Running, Settled

QUESTION = "<@UBOT> What capital must a platform hold?"


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with slack_server() as slack:
        yield slack


@pytest.fixture
async def client(slack: SlackServer, running: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with running(lambda service: SlackBot(service, settings_for(slack))) as client:
        yield client


async def deliver(client: httpx.AsyncClient, payload: dict[str, Any], **how: Any) -> httpx.Response:
    body, headers = signed(payload, **how)
    return await client.post("/bots/slack", content=body, headers=headers)


def shown(reply: dict[str, Any]) -> str:
    """All text of a message's blocks."""
    return json.dumps(reply["blocks"], ensure_ascii=False)


async def test_mention_is_answered_in_its_thread_with_sources_notes_date_and_buttons(
    client: httpx.AsyncClient, slack: SlackServer, settled: Settled
) -> None:
    assert (await deliver(client, event_of(QUESTION))).status_code == 200
    await settled("slack")
    [reply] = slack.replies()
    assert reply["thread_ts"] == "1700000001.000100"
    kinds = [block["type"] for block in reply["blocks"]]
    assert kinds == ["section", "section", "context", "context", "context", "actions"]
    text = shown(reply)
    assert "HK$5 million &amp; &lt;more&gt; [1]" in text
    assert (
        "*[1]* <https://sfc.example/rules?n=1&amp;x=1|Capital of &lt;platforms&gt; &amp; issuers> · SFC · 2023-06-01"
        in text
    )
    assert "proposed · not an official source" in text
    assert "As of 23 November 2026" in text
    assert [one["value"] for one in reply["blocks"][-1]["elements"]] == ["ans_1", "ans_1"]
    assert slack.bodies("chat.postMessage")[0]["text"] == "Looking it up…"


async def test_late_repeated_and_doubled_deliveries_get_one_answer(
    client: httpx.AsyncClient, slack: SlackServer, assistant: BotAssistant, settled: Settled, clock: HandClock
) -> None:
    again = [deliver(client, event_of(QUESTION)) for _ in range(5)]
    as_message = deliver(client, event_of(QUESTION, kind="message", event_id="EvOther"))
    assert {one.status_code for one in await asyncio.gather(*again, as_message)} == {200}
    await settled("slack")
    clock.move(hours=6)
    assert (await deliver(client, event_of(QUESTION))).status_code == 200
    await settled("slack")
    assert len(assistant.asked) == len(slack.replies()) == 1


async def test_follow_up_does_not_overtake_the_question_before_it(
    client: httpx.AsyncClient, slack: SlackServer, assistant: BotAssistant, settled: Settled
) -> None:
    slack.troubles["chat.postMessage"].append(Trouble(late_s=0.5))
    await deliver(client, event_of(QUESTION))
    thread = {"thread_ts": "1700000001.000100", "kind": "message"}
    await deliver(client, event_of("And before 2024?", ts="1700000002.000100", **thread))
    await settled("slack")
    assert [one.text for one in assistant.asked] == ["What capital must a platform hold?", "And before 2024?"]
    assert [turn.question for turn in assistant.asked[1].turns] == ["What capital must a platform hold?"]


async def test_thread_goes_on_without_a_mention_and_knows_what_was_said(
    client: httpx.AsyncClient, slack: SlackServer, assistant: BotAssistant, settled: Settled
) -> None:
    thread = {"thread_ts": "1700000001.000100", "kind": "message"}
    await deliver(client, event_of(QUESTION))
    await deliver(client, event_of("And before 2024?", ts="1700000002.000100", **thread))
    await settled("slack")
    await deliver(client, event_of("<@U2> what do you think?", ts="1700000003.000100", **thread))
    await deliver(client, event_of("Talk of others", ts="1700000004.000100", kind="message"))
    await deliver(client, event_of("Elsewhere", ts="1700000005.000100", kind="message", thread_ts="1600.1"))
    await settled("slack")
    assert [one.text for one in assistant.asked] == ["What capital must a platform hold?", "And before 2024?"]
    assert [turn.question for turn in assistant.asked[1].turns] == ["What capital must a platform hold?"]
    assert {one["thread_ts"] for one in slack.replies()} == {"1700000001.000100"}


async def test_direct_message_is_answered_beside_it(
    client: httpx.AsyncClient, slack: SlackServer, settled: Settled
) -> None:
    await deliver(client, event_of("Capital?", kind="message", channel="D1", channel_type="im"))
    await settled("slack")
    [reply] = slack.replies("D1")
    assert "thread_ts" not in reply


async def test_bots_other_organisations_and_edits_are_not_answered(
    client: httpx.AsyncClient, slack: SlackServer, settled: Settled
) -> None:
    for number, more in enumerate(
        [
            {"bot_id": "BBOT", "user": "UBOT"},
            {"bot_id": "B9"},
            {"user_team": "T9"},
            {"kind": "message", "subtype": "message_changed", "channel_type": "im"},
        ]
    ):
        await deliver(client, event_of(QUESTION, ts=f"17.{number}", **more))
    await deliver(client, event_of(QUESTION, team_id="T9"))
    await settled("slack")
    assert slack.replies() == []


@pytest.mark.parametrize("how", [{"secret": "another"}, {"at": time.time() - 600}])
async def test_wrong_signature_and_old_request_are_refused(
    client: httpx.AsyncClient, slack: SlackServer, assistant: BotAssistant, how: dict[str, Any]
) -> None:
    assert (await deliver(client, event_of(QUESTION), **how)).status_code == 401
    body, headers = signed(event_of(QUESTION))
    altered = await client.post("/bots/slack", content=body.replace(b"capital", b"licence"), headers=headers)
    assert altered.status_code == 401
    assert (assistant.asked, slack.replies()) == ([], [])


async def test_address_is_verified_by_challenge(client: httpx.AsyncClient) -> None:
    response = await deliver(client, {"type": "url_verification", "challenge": "abc"})
    assert (response.status_code, response.json()) == (200, {"challenge": "abc"})


def command_of(text: str, **more: str) -> dict[str, str]:
    given = {"command": "/hkva", "text": text, "trigger_id": "1.2.a", "team_id": "T1", "channel_id": "C1"}
    return {**given, "user_id": "U1", "response_url": "https://hooks.example/1", **more}


async def test_command_shows_its_question_and_begins_a_thread_that_goes_on(
    client: httpx.AsyncClient, slack: SlackServer, assistant: BotAssistant, settled: Settled
) -> None:
    response = await deliver(client, command_of("Capital?"), form=True)
    assert "Looking it up" in response.text
    await settled("slack")
    [reply] = slack.replies()
    assert reply["blocks"][0]["elements"][0]["text"] == "<@U1>: Capital?"
    await deliver(client, event_of("And in 2023?", kind="message", ts="1800.1", thread_ts=reply["ts"]))
    await settled("slack")
    assert [turn.question for turn in assistant.asked[1].turns] == ["Capital?"]


async def test_command_in_a_channel_without_us_is_answered_to_the_person(
    client: httpx.AsyncClient, slack: SlackServer, settled: Settled
) -> None:
    slack.closed.add("C7")
    await deliver(client, command_of("Capital?", channel_id="C7"), form=True)
    await settled("slack")
    assert len(slack.replies("D-U1")) == 1
    assert "Ask me about" in (await deliver(client, command_of(" "), form=True)).text


async def test_buttons_keep_what_the_reader_thinks(
    client: httpx.AsyncClient, slack: SlackServer, service: Service, settled: Settled
) -> None:
    await deliver(client, event_of(QUESTION))
    await settled("slack")
    for rating in ("up", "down"):
        action = {"type": "button", "action_id": f"hkva_{rating}", "block_id": "b", "value": "ans_1"}
        payload = {
            "type": "block_actions",
            "team": {"id": "T1"},
            "user": {"id": "U1", "team_id": "T1"},
            "actions": [action],
        }
        payload |= {"channel": {"id": "C1"}, "message": {"text": "x"}, "api_app_id": "A1"}
        response = await deliver(client, {"payload": json.dumps(payload)}, form=True)
        assert response.status_code == 200
    [feedback] = await service.state.feedback.list()
    assert (feedback.answer_id, feedback.rating, feedback.owner) == ("ans_1", "down", "slack:T1:U1")
    await until(lambda: len(slack.bodies("chat.postEphemeral")) == 2)


async def test_rate_limit_outage_and_lost_reply_delay_the_one_answer(
    client: httpx.AsyncClient, slack: SlackServer, assistant: BotAssistant, settled: Settled
) -> None:
    slack.troubles["chat.postMessage"] += [
        Trouble(429, {"Retry-After": "1"}, {"ok": False, "error": "ratelimited"}),
        Trouble(lost=True),
    ]
    slack.troubles["chat.update"] += [Trouble(503), Trouble(lost=True)]
    await deliver(client, event_of(QUESTION))
    await settled("slack")
    assert len(slack.replies()) == len(assistant.asked) == 1
    assert "HK$5 million" in shown(slack.replies()[0])


async def test_failures_of_ours_end_in_a_plain_sentence_and_show_no_detail(
    client: httpx.AsyncClient,
    slack: SlackServer,
    assistant: BotAssistant,
    settled: Settled,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assistant.fails, assistant.failure = 99, RuntimeError(SECRET_DETAIL)
    await deliver(client, event_of(QUESTION))
    await settled("slack")
    [reply] = slack.replies()
    assert "Please ask again later" in shown(reply)
    assert SECRET_DETAIL not in json.dumps(slack.calls)
    logged = caplog.text + capsys.readouterr().err
    assert "What capital" not in logged
    assert TOKEN not in logged


async def test_only_those_who_may_ask_are_answered_and_not_too_often(
    slack: SlackServer, running: Running, settled: Settled, assistant: BotAssistant
) -> None:
    settings = settings_for(slack, slack_allowed="C1, U7", bot_questions_per_minute=2)
    async with running(lambda service: SlackBot(service, settings)) as client:
        for number in range(3):
            await deliver(client, event_of(QUESTION, ts=f"17.{number}"))
            await settled("slack")
        await deliver(client, event_of(QUESTION, ts="18.1", channel="C2"))
        await deliver(client, event_of(QUESTION, ts="18.2", channel="C2", user="U7"))
        await settled("slack")
    assert len(assistant.asked) == 3
    assert "too" not in shown(slack.replies()[1])
    assert "ask again in" in shown(slack.replies()[2])
    assert len(slack.replies("C2")) == 1


async def test_socket_mode_answers_what_it_acknowledges(
    slack: SlackServer, service: Service, settled: Settled, assistant: BotAssistant
) -> None:
    bot = SlackBot(service, settings_for(slack, slack_signing_secret=None))
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)
    async with service.running(), bot.running(), bot.listening():
        await until(lambda: bool(slack.sockets))
        for envelope in ("e1", "e2"):
            await slack.push(event_of(QUESTION), envelope)
        await until(lambda: set(slack.acknowledged) == {"e1", "e2"})
        await settled("slack")
    assert len(slack.replies()) == len(assistant.asked) == 1
