"""What we show in Teams, and the calls that show it. Only this module and `teams` know Teams."""

from __future__ import annotations

import json
from typing import Any

import httpx
from microsoft_teams.api import TypingActivityInput
from microsoft_teams.api.activities.message.message import MessageActivityInput
from microsoft_teams.api.clients.conversation.activity import ConversationActivityClient
from microsoft_teams.api.models.attachment import Attachment
from microsoft_teams.common import Client

from server.bots.errors import PlatformBusy, PlatformRefused
from server.bots.message import BotMessage, Platform
from server.bots.reply import BotReply, Source
from server.bots.wording import word

CARD = "application/vnd.microsoft.card.adaptive"
RATE = "hkva_rate"
_MOST_BYTES = 25_000
"""Teams takes messages of about 28 KB."""
_SUMMARY_CHARACTERS = 200


def card_of(reply: BotReply) -> dict[str, Any]:
    """The reply as an adaptive card: text, notes, sources with links, the date, and the two buttons.

    Text stands in runs, which Teams shows as they are: in text blocks it would read Markdown.
    """
    body = [_runs(_run(part)) for part in reply.text.split("\n") if part.strip()]
    body += [_runs(_run(f"• {note}")) for note in reply.notes]
    body += [{**_runs(*_source_runs(one)), "separator": number == 0} for number, one in enumerate(reply.sources)]
    if reply.as_of:
        body.append(_runs(_run(reply.as_of, isSubtle=True, size="Small")))
    card = {"type": "AdaptiveCard", "version": "1.4", "body": body, "msteams": {"width": "Full"}}
    if reply.answer_id:
        card["actions"] = [_button("up", "👍", reply), _button("down", "👎", reply)]
    return card


def _source_runs(source: Source) -> list[dict[str, Any]]:
    linked = {"selectAction": {"type": "Action.OpenUrl", "url": source.url}} if source.url else {}
    details = _run(f" · {source.details}", isSubtle=True, size="Small")
    return [_run(f"[{source.number}] ", size="Small"), _run(source.title, size="Small", **linked), details]


def _run(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "TextRun", "text": text, **more}


def _runs(*runs: dict[str, Any]) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": list(runs)}


def _button(rating: str, sign: str, reply: BotReply) -> dict[str, Any]:
    data = {"rating": rating, "answer": reply.answer_id, "language": reply.language}
    return {"type": "Action.Execute", "verb": RATE, "title": f"{sign} {word(rating, reply.language)}", "data": data}


class TeamsPoster:
    """Replies to Teams. A reply's id is Teams' activity id."""

    platform: Platform = "teams"

    def __init__(self, client: Client) -> None:
        self._client = client

    async def find(self, message: BotMessage) -> str | None:  # noqa: ARG002 - as every poster
        """Nothing: a bot cannot read a conversation."""
        return None

    async def post(self, message: BotMessage, reply: BotReply, number: int) -> str:
        """Show that we are typing, then send into the conversation."""
        where = (message.to["conversation"], message.to["service_url"])
        if number == 0:
            await self._call(where, TypingActivityInput())
        return await self._call(where, _activity(message, reply))

    async def update(self, message: BotMessage, reply_id: str, reply: BotReply) -> None:
        """Change a message of ours."""
        where = (message.to["conversation"], message.to["service_url"])
        await self._call(where, _activity(message, reply), reply_id)

    def fits(self, reply: BotReply) -> bool:
        """Within the bytes of a message."""
        return len(json.dumps(card_of(reply), ensure_ascii=False).encode()) <= _MOST_BYTES

    async def _call(
        self, where: tuple[str, str], activity: MessageActivityInput | TypingActivityInput, known: str = ""
    ) -> str:
        conversation, url = where
        activities = ConversationActivityClient(url, self._client)
        try:
            if known:
                sent = await activities.update(conversation, known, activity)
            else:
                sent = await activities.create(conversation, activity)
        except httpx.HTTPStatusError as error:
            raise _failure(error.response) from error
        except httpx.HTTPError as error:
            raise PlatformBusy(f"Teams is out of reach: {type(error).__name__}") from error
        return str(sent.id)


def _activity(message: BotMessage, reply: BotReply) -> MessageActivityInput:
    card = Attachment(content_type=CARD, content=card_of(reply))
    summary = reply.text[:_SUMMARY_CHARACTERS]
    fields = {"summary": summary, "attachments": [card], "replyToId": message.to["activity"]}
    return MessageActivityInput.model_validate(fields)


def _failure(response: httpx.Response) -> PlatformBusy | PlatformRefused:
    # 412 is Teams' own word for "at the same time as another"; 401 comes with a token that has just run out.
    if response.status_code in (401, 408, 412, 429) or response.status_code >= 500:
        wait = response.headers.get("Retry-After", "")
        return PlatformBusy(f"Teams: {response.status_code}", float(wait) if wait.isdecimal() else None)
    return PlatformRefused(f"Teams: {response.status_code}")
