"""What we show in Lark, and the calls that show it. The SDK's calls block, and so run in threads."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from typing import Any

import lark_oapi as lark
import requests
from lark_oapi.api.im.v1 import (
    PatchMessageRequest,
    PatchMessageRequestBody,
    ReplyMessageRequest,
    ReplyMessageRequestBody,
)
from lark_oapi.core.exception import ObtainAccessTokenException

from server.bots.errors import PlatformBusy, PlatformRefused
from server.bots.identity import Identity
from server.bots.message import BotMessage, Platform
from server.bots.reply import BotReply, Source
from server.bots.wording import word

_MOST_BYTES = 28_000
"""Lark takes cards of 30 KB."""
_PASSING = frozenset({99991400, 99991663, 99991664, 99991671, 230020, 230049, 11232, 11233, 11247, 2200, 1500})
"""Codes of limits, of tokens that ran out, and of failures of Lark's own."""
_SPECIAL = {character: f"&#{ord(character)};" for character in "&<>*_~[]()`#\\"}


def card_of(reply: BotReply) -> dict[str, Any]:
    """The reply as an interactive card: text, notes, sources with links, the date, and the two buttons."""
    elements = [_plain(part) for part in (reply.text, "\n".join(f"• {note}" for note in reply.notes)) if part]
    if reply.sources:
        lines = "\n".join(_source_line(one) for one in reply.sources)
        elements += [{"tag": "hr"}, {"tag": "div", "text": {"tag": "lark_md", "content": lines}}]
    if reply.as_of:
        elements.append({"tag": "note", "elements": [{"tag": "plain_text", "content": reply.as_of}]})
    if reply.answer_id:
        elements.append({"tag": "action", "actions": [_button("up", "👍", reply), _button("down", "👎", reply)]})
    return {"config": {"wide_screen_mode": True, "update_multi": True}, "elements": elements}


def _source_line(source: Source) -> str:
    title = _escaped(source.title)
    linked = f"[{title}]({source.url})" if source.url else title
    return f"{_escaped(f'[{source.number}]')} {linked} · {_escaped(source.details)}"


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in text)


def _plain(text: str) -> dict[str, Any]:
    return {"tag": "div", "text": {"tag": "plain_text", "content": text}}


def _button(rating: str, sign: str, reply: BotReply) -> dict[str, Any]:
    text = {"tag": "plain_text", "content": f"{sign} {word(rating, reply.language)}"}
    value = {"rating": rating, "answer": reply.answer_id, "language": reply.language}
    return {"tag": "button", "text": text, "type": "default", "value": value}


class LarkPoster:
    """Replies to Lark. A reply's id is Lark's message id."""

    platform: Platform = "lark"

    def __init__(self, client: Any) -> None:
        self._client = client
        self._us = Identity(self._ask_own_id)

    async def get_own_id(self) -> str:
        """Our own open id, by which mentions name us."""
        return await self._us.get()

    async def _ask_own_id(self) -> str:
        request = lark.BaseRequest.builder().http_method(lark.HttpMethod.GET).uri("/open-apis/bot/v3/info")
        answered = await _carried_out(self._client.request, request.token_types({lark.AccessTokenType.TENANT}).build())
        return str(json.loads(answered.raw.content)["bot"]["open_id"])

    async def find(self, message: BotMessage) -> str | None:  # noqa: ARG002 - as every poster
        """Nothing: Lark itself knows a message sent twice within the hour, by the `uuid` that we give it."""
        return None

    async def post(self, message: BotMessage, reply: BotReply, number: int) -> str:
        """Reply to the question's message."""
        once = hashlib.sha256(f"{message.event_id}/{number}".encode()).hexdigest()[:40]
        body = ReplyMessageRequestBody.builder().msg_type("interactive").content(_written(reply)).uuid(once).build()
        request = ReplyMessageRequest.builder().message_id(message.to["message"]).request_body(body).build()
        answered = await _carried_out(self._client.im.v1.message.reply, request)
        return str(answered.data.message_id)

    async def update(self, message: BotMessage, reply_id: str, reply: BotReply) -> None:  # noqa: ARG002 - the same
        """Change a card of ours."""
        body = PatchMessageRequestBody.builder().content(_written(reply)).build()
        request = PatchMessageRequest.builder().message_id(reply_id).request_body(body).build()
        await _carried_out(self._client.im.v1.message.patch, request)

    def fits(self, reply: BotReply) -> bool:
        """Within the bytes of a card."""
        return len(_written(reply).encode()) <= _MOST_BYTES


def _written(reply: BotReply) -> str:
    return json.dumps(card_of(reply), ensure_ascii=False)


async def _carried_out(call: Callable[[Any], Any], request: Any) -> Any:
    try:
        answered = await asyncio.to_thread(call, request)
    except (requests.RequestException, json.JSONDecodeError, ObtainAccessTokenException) as error:
        raise PlatformBusy(f"Lark is out of reach: {type(error).__name__}") from error
    if answered.code == 0:
        return answered
    status = answered.raw.status_code if answered.raw else 200
    if status == 429 or status >= 500 or answered.code in _PASSING:
        headers = {name.lower(): value for name, value in answered.raw.headers.items()} if answered.raw else {}
        wait = str(headers.get("x-ogw-ratelimit-reset", ""))
        raise PlatformBusy(f"Lark: {status} {answered.code}", float(wait) if wait.isdecimal() else None)
    raise PlatformRefused(f"Lark: {answered.code}")
