"""`hkva bot`: answering in a team's chat from a machine that nobody can reach from outside."""

from __future__ import annotations

import asyncio
import signal
from enum import StrEnum
from typing import Annotated

import typer

from assistant.settings import AssistantSettings
from knowledge.settings import KnowledgeSettings
from server.bots.settings import BotSettings
from server.console import make_output
from server.environment import refuse_unknown_settings
from server.logs import configure_logs
from server.settings import ServerSettings, read_settings


class Chat(StrEnum):
    """The chats that can be listened to without a public address; Teams cannot."""

    SLACK = "slack"
    TELEGRAM = "telegram"
    LARK = "lark"


def bot(chat: Annotated[Chat, typer.Argument(help="Where to answer.")]) -> None:
    """Answer in a chat over a connection of our own, for a machine that nobody can reach from outside."""
    refuse_unknown_settings()
    server = read_settings(ServerSettings)
    configure_logs(server.log_form, server.log_level)
    kinds = (read_settings(KnowledgeSettings), read_settings(AssistantSettings), read_settings(BotSettings))
    asyncio.run(_answer(chat, *kinds))


async def _answer(chat: Chat, knowledge: KnowledgeSettings, assistant: AssistantSettings, bots: BotSettings) -> None:
    # Here, because they load all that `hkva --help` can do without.
    from server.bots.opening import make_listener
    from server.opening import make_service

    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    service = make_service(knowledge, assistant)
    listener = make_listener(chat.value, service, bots)
    async with service.running(), listener.running(), listener.listening():
        make_output().print(f"hkva answers in {chat.value.capitalize()}. Ctrl+C ends it.", markup=False)
        await ended.wait()
