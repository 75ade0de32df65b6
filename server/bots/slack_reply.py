"""What we show in Slack, and the calls that show it. Only this module and `slack` know Slack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from server.bots.errors import PlatformBusy, PlatformRefused
from server.bots.message import BotMessage, Platform
from server.bots.reply import BotReply, Source
from server.bots.wording import word

_EVENT = "hkva_reply"
_SECTION_CHARACTERS = 3_000
_MOST_BLOCKS = 50
_FALLBACK_CHARACTERS = 3_000
_PASSING = frozenset(
    {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
)
_ELSEWHERE = frozenset({"not_in_channel", "channel_not_found", "restricted_action"})
FAILED = (aiohttp.ClientError, TimeoutError, OSError)
"""What the client raises where Slack is out of reach."""


def escape(text: str) -> str:
    """Text as Slack's mrkdwn takes it: nobody can be addressed and nothing linked from within a record."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def blocks_of(reply: BotReply, asked: str = "") -> list[dict[str, Any]]:
    """The reply in Block Kit: text, notes, one context block for each source, the date, and the two buttons."""
    blocks = [_context(asked)] if asked else []
    if reply.text:
        blocks.append({"type": "section", "text": _mrkdwn(escape(reply.text))})
    if reply.notes:
        lines = "\n".join(f"• {escape(note)}" for note in reply.notes)
        blocks.append({"type": "section", "text": _mrkdwn(lines)})
    blocks += [_context(_source_line(one)) for one in reply.sources]
    if reply.as_of:
        blocks.append(_context(escape(reply.as_of)))
    if reply.answer_id:
        buttons = [_button("up", "👍", reply), _button("down", "👎", reply)]
        blocks.append({"type": "actions", "elements": buttons})
    return blocks


def _source_line(source: Source) -> str:
    title = escape(source.title).replace("|", "¦")
    linked = f"<{escape(source.url)}|{title}>" if source.url else title
    return f"*[{source.number}]* {linked} · {escape(source.details)}"


def _button(rating: str, sign: str, reply: BotReply) -> dict[str, Any]:
    text = {"type": "plain_text", "text": f"{sign} {word(rating, reply.language)}", "emoji": True}
    return {"type": "button", "action_id": f"hkva_{rating}", "text": text, "value": reply.answer_id}


def _context(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [_mrkdwn(text)]}


def _mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


class SlackPoster:
    """Replies to Slack. A reply's id is `channel:ts`; its metadata names the message that it replies to."""

    platform: Platform = "slack"

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def find(self, message: BotMessage) -> str | None:
        """Look in the thread, or in the channel since the question, for a message of ours that names it."""
        given = {"include_all_metadata": True, "limit": 100}
        if "thread_ts" in message.to:
            wanted = {"channel": message.place, "ts": message.to["thread_ts"], "oldest": message.to["since"]}
            found = await self._call("conversations.replies", {**given, **wanted})
        else:
            found = await self._call(
                "conversations.history", {**given, "channel": message.place, "oldest": message.to["since"]}
            )
        for one in found.get("messages", ()):
            kept = one.get("metadata") or {}
            if kept.get("event_type") == _EVENT and kept["event_payload"].get("message") == f"{message.event_id}/0":
                return f"{message.place}:{one['ts']}"
        return None

    async def post(self, message: BotMessage, reply: BotReply, number: int) -> str:
        """Post into the thread; a command's reply goes to the person directly where we are not in the channel."""
        payload = {"event_type": _EVENT, "event_payload": {"message": f"{message.event_id}/{number}"}}
        body = {**self._body(message, reply), "metadata": payload, "unfurl_links": False, "unfurl_media": False}
        if "thread_ts" in message.to:
            body["thread_ts"] = message.to["thread_ts"]
        try:
            sent = await self._call("chat.postMessage", {**body, "channel": message.place})
        except PlatformRefused as error:
            if "asked" not in message.to or str(error) not in _ELSEWHERE:
                raise
            opened = await self._call("conversations.open", {"users": message.user})
            sent = await self._call("chat.postMessage", {**body, "channel": opened["channel"]["id"]})
        return f"{sent['channel']}:{sent['ts']}"

    async def update(self, message: BotMessage, reply_id: str, reply: BotReply) -> None:
        """Change a message of ours."""
        channel, _, ts = reply_id.partition(":")
        await self._call("chat.update", {**self._body(message, reply), "channel": channel, "ts": ts})

    def fits(self, reply: BotReply) -> bool:
        """Within the characters of a section and the number of blocks; two blocks are kept for date and buttons."""
        notes = sum(len(escape(note)) + 3 for note in reply.notes)
        blocks = len(reply.sources) + 6
        return max(len(escape(reply.text)), notes) <= _SECTION_CHARACTERS and blocks <= _MOST_BLOCKS

    def _body(self, message: BotMessage, reply: BotReply) -> dict[str, Any]:
        asked = f"<@{message.user}>: {escape(message.text[:1_000])}" if "asked" in message.to else ""
        return {"text": escape(reply.text)[:_FALLBACK_CHARACTERS] or "…", "blocks": blocks_of(reply, asked)}

    async def _call(self, method: str, body: dict[str, Any]) -> Mapping[str, Any]:
        try:
            answered = await self._client.api_call(method, json=body)
        except SlackApiError as error:
            raise _failure(error) from error
        except FAILED as error:
            raise PlatformBusy(f"Slack is out of reach: {type(error).__name__}") from error
        data: Mapping[str, Any] = answered.data  # type: ignore[assignment]
        return data


def _failure(error: SlackApiError) -> PlatformBusy | PlatformRefused:
    code = str(error.response.get("error") or "") if isinstance(error.response.data, dict) else ""
    status = error.response.status_code
    if status == 429 or status >= 500 or code in _PASSING:
        wait = error.response.headers.get("Retry-After", "")
        return PlatformBusy(f"Slack: {status} {code}".strip(), float(wait) if wait.isdecimal() else None)
    return PlatformRefused(code or str(status))
