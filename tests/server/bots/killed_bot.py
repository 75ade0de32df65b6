"""A Slack bot that is killed at each stage of a message, and then started again hours later; run as a script.

Arguments: the state's URL, Slack's address, the folder for data.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from assistant.events import Event
from assistant.question import Question
from assistant.state.database import utc_now
from assistant.state.store import open_state
from knowledge.settings import KnowledgeSettings
from server.app import make_app
from server.bots.message import BotMessage
from server.bots.reply import BotReply
from server.bots.settings import BotSettings
from server.bots.slack import SlackBot
from server.bots.slack_reply import SlackPoster
from server.service import Service
from server.settings import ServerSettings
from tests.fakes.bot_assistant import BotAssistant
from tests.fakes.slack_server import SECRET, TOKEN, event_of, signed

STAGES = ("acknowledged", "first sent", "answering", "stored", "answer sent")


class Fate:
    """Dies at one stage."""

    def __init__(self, stage: str) -> None:
        self._stage = stage

    def reach(self, stage: str) -> None:
        """Die here, if this is the stage."""
        if stage == self._stage:
            os.kill(os.getpid(), signal.SIGKILL)


class MortalAssistant(BotAssistant):
    """May die while it answers."""

    fate = Fate("")

    async def stream(self, question: Question) -> AsyncIterator[Event]:
        """The events of one answer."""
        async for event in super().stream(question):
            self.fate.reach("answering")
            yield event


class MortalPoster(SlackPoster):
    """May die after Slack has done what it was told, before anything of it is known here."""

    fate = Fate("")

    async def post(self, message: BotMessage, reply: BotReply, number: int) -> str:
        """Send, and perhaps die."""
        sent = await super().post(message, reply, number)
        self.fate.reach("first sent")
        return sent

    async def update(self, message: BotMessage, reply_id: str, reply: BotReply) -> None:
        """Change, and perhaps die before or after."""
        self.fate.reach("stored")
        await super().update(message, reply_id, reply)
        self.fate.reach("answer sent")


def event_for(stage: str) -> dict[str, Any]:
    """The question of the process that dies at this stage."""
    return event_of(f"<@UBOT> On {stage}?", ts=f"1700000{STAGES.index(stage):03d}.000100")


async def live(stage: str, hours: int, state_url: str, slack_url: str, data: Path) -> None:
    """Take one message (or all of them again, hours later) and answer what is kept."""
    settings = BotSettings(
        slack_bot_token=SecretStr(TOKEN), slack_signing_secret=SecretStr(SECRET), slack_api_url=f"{slack_url}/api/"
    )  # fmt: skip
    fate, assistant = Fate(stage), MortalAssistant(_numbers=itertools.count(os.getpid() * 1_000))
    MortalAssistant.fate = MortalPoster.fate = fate

    def clock() -> Any:
        return utc_now() + timedelta(hours=hours)

    service = Service(
        KnowledgeSettings(data_dir=data), lambda: assistant, lambda: assistant.library,
        lambda: open_state(state_url, clock),
    )  # fmt: skip
    bot = SlackBot(service, settings)
    bot.desk._poster.__class__ = MortalPoster
    transport = httpx.ASGITransport(app=make_app(service, ServerSettings(), [bot]))
    async with service.running(), httpx.AsyncClient(transport=transport, base_url="http://bots.example") as client:
        for one in [stage] if stage else STAGES:
            body, headers = signed(event_for(one))
            (await client.post("/bots/slack", content=body, headers=headers)).raise_for_status()
        fate.reach("acknowledged")
        async with bot.running(), asyncio.timeout(60):
            while set(await service.state.inbox.count("slack")) - {"answered"}:  # noqa: ASYNC110
                await asyncio.sleep(0.02)


def main(state_url: str, slack_url: str, data: str) -> None:
    """Let a child die at each stage, then start again three hours later."""
    for stage in STAGES:
        child = os.fork()
        if child == 0:
            asyncio.run(live(stage, STAGES.index(stage), state_url, slack_url, Path(data)))
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
            sys.exit(f"{stage}: {status}")
    asyncio.run(live("", len(STAGES) + 3, state_url, slack_url, Path(data)))


if __name__ == "__main__":
    main(*sys.argv[1:])
