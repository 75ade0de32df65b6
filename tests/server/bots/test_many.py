"""Many messages at once over a real socket: acknowledged in time, each answered once."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest

from assistant.state.store import State, open_state
from knowledge.settings import KnowledgeSettings
from server.app import make_app
from server.bots.message import Platform
from server.service import Service
from server.settings import ServerSettings
from tests.fakes.bot_assistant import BotAssistant
from tests.fakes.chats import PLATFORMS, Sent, open_chat, text_of
from tests.fakes.platform_server import until
from tests.server.fakes import served

_LOG = logging.getLogger(__name__)
_MANY = 50
_SLACK_WAITS_S = 3.0
_TIMES_BARE = 10.0


async def seconds_of_bare_writes(state_url: str) -> float:
    """What as many writes cost here and now where nothing else is done, one after the other."""

    async def write(state: State) -> None:
        for number in range(_MANY):
            await state.inbox.receive("none", str(number), {})

    async with open_state(state_url) as state:
        began = time.perf_counter()
        await write(state)
        return time.perf_counter() - began


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_fifty_messages_at_once_are_acknowledged_in_time_and_each_answered_once(
    platform: Platform, state_url: str, tmp_path: Path
) -> None:
    bare = await seconds_of_bare_writes(state_url)
    assistant = BotAssistant()
    knowledge = KnowledgeSettings(data_dir=tmp_path)
    service = Service(knowledge, lambda: assistant, lambda: assistant.library, lambda: open_state(state_url))
    async with open_chat(platform) as chat:
        with served(make_app(service, ServerSettings(), [chat.make_bot(service)])) as address:
            async with httpx.AsyncClient(base_url=address, timeout=60) as client:

                async def deliver(sent: Sent) -> float:
                    began = time.perf_counter()
                    response = await client.post(f"/bots/{platform}", content=sent.body, headers=dict(sent.headers))
                    response.raise_for_status()
                    return time.perf_counter() - began

                questions = [chat.question(number) for number in range(_MANY)]
                began = time.perf_counter()
                acknowledged = sorted(await asyncio.gather(*map(deliver, questions)))
                await until(lambda: sum("HK$5 million" in shown for shown in chat.shown()) == _MANY, 120)
                answered = time.perf_counter() - began
    told = "%s: acknowledged %.2f s (median), %.2f s (last); answered %.2f s; bare writes %.2f s"
    _LOG.info(told, platform, acknowledged[_MANY // 2], acknowledged[-1], answered, bare)
    asked = Counter(question.text for question in assistant.asked)
    assert [asked[text_of(number)] for number in range(_MANY)] == [1] * _MANY
    assert len(chat.shown()) == _MANY
    # A busy machine makes the bare writes slow as well, and does not fail us for it.
    assert acknowledged[-1] < max(_SLACK_WAITS_S, _TIMES_BARE * bare), (acknowledged, answered, bare)
