"""Teams as it really behaves: tokens of its own, mentions in text, repeats."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from server.service import Service
from tests.fakes.bot_assistant import BotAssistant
from tests.fakes.platform_server import Trouble
from tests.fakes.teams_server import (
    OURS,
    TENANT,
    TeamsServer,
    activity_of,
    make_bot,
    rating_of,
    teams_server,
    token_for,
)
from tests.server.bots.conftest import Running, Settled


@pytest.fixture
async def teams() -> AsyncIterator[TeamsServer]:
    async with teams_server() as teams:
        yield teams


@pytest.fixture
async def client(teams: TeamsServer, running: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with running(lambda service: make_bot(service, teams)) as client:
        yield client


async def deliver(client: httpx.AsyncClient, activity: dict[str, Any], **claims: Any) -> httpx.Response:
    token = token_for(activity["serviceUrl"], **claims)
    return await client.post("/bots/teams", json=activity, headers={"Authorization": f"Bearer {token}"})


async def test_question_is_answered_by_a_card_with_sources_notes_date_and_buttons(
    client: httpx.AsyncClient, teams: TeamsServer, settled: Settled
) -> None:
    assert (await deliver(client, activity_of(teams, "What capital?"))).status_code == 200
    await settled("teams")
    card = teams.card()
    runs = [run for block in card["body"] for run in block["inlines"]]
    said = "\n".join(run["text"] for run in runs)
    assert "HK$5 million & <more> [1]" in said
    assert "Told as of <today>." in said
    assert "SFC · 2023-06-01 · in force" in said
    assert said.endswith("As of 23 November 2026 · not legal advice")
    linked = {run["text"]: run["selectAction"]["url"] for run in runs if "selectAction" in run}
    assert linked == {"Capital of <platforms> & issuers": "https://sfc.example/rules?n=2&x=1"}
    assert [one["data"]["rating"] for one in card["actions"]] == ["up", "down"]
    assert teams.typing == 1


async def test_channel_is_answered_where_it_names_us_and_goes_on_in_the_thread(
    client: httpx.AsyncClient, teams: TeamsServer, assistant: BotAssistant, settled: Settled
) -> None:
    thread: dict[str, Any] = {"kind": "channel", "conversation": {"id": "19:c@thread;messageid=1"}}
    other: dict[str, Any] = {"kind": "channel", "conversation": {"id": "19:c@thread;messageid=9"}}
    await deliver(client, activity_of(teams, f"<at>{OURS}</at> What capital?", named=[OURS], **thread))
    await settled("teams")
    await deliver(client, activity_of(teams, "And in 2023?", "2", **thread))
    await deliver(client, activity_of(teams, "<at>29:bob</at> you?", "3", named=["29:bob"], **thread))
    await deliver(client, activity_of(teams, "Talk of others", "4", **other))
    await settled("teams")
    assert [one.text for one in assistant.asked] == ["What capital?", "And in 2023?"]
    assert len(assistant.asked[1].turns) == 1


@pytest.mark.parametrize(
    "claims",
    [
        {"signed_by": "another"},
        {"aud": "another-app"},
        {"iss": "https://evil.example"},
        {"serviceurl": "https://evil.example"},
        {"exp": int(time.time()) - 3_600},
    ],
)
async def test_tokens_that_are_not_for_us_are_refused(
    client: httpx.AsyncClient, teams: TeamsServer, assistant: BotAssistant, claims: dict[str, Any]
) -> None:
    assert (await deliver(client, activity_of(teams, "What?"), **claims)).status_code == 401
    assert assistant.asked == []


async def test_other_tenants_garbage_and_missing_tokens_are_refused(
    client: httpx.AsyncClient, teams: TeamsServer, assistant: BotAssistant, settled: Settled
) -> None:
    assert (await deliver(client, activity_of(teams, "What?", tenant="another"))).status_code == 403
    assert (await client.post("/bots/teams", json=activity_of(teams, "What?"))).status_code == 401
    assert (await client.post("/bots/teams", content=b"[]")).status_code == 400
    await settled("teams")
    assert (assistant.asked, teams.activities) == ([], {})


async def test_first_message_whose_reply_was_lost_is_sent_again_but_the_answer_is_one(
    client: httpx.AsyncClient, teams: TeamsServer, settled: Settled
) -> None:
    teams.troubles["message"] += [Trouble(lost=True)]
    await deliver(client, activity_of(teams, "What capital?"))
    await settled("teams")
    assert "Looking it up" in json.dumps(teams.card(0), ensure_ascii=False)
    assert "HK$5 million" in json.dumps(teams.card(1))
    assert len(teams.activities) == 2


async def test_buttons_keep_what_the_reader_thinks(
    client: httpx.AsyncClient, teams: TeamsServer, service: Service, settled: Settled
) -> None:
    await deliver(client, activity_of(teams, "What capital?"))
    await settled("teams")
    assert (await deliver(client, rating_of(teams, "ans_1", "up"))).json()["value"] == "Thank you, noted."
    assert "no longer" in (await deliver(client, rating_of(teams, "ans_9", "up"))).json()["value"]
    [feedback] = await service.state.feedback.list()
    assert (feedback.answer_id, feedback.rating, feedback.owner) == ("ans_1", "up", f"teams:{TENANT}:ann")
