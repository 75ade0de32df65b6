"""Slack on the loopback: its Web API, its Socket Mode, and the requests that it sends, signed."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from aiohttp import WSMsgType, web
from pydantic import SecretStr

from server.bots.settings import BotSettings
from tests.fakes.platform_server import Json, PlatformServer, serve_platform

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TOKEN = "xoxb-1-test"


@dataclass(slots=True)
class SlackServer(PlatformServer):
    """Slack with its messages by channel. `closed` channels refuse us."""

    messages: defaultdict[str, list[Json]] = field(default_factory=lambda: defaultdict(list))
    closed: set[str] = field(default_factory=set)
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    _clock: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def replies(self, channel: str = "C1") -> list[Json]:
        """Our messages in a channel."""
        return self.messages[channel]

    def act(self, method: str, body: Json) -> Json:
        """Carry out a call of the Web API."""
        if method == "auth.test":
            return {"ok": True, "team_id": "T1", "user_id": "UBOT", "bot_id": "BBOT"}
        if method == "chat.postMessage":
            if body["channel"] in self.closed:
                return {"ok": False, "error": "not_in_channel"}
            ts = f"{time.time():.0f}.{next(self._clock):06d}"
            self.messages[body["channel"]].append({**body, "ts": ts})
            return {"ok": True, "channel": body["channel"], "ts": ts}
        if method == "chat.update":
            held = [one for one in self.messages[body["channel"]] if one["ts"] == body["ts"]]
            if not held:
                return {"ok": False, "error": "message_not_found"}
            held[0].update({"text": body["text"], "blocks": body["blocks"]})
            return {"ok": True, "channel": body["channel"], "ts": body["ts"]}
        if method in ("conversations.replies", "conversations.history"):
            return {"ok": True, "messages": self.messages[body["channel"]]}
        if method == "conversations.open":
            return {"ok": True, "channel": {"id": f"D-{body['users']}"}}
        if method == "apps.connections.open":
            return {"ok": True, "url": f"{self.url.replace('http', 'ws')}/socket"}
        return {"ok": True}

    async def push(self, payload: Json, envelope: str, kind: str = "events_api") -> None:
        """Send through Socket Mode, on the newest connection."""
        sent = {"type": kind, "envelope_id": envelope, "payload": payload, "accepts_response_payload": False}
        await self.sockets[-1].send_json(sent)

    async def _call(self, request: web.Request) -> web.StreamResponse:
        body = await request.json() if request.content_type == "application/json" else dict(await request.post())
        method = request.match_info["method"]
        return await self.answer(method, body, lambda: self.act(method, body))

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A1"}})
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.acknowledged.append(json.loads(message.data)["envelope_id"])
        return socket


@asynccontextmanager
async def slack_server() -> AsyncIterator[SlackServer]:
    """Slack, running."""
    slack = SlackServer()
    routes = [web.post("/api/{method}", slack._call), web.get("/socket", slack._socket)]
    async with serve_platform([*routes]) as slack.url:
        yield slack
        for socket in slack.sockets:
            await socket.close()


def settings_for(slack: SlackServer, **more: Any) -> BotSettings:
    """The settings with which a bot works with it."""
    given: dict[str, Any] = {
        "slack_bot_token": SecretStr(TOKEN),
        "slack_signing_secret": SecretStr(SECRET),
        "slack_app_token": SecretStr("xapp-1-test"),
        "slack_api_url": f"{slack.url}/api/",
        "bot_questions_per_minute": 1_000,
    }
    return BotSettings(**{**given, **more})


def event_of(text: str, ts: str = "1700000001.000100", kind: str = "app_mention", **more: Any) -> Json:
    """An event callback. `more` changes the event; `event_id` and `team` change the callback."""
    event_id, team = more.pop("event_id", f"Ev{ts}"), more.pop("team_id", "T1")
    event = {"type": kind, "user": "U1", "text": text, "ts": ts, "channel": "C1", "team": team, **more}
    return {
        "type": "event_callback",
        "team_id": team,
        "api_app_id": "A1",
        "event_id": event_id,
        "event_time": 1700000001,
        "authorizations": [{"team_id": team, "user_id": "UBOT", "is_bot": True}],
        "event": event,
    }


def signed(payload: Json, form: bool = False, at: float | None = None, secret: str = SECRET) -> tuple[bytes, Json]:
    """The body and the headers with which Slack would send it, as JSON or as a form."""
    body = (urlencode(payload) if form else json.dumps(payload)).encode()
    when = str(int(at if at is not None else time.time()))
    digest = hmac.new(secret.encode(), f"v0:{when}:".encode() + body, hashlib.sha256).hexdigest()
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    return body, {"X-Slack-Request-Timestamp": when, "X-Slack-Signature": f"v0={digest}", "Content-Type": kind}
