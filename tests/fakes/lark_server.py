"""Lark on the loopback: its API, its long connection, and the events that it sends, encrypted and signed."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web
from Crypto.Cipher import AES
from pydantic import SecretStr

from server.bots.settings import BotSettings
from tests.fakes.platform_server import Json, PlatformServer, serve_platform

APP, TENANT, KEY, TOKEN = "cli_1", "tenant1", "encrypt-key", "verification-token"
OURS = "ou_bot"


@dataclass(slots=True)
class LarkServer(PlatformServer):
    """The API with our cards by message id; a reply with a known `uuid` is the one that was sent before."""

    cards: dict[str, Json] = field(default_factory=dict)
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    acknowledged: list[int] = field(default_factory=list)
    _sent: dict[str, str] = field(default_factory=dict)

    def act(self, method: str, body: Json) -> Json:
        """Carry out a call; the method is the last word of its path, PATCH for changes."""
        if method == "internal":
            return {"code": 0, "msg": "ok", "tenant_access_token": "t-1", "expire": 7200}
        if method == "info":
            return {"code": 0, "msg": "ok", "bot": {"open_id": OURS}}
        if method == "reply":
            number = self._sent.setdefault(body["uuid"], f"om_reply{len(self._sent)}")
            self.cards.setdefault(number, {"to": body["to"], **json.loads(body["content"])})
            return {"code": 0, "msg": "success", "data": {"message_id": number}}
        if method == "patch":
            self.cards[body["to"]] = {**self.cards[body["to"]], **json.loads(body["content"])}
        if method == "endpoint":
            address = f"{self.url.replace('http', 'ws')}/socket?device_id=d1&service_id=1"
            return {"code": 0, "msg": "", "data": {"URL": address}}
        return {"code": 0, "msg": "success", "data": {}}

    async def push(self, event: Json) -> None:
        """Send an event over the long connection."""
        from lark_oapi.ws.pb.pbbp2_pb2 import Frame

        frame = Frame()
        for name, value in {"type": "event", "message_id": "m", "trace_id": "t", "sum": "1", "seq": "0"}.items():
            header = frame.headers.add()
            header.key, header.value = name, value
        frame.service, frame.method, frame.SeqID, frame.LogID = 1, 1, 0, 0
        frame.payload = json.dumps(event).encode()
        await self.sockets[-1].send_bytes(frame.SerializeToString())

    async def _call(self, request: web.Request) -> web.StreamResponse:
        parts = request.path.strip("/").split("/")
        method = "patch" if request.method == "PATCH" else parts[-1]
        to = {"reply": parts[-2], "patch": parts[-1]}.get(method, "")
        body = {**(await request.json() if request.can_read_body else {}), "to": to}
        return await self.answer(method, body, lambda: self.act(method, body))

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        from lark_oapi.ws.pb.pbbp2_pb2 import Frame

        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        async for message in socket:
            if message.type is WSMsgType.BINARY:
                frame = Frame()
                frame.ParseFromString(message.data)
                if frame.method == 1:
                    self.acknowledged.append(json.loads(frame.payload)["code"])
        return socket


@asynccontextmanager
async def lark_server() -> AsyncIterator[LarkServer]:
    """Lark, running."""
    lark = LarkServer()
    routes = [web.get("/socket", lark._socket), web.route("*", "/{path:.*}", lark._call)]
    async with serve_platform([*routes]) as lark.url:
        yield lark
        for socket in lark.sockets:
            await socket.close()


def settings_for(lark: LarkServer, **more: Any) -> BotSettings:
    """The settings with which a bot works with it."""
    given: dict[str, Any] = {
        "lark_app_id": APP,
        "lark_app_secret": SecretStr("app-secret"),
        "lark_verification_token": SecretStr(TOKEN),
        "lark_encrypt_key": SecretStr(KEY),
        "lark_tenant": TENANT,
        "lark_api_url": lark.url,
        "bot_questions_per_minute": 1_000,
    }
    return BotSettings(**{**given, **more})


def event_of(text: str, number: str = "om_1", **more: Any) -> Json:
    """A message event; `named` are the open ids that it mentions, `app` and `tenant` who it is for."""
    app, tenant = more.pop("app", APP), more.pop("tenant", TENANT)
    named, sender = more.pop("named", []), more.pop("sender", "user")
    message = {"message_id": number, "chat_id": "oc_1", "chat_type": "p2p", "message_type": "text", **more}
    message["content"] = json.dumps({"text": text})
    message["mentions"] = [
        {"key": f"@_user_{place}", "id": {"open_id": one}, "name": "x"} for place, one in enumerate(named, 1)
    ]
    header = {"event_id": f"e-{number}", "event_type": "im.message.receive_v1", "token": TOKEN}
    header |= {"app_id": app, "tenant_key": tenant, "create_time": "1"}
    who = {"sender_id": {"open_id": "ou_1"}, "sender_type": sender, "tenant_key": tenant}
    return {"schema": "2.0", "header": header, "event": {"sender": who, "message": message}}


def rating_of(answer: str, rating: str) -> Json:
    """A press of a button."""
    header = {"event_id": "r", "event_type": "card.action.trigger", "token": TOKEN, "app_id": APP, "tenant_key": TENANT}
    action = {"tag": "button", "value": {"rating": rating, "answer": answer, "language": "en"}}
    operator = {"tenant_key": TENANT, "open_id": "ou_1"}
    return {"schema": "2.0", "header": header, "event": {"operator": operator, "action": action}}


def signed(event: Json, key: str = KEY, at: float | None = None) -> tuple[bytes, dict[str, str]]:
    """The encrypted body and the headers with which Lark would send it."""
    plain = json.dumps(event).encode()
    pad = AES.block_size - len(plain) % AES.block_size
    start = os.urandom(AES.block_size)
    cipher = AES.new(hashlib.sha256(key.encode()).digest(), AES.MODE_CBC, start)
    secret = base64.b64encode(start + cipher.encrypt(plain + bytes([pad]) * pad)).decode()
    body = json.dumps({"encrypt": secret}).encode()
    stamp, nonce = str(int(at if at is not None else time.time())), "n1"
    digest = hashlib.sha256(f"{stamp}{nonce}{key}".encode() + body).hexdigest()
    headers = {"X-Lark-Request-Timestamp": stamp, "X-Lark-Request-Nonce": nonce, "X-Lark-Signature": digest}
    return body, {**headers, "Content-Type": "application/json"}
