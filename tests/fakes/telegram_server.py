"""Telegram's Bot API on the loopback, and the updates that it sends."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from pydantic import SecretStr

from server.bots.settings import BotSettings
from tests.fakes.platform_server import Json, PlatformServer, serve_platform

TOKEN = "42:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
SECRET = "webhook-secret"
ME = {"id": 42, "is_bot": True, "first_name": "hkva", "username": "hkva_bot"}


@dataclass(slots=True)
class TelegramServer(PlatformServer):
    """The Bot API with the messages that we sent, and updates that wait to be polled."""

    messages: dict[int, Json] = field(default_factory=dict)
    updates: list[Json] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1_000))

    @property
    def texts(self) -> list[str]:
        """What our messages say now."""
        return [one["text"] for one in self.messages.values()]

    async def act(self, method: str, body: Json) -> Json:
        """Carry out a call."""
        result: Any = True
        if method == "getMe":
            result = ME
        elif method == "sendMessage":
            number = next(self._numbers)
            self.messages[number] = body
            result = _message(number, body)
        elif method == "editMessageText":
            number = int(body["message_id"])
            if self.messages[number]["text"] == body["text"]:
                return {"ok": False, "error_code": 400, "description": "Bad Request: message is not modified"}
            self.messages[number] = {**self.messages[number], **body}
            result = _message(number, body)
        elif method == "getUpdates":
            first = int(body.get("offset", 0))
            self.updates = [one for one in self.updates if one["update_id"] >= first]
            if not self.updates:
                await asyncio.sleep(0.05)
            result = self.updates
        return {"ok": True, "result": result}

    async def _call(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != TOKEN:
            return web.json_response({"ok": False, "error_code": 401, "description": "Unauthorized"}, status=401)
        body = {name: _value(str(value)) for name, value in (await request.post()).items()}
        method = request.match_info["method"]
        return await self.answer(method, body, lambda: self.act(method, body))


def _value(text: str) -> Any:
    return json.loads(text) if text[:1] in "{[" else text


def _message(number: int, body: Json) -> Json:
    return {"message_id": number, "date": 1_790_000_000, "chat": {"id": int(body["chat_id"]), "type": "private"}}


@asynccontextmanager
async def telegram_server() -> AsyncIterator[TelegramServer]:
    """Telegram, running."""
    telegram = TelegramServer()
    async with serve_platform([web.post("/bot{token}/{method}", telegram._call)]) as telegram.url:
        yield telegram


def settings_for(telegram: TelegramServer, **more: Any) -> BotSettings:
    """The settings with which a bot works with it."""
    given: dict[str, Any] = {
        "telegram_bot_token": SecretStr(TOKEN),
        "telegram_secret": SecretStr(SECRET),
        "telegram_allowed": "*",
        "telegram_api_url": telegram.url,
        "bot_questions_per_minute": 1_000,
    }
    return BotSettings(**{**given, **more})


def update_of(text: str, update_id: int = 1, chat: int = 7, kind: str = "private", user: int = 7, **more: Any) -> Json:
    """An update with a message; mentions and a command at its begin are marked as Telegram does."""
    entities = [
        {"type": "mention" if part[0] == "@" else "bot_command", "offset": text.index(part), "length": len(part)}
        for part in text.split()
        if part[0] == "@" or (part[0] == "/" and text.startswith(part))
    ]
    sender = {"id": user, "is_bot": False, "first_name": "Ann"}
    message = {
        "message_id": update_id * 10,
        "date": int(time.time()),
        "text": text,
        "from": sender,
        "entities": entities,
    }
    return {"update_id": update_id, "message": {**message, "chat": {"id": chat, "type": kind}, **more}}
