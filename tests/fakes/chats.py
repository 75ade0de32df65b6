"""The four chat platforms in one shape, for what must hold of each of them."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, Protocol

from server.bots.inbox import Desk
from server.bots.lark import LarkBot
from server.bots.message import Platform
from server.bots.opening import Bot
from server.bots.slack import SlackBot
from server.bots.telegram import TelegramBot
from server.service import Service
from tests.fakes import lark_server, slack_server, teams_server, telegram_server
from tests.fakes.platform_server import PlatformServer, Trouble

PLATFORMS: tuple[Platform, ...] = ("slack", "telegram", "lark", "teams")
_DAYS = 48 * 3_600


class Sent(NamedTuple):
    """A request as the platform sends it."""

    body: bytes
    headers: Mapping[str, str]


class DeskBot(Bot, Protocol):
    """A bot of ours."""

    desk: Desk


class Chat(Protocol):
    """A platform with one person for each question, who asks "Question 1?" and so on.

    `first` and `change` are the calls that send our first message and that change it.
    """

    platform: Platform
    first: str
    change: str
    limited: Trouble

    @property
    def server(self) -> PlatformServer:
        """The running fake, or only its address."""
        ...

    def make_bot(self, service: Service) -> DeskBot:
        """A bot that works with it."""
        ...

    def question(self, number: int) -> Sent:
        """A question as it should come, the same however often it is asked for."""
        ...

    def forged(self) -> list[Sent]:
        """Questions that the platform did not send."""
        ...

    def stale(self) -> list[Sent]:
        """Questions that it sent two days ago."""
        ...

    def foreign(self) -> list[Sent]:
        """Questions from where we were not installed."""
        ...

    def shown(self) -> list[str]:
        """What each of our messages shows now."""
        ...


def text_of(number: int) -> str:
    """What is asked."""
    return f"Question {number}?"


class SlackChat:
    """Slack: each question is a mention that begins a thread."""

    platform: Platform = "slack"
    first, change = "chat.postMessage", "chat.update"
    limited = Trouble(429, {"Retry-After": "1"}, {"ok": False, "error": "ratelimited"})

    def __init__(self, server: slack_server.SlackServer) -> None:
        self.server = server

    def make_bot(self, service: Service) -> SlackBot:
        """A bot that works with it."""
        return SlackBot(service, slack_server.settings_for(self.server))

    def question(self, number: int, **how: Any) -> Sent:
        """A mention; its time is its name."""
        event = {key: how.pop(key) for key in ("team_id", "user_team") if key in how}
        said = slack_server.event_of(f"<@UBOT> {text_of(number)}", ts=f"{1_700_000_000 + number}.000100", **event)
        return Sent(*slack_server.signed(said, **how))

    def forged(self) -> list[Sent]:
        """Another secret, and another body than was signed."""
        body, headers = self.question(1)
        return [self.question(1, secret="another"), Sent(body.replace(b"Question 1", b"Question 2"), headers)]

    def stale(self) -> list[Sent]:
        """Signed two days ago."""
        return [self.question(1, at=time.time() - _DAYS)]

    def foreign(self) -> list[Sent]:
        """Another workspace, and somebody of another one in a shared channel."""
        return [self.question(1, team_id="T9"), self.question(2, user_team="T9")]

    def shown(self) -> list[str]:
        """The blocks of every message."""
        return [json.dumps(one["blocks"], ensure_ascii=False) for held in self.server.messages.values() for one in held]


class TelegramChat:
    """Telegram: each question comes in a private chat."""

    platform: Platform = "telegram"
    first, change = "sendMessage", "editMessageText"
    limited = Trouble(
        429,
        body={"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": {"retry_after": 1}},
    )

    def __init__(self, server: telegram_server.TelegramServer) -> None:
        self.server = server

    def make_bot(self, service: Service) -> TelegramBot:
        """A bot that works with it."""
        return TelegramBot(service, telegram_server.settings_for(self.server))

    def question(self, number: int, secret: str = telegram_server.SECRET, **more: Any) -> Sent:
        """A private message."""
        update = telegram_server.update_of(text_of(number), number, 100 + number, user=100 + number)
        update["message"] |= more
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret, "Content-Type": "application/json"}
        return Sent(json.dumps(update).encode(), headers)

    def forged(self) -> list[Sent]:
        """Another secret."""
        return [self.question(1, secret="another")]

    def stale(self) -> list[Sent]:
        """Written two days ago."""
        return [self.question(1, date=int(time.time()) - _DAYS)]

    def foreign(self) -> list[Sent]:
        """A command for another bot of a group; the secret says of everything else that it is for us."""
        command = [{"type": "bot_command", "offset": 0, "length": len("/ask@other_bot")}]
        chat = {"id": -9, "type": "group"}
        return [self.question(1, text="/ask@other_bot Question 1?", entities=command, chat=chat)]

    def shown(self) -> list[str]:
        """The text of every message."""
        return self.server.texts


class LarkChat:
    """Lark: each question comes in a private chat."""

    platform: Platform = "lark"
    first, change = "reply", "patch"
    limited = Trouble(429, {"x-ogw-ratelimit-reset": "1"}, {"code": 99991400, "msg": "limited"})

    def __init__(self, server: lark_server.LarkServer) -> None:
        self.server = server

    def make_bot(self, service: Service) -> LarkBot:
        """A bot that works with it."""
        return LarkBot(service, lark_server.settings_for(self.server))

    def question(self, number: int, **how: Any) -> Sent:
        """A private message."""
        event = {key: how.pop(key) for key in ("tenant", "app") if key in how}
        said = lark_server.event_of(text_of(number), f"om_{number}", chat_id=f"oc_{number}", **event)
        return Sent(*lark_server.signed(said, **how))

    def forged(self) -> list[Sent]:
        """Another key, and a signature that is not that of the body."""
        body, headers = self.question(1)
        return [self.question(1, key="another"), Sent(body, {**headers, "X-Lark-Signature": "0" * 64})]

    def stale(self) -> list[Sent]:
        """Signed two days ago."""
        return [self.question(1, at=time.time() - _DAYS)]

    def foreign(self) -> list[Sent]:
        """Another tenant, and another app."""
        return [self.question(1, tenant="tenant2"), self.question(2, app="cli_2")]

    def shown(self) -> list[str]:
        """The elements of every card."""
        return [json.dumps(card["elements"], ensure_ascii=False) for card in self.server.cards.values()]


class TeamsChat:
    """Teams: each question comes in a conversation of its own."""

    platform: Platform = "teams"
    first, change = "message", "update"
    limited = Trouble(429, {"Retry-After": "1"})

    def __init__(self, server: teams_server.TeamsServer) -> None:
        self.server = server

    def make_bot(self, service: Service) -> DeskBot:
        """A bot that works with it."""
        return teams_server.make_bot(service, self.server)

    def question(self, number: int, tenant: str = teams_server.TENANT, **claims: Any) -> Sent:
        """A private message."""
        where = {"id": f"conv{number}"}
        said = teams_server.activity_of(self.server, text_of(number), str(number), conversation=where, tenant=tenant)
        token = teams_server.token_for(self.server.url, **claims)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        return Sent(json.dumps(said).encode(), headers)

    def forged(self) -> list[Sent]:
        """Another key, and a token that is for another app."""
        return [self.question(1, signed_by="another"), self.question(1, aud="another-app")]

    def stale(self) -> list[Sent]:
        """A token that ended two days ago."""
        return [self.question(1, exp=int(time.time()) - _DAYS)]

    def foreign(self) -> list[Sent]:
        """Another tenant."""
        return [self.question(1, tenant="another")]

    def shown(self) -> list[str]:
        """The card of every message."""
        sent = self.server.activities.values()
        return [json.dumps(one["attachments"][0]["content"], ensure_ascii=False) for one in sent]


def chat_at(platform: str, url: str) -> Chat:
    """The platform whose fake runs at this address in another process."""
    chats: dict[str, Chat] = {
        "slack": SlackChat(slack_server.SlackServer(url)),
        "telegram": TelegramChat(telegram_server.TelegramServer(url)),
        "lark": LarkChat(lark_server.LarkServer(url)),
        "teams": TeamsChat(teams_server.TeamsServer(url)),
    }
    return chats[platform]


@asynccontextmanager
async def open_chat(platform: Platform) -> AsyncIterator[Chat]:
    """The platform, running."""
    match platform:
        case "slack":
            async with slack_server.slack_server() as slack:
                yield SlackChat(slack)
        case "telegram":
            async with telegram_server.telegram_server() as telegram:
                yield TelegramChat(telegram)
        case "lark":
            async with lark_server.lark_server() as lark:
                yield LarkChat(lark)
        case "teams":
            async with teams_server.teams_server() as teams:
                yield TeamsChat(teams)
