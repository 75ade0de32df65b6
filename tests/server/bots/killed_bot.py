"""A bot that is killed at each stage of a message, and then started again hours later; run as a script.

Arguments: the platform, its address, the state's URL, the folder for data.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from assistant.events import Event
from assistant.question import Question
from assistant.state.database import utc_now
from assistant.state.store import open_state
from knowledge.settings import KnowledgeSettings
from server.app import make_app
from server.bots.inbox import Poster
from server.bots.message import BotMessage, Platform
from server.bots.reply import BotReply
from server.service import Service
from server.settings import ServerSettings
from tests.fakes.bot_assistant import BotAssistant
from tests.fakes.chats import Chat, chat_at

STAGES = ("acknowledged", "first sent", "answering", "stored", "answer sent")


class Fate:
    """Dies at one stage."""

    def __init__(self, stage: str) -> None:
        self._stage = stage

    def reach(self, stage: str) -> None:
        """Die here, if this is the stage."""
        if stage == self._stage:
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class MortalAssistant(BotAssistant):
    """May die while it answers."""

    fate: Fate = field(default_factory=lambda: Fate(""))

    async def stream(self, question: Question) -> AsyncIterator[Event]:
        """The events of one answer."""
        async for event in super().stream(question):
            self.fate.reach("answering")
            yield event


class MortalPoster:
    """May die after the platform has done what it was told, before anything of it is known here."""

    def __init__(self, poster: Poster, fate: Fate) -> None:
        self.platform: Platform = poster.platform
        self.find, self.fits = poster.find, poster.fits
        self._poster, self._fate = poster, fate

    async def post(self, message: BotMessage, reply: BotReply, number: int) -> str:
        """Send, and perhaps die."""
        sent = await self._poster.post(message, reply, number)
        self._fate.reach("first sent")
        return sent

    async def update(self, message: BotMessage, reply_id: str, reply: BotReply) -> None:
        """Change, and perhaps die before or after."""
        self._fate.reach("stored")
        await self._poster.update(message, reply_id, reply)
        self._fate.reach("answer sent")


async def live(chat: Chat, stage: str, hours: int, state_url: str, data: Path) -> None:
    """Take one message (or all of them again, hours later) and answer what is kept."""
    fate = Fate(stage)
    assistant = MortalAssistant(_numbers=itertools.count(os.getpid() * 1_000), fate=fate)

    def clock() -> datetime:
        return utc_now() + timedelta(hours=hours)

    service = Service(
        KnowledgeSettings(data_dir=data), lambda: assistant, lambda: assistant.library,
        lambda: open_state(state_url, clock),
    )  # fmt: skip
    bot = chat.make_bot(service)
    bot.desk._poster = MortalPoster(bot.desk._poster, fate)
    transport = httpx.ASGITransport(app=make_app(service, ServerSettings(), [bot]))
    async with service.running(), httpx.AsyncClient(transport=transport, base_url="http://bots.example") as client:
        for one in [stage] if stage else STAGES:
            sent = chat.question(STAGES.index(one) + 1)
            response = await client.post(f"/bots/{chat.platform}", content=sent.body, headers=dict(sent.headers))
            response.raise_for_status()
        fate.reach("acknowledged")
        async with bot.running(), asyncio.timeout(120):
            while set(await service.state.inbox.count(chat.platform)) - {"answered"}:  # noqa: ASYNC110
                await asyncio.sleep(0.02)


def main(platform: str, chat_url: str, state_url: str, data: str) -> None:
    """Let a child die at each stage, then start again three hours later."""
    chat = chat_at(platform, chat_url)
    for stage in STAGES:
        child = os.fork()
        if child == 0:
            asyncio.run(live(chat, stage, STAGES.index(stage), state_url, Path(data)))
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
            sys.exit(f"{stage}: {status}")
    asyncio.run(live(chat, "", len(STAGES) + 3, state_url, Path(data)))


if __name__ == "__main__":
    main(*sys.argv[1:])
