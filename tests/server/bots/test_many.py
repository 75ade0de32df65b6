"""Many messages at once, over real sockets: how soon they are acknowledged and answered."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path

import httpx

from assistant.state.store import open_state
from knowledge.settings import KnowledgeSettings
from server.app import make_app
from server.bots.slack import SlackBot
from server.service import Service
from server.settings import ServerSettings
from tests.fakes.bot_assistant import BotAssistant
from tests.fakes.platform_server import until
from tests.fakes.slack_server import event_of, signed, slack_server
from tests.server.bots.test_slack import settings_for
from tests.server.fakes import served

_LOG = logging.getLogger(__name__)
_MANY = 50


async def test_fifty_messages_at_once_are_acknowledged_in_time_and_each_answered_once(
    state_url: str, tmp_path: Path
) -> None:
    async with slack_server() as slack:
        assistant = BotAssistant()
        knowledge = KnowledgeSettings(data_dir=tmp_path)
        service = Service(knowledge, lambda: assistant, lambda: assistant.library, lambda: open_state(state_url))
        app = make_app(service, ServerSettings(), [SlackBot(service, settings_for(slack))])
        with served(app) as address:
            async with httpx.AsyncClient(base_url=address, timeout=20) as client:
                began = time.perf_counter()

                async def deliver(number: int) -> float:
                    body, headers = signed(event_of(f"<@UBOT> Question {number}?", ts=f"{1_700_000_000 + number}.1"))
                    sent = time.perf_counter()
                    (await client.post("/bots/slack", content=body, headers=headers)).raise_for_status()
                    return time.perf_counter() - sent

                acknowledged = sorted(await asyncio.gather(*(deliver(number) for number in range(_MANY))))
                await until(lambda: len(slack.bodies("chat.update")) == _MANY, 30)
                answered = time.perf_counter() - began
        _LOG.info("acknowledged %.2f s (median), %.2f s (last); answered %.2f s", *acknowledged[25::24], answered)
        assert len(slack.replies()) == len(assistant.asked) == _MANY
        # Slack waits for 3 s before it delivers again.
        assert acknowledged[-1] < 3.0, (acknowledged, answered)
