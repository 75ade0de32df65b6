"""What we show in Telegram, and the calls that show it. Only this module and `telegram` know Telegram.

A bot cannot look at what it sent, so nothing of ours is found again after a crash; but the answer is always put into a
message that was sent before, and an edit that comes twice does no harm.
"""

from __future__ import annotations

import html
import warnings
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any, TypeVar

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from server.bots.errors import PlatformBusy, PlatformRefused
from server.bots.message import BotMessage, Platform
from server.bots.reply import BotReply, Source
from server.bots.wording import word

_T = TypeVar("_T")
_MOST_CHARACTERS = 4_096
"""UTF-16 units of the text without its tags."""


def html_of(reply: BotReply) -> str:
    """The reply in Telegram's HTML."""
    return _joined(reply, tags=True)


def _joined(reply: BotReply, tags: bool) -> str:
    notes = "\n".join(f"• {_escaped(note, tags)}" for note in reply.notes)
    sources = "\n".join(_source_line(one, tags) for one in reply.sources)
    as_of = f"<i>{_escaped(reply.as_of, tags)}</i>" if tags and reply.as_of else reply.as_of
    return "\n\n".join(part for part in (_escaped(reply.text, tags), notes, sources, as_of) if part)


def _source_line(source: Source, tags: bool) -> str:
    title = _escaped(source.title, tags)
    linked = f'<a href="{html.escape(source.url)}">{title}</a>' if tags and source.url else title
    return f"[{source.number}] {linked} · {_escaped(source.details, tags)}"


def _escaped(text: str, tags: bool) -> str:
    return html.escape(text, quote=False) if tags else text


class TelegramPoster:
    """Replies to Telegram. A reply's id is `chat:message`."""

    platform: Platform = "telegram"

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def find(self, message: BotMessage) -> str | None:  # noqa: ARG002 - as every poster
        """Nothing: a bot cannot read what it sent."""
        return None

    async def post(self, message: BotMessage, reply: BotReply, number: int) -> str:
        """Send into the chat; the first message quotes the question."""
        topic = message.to.get("topic")
        quoted = ReplyParameters(int(message.to["message"]), allow_sending_without_reply=True) if number == 0 else None
        sent = await _carried_out(
            self._bot.send_message(
                int(message.place), html_of(reply), message_thread_id=int(topic) if topic else None,
                reply_parameters=quoted, **_shape(reply),
            )
        )  # fmt: skip
        return f"{sent.chat_id}:{sent.message_id}"

    async def update(self, message: BotMessage, reply_id: str, reply: BotReply) -> None:  # noqa: ARG002 - the same
        """Change a message of ours; that it is so already is no failure."""
        chat, _, number = reply_id.rpartition(":")
        edit = self._bot.edit_message_text(
            html_of(reply), chat_id=int(chat), message_id=int(number), **_shape(reply)
        )  # fmt: skip
        try:
            await _carried_out(edit)
        except PlatformRefused as error:
            if "not modified" not in str(error):
                raise

    def fits(self, reply: BotReply) -> bool:
        """Within the characters of one message."""
        return len(_joined(reply, tags=False).encode("utf-16-le")) // 2 <= _MOST_CHARACTERS


def _shape(reply: BotReply) -> dict[str, Any]:
    buttons = [_button("up", "👍", reply), _button("down", "👎", reply)] if reply.answer_id else []
    return {
        "parse_mode": ParseMode.HTML,
        "link_preview_options": LinkPreviewOptions(is_disabled=True),
        "reply_markup": InlineKeyboardMarkup([buttons]) if buttons else None,
    }


def _button(rating: str, sign: str, reply: BotReply) -> InlineKeyboardButton:
    return InlineKeyboardButton(f"{sign} {word(rating, reply.language)}", callback_data=f"{rating}:{reply.answer_id}")


async def _carried_out(call: Awaitable[_T]) -> _T:
    try:
        return await call
    except RetryAfter as error:
        raise PlatformBusy("Telegram: too many messages", _seconds(error)) from error
    except BadRequest as error:
        raise PlatformRefused(error.message.lower()) from error
    except (Forbidden, ChatMigrated, InvalidToken) as error:
        # Named by its kind only: the text of some holds the token.
        raise PlatformRefused(type(error).__name__) from error
    except TelegramError as error:
        raise PlatformBusy(f"Telegram: {type(error).__name__}") from error


def _seconds(error: RetryAfter) -> float:
    with warnings.catch_warnings():
        # The value is a number or a timedelta, by a setting of the library, which warns of the change.
        warnings.simplefilter("ignore")
        asked = error.retry_after
    return asked.total_seconds() if isinstance(asked, timedelta) else float(asked)
