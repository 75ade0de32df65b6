"""Telegram: updates in, by webhook or polling, and messages out. The only file that knows Telegram.

A bot cannot look at what it sent, so nothing of ours is found again after a crash; but the answer is always put into a
message that was sent before, and an edit that comes twice does no harm.
"""

from __future__ import annotations

import asyncio
import hmac
import html
import warnings
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any, TypeVar, cast

import structlog
from starlette.requests import Request
from starlette.responses import Response
from telegram import (
    Bot,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    MessageEntity,
    ReplyParameters,
    Update,
    User,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from assistant.asked_language import read_asked_language
from assistant.errors import AssistantError
from assistant.state.feedback import Rating
from server.bots.errors import PlatformBusy, PlatformRefused
from server.bots.inbox import Desk, Rules
from server.bots.message import BotMessage, Platform
from server.bots.reply import BotReply, Source
from server.bots.settings import BotSettings
from server.bots.wording import word
from server.errors import BadSettings, ServerError
from server.service import Service

_LOG = structlog.get_logger(__name__)
_T = TypeVar("_T")
_MOST_CHARACTERS = 4_096
"""UTF-16 units of the text without its tags."""
_POLL_S = 25
_AFTER_FAILURE_S = 3.0
_KINDS = ["message", "callback_query"]
_OURS = frozenset({"ask", "hkva", "start", "help"})
_EVERYBODY = "*"


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


class TelegramBot:
    """The desk behind Telegram's two ways in: webhooks (`handle`) and polling (`listening`)."""

    path = "/bots/telegram"

    def __init__(self, service: Service, settings: BotSettings) -> None:
        if settings.telegram_bot_token is None:
            raise BadSettings("HKVA_TELEGRAM_BOT_TOKEN is not set. See server/bots/README.md for how to get one.")
        if not settings.telegram_allowed:
            raise BadSettings(
                "HKVA_TELEGRAM_ALLOWED is not set, and anybody can write to a Telegram bot."
                " Name the chats and people that may ask, by id, or set it to * for everybody."
            )
        token, secret = settings.telegram_bot_token.get_secret_value(), settings.telegram_secret
        self._secret = secret.get_secret_value() if secret else ""
        base = f"{settings.telegram_api_url.rstrip('/')}/bot"
        self._requests = requests = (HTTPXRequest(read_timeout=20), HTTPXRequest(read_timeout=_POLL_S + 10))
        try:
            self._bot = Bot(token, base_url=base, request=requests[0], get_updates_request=requests[1])
        except InvalidToken:
            raise BadSettings("HKVA_TELEGRAM_BOT_TOKEN is no token of BotFather's. Copy it again.") from None
        self._me: User | None = None
        allowed = frozenset() if _EVERYBODY in settings.telegram_allowed else settings.telegram_allowed
        rules = Rules(allowed, settings.bot_questions_per_minute, settings.bot_workers)
        self.desk = Desk(service, TelegramPoster(self._bot), rules)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Answer what is kept until the end."""
        async with self.desk.running():
            try:
                yield
            finally:
                for request in self._requests:
                    await request.shutdown()

    async def handle(self, request: Request) -> Response:
        """Take an update; 403 without the secret that we gave Telegram."""
        given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not self._secret or not hmac.compare_digest(given.encode(), self._secret.encode()):
            return Response(status_code=403)
        try:
            update = Update.de_json(await request.json(), self._bot)
        except (ValueError, TypeError, KeyError, AttributeError):
            return Response(status_code=400)
        await self._on_update(update)
        return Response(status_code=200)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Poll for updates. Raises BadSettings where Telegram does not know the token."""
        try:
            await self._bot.delete_webhook()
        except InvalidToken:
            raise BadSettings("Telegram does not know HKVA_TELEGRAM_BOT_TOKEN. Copy it again from BotFather.") from None
        except TelegramError as error:
            _LOG.warning("telegram_unreachable", reason=type(error).__name__)
        poller = asyncio.create_task(self._poll())
        try:
            yield
        finally:
            poller.cancel()
            with suppress(asyncio.CancelledError):
                await poller

    async def _poll(self) -> None:
        offset: int | None = None
        while True:
            try:
                for update in await self._bot.get_updates(offset, timeout=_POLL_S, allowed_updates=_KINDS):
                    await self._on_update(update)
                    # Acknowledged by the next call, and so only after it was kept.
                    offset = update.update_id + 1
            except (TelegramError, AssistantError, ServerError) as error:
                _LOG.warning("telegram_poll_failed", reason=type(error).__name__)
                await asyncio.sleep(_AFTER_FAILURE_S)

    async def _on_update(self, update: Update) -> None:
        self._me = self._me or await self._bot.get_me()
        if update.callback_query is not None:
            await self._on_rating(update.callback_query)
        elif update.message is not None:
            message = self._message(update.update_id, update.message, self._me)
            if message is not None:
                await self.desk.accept(message)

    async def _on_rating(self, query: CallbackQuery) -> None:
        rating, _, answer_id = (query.data or "").partition(":")
        kept = rating in ("up", "down") and self._me is not None
        kept = kept and await self.desk.rate(
            f"telegram:{self._me.id if self._me else ''}", str(query.from_user.id), answer_id, cast(Rating, rating)
        )
        shown = word("thanks", read_asked_language(getattr(query.message, "text", "") or "")) if kept else None
        with suppress(TelegramError):
            await self._bot.answer_callback_query(query.id, shown)

    def _message(self, update_id: int, said: Message, me: User) -> BotMessage | None:
        """The question; None where it is not for us."""
        if said.from_user is None or said.from_user.is_bot or said.text is None:
            return None
        private, user = said.chat.type == "private", said.from_user.id
        text = _asked(said, me, private)
        if text is None:
            return None
        topic = str(said.message_thread_id) if said.is_topic_message else ""
        thread = f"{me.id}/{said.chat.id}" if private else f"{me.id}/{said.chat.id}/{topic}/{user}"
        to = {"message": str(said.message_id)} | ({"topic": topic} if topic else {})
        return BotMessage(
            "telegram", f"{me.id}/{update_id}", str(me.id), str(said.chat.id), str(user), text, thread, to
        )  # fmt: skip


def _asked(said: Message, me: User, private: bool) -> str | None:
    """The text without our name and command; None where a group talks of something else."""
    text = said.text or ""
    named, ours = f"@{me.username}".lower(), private
    entities = said.parse_entities([MessageEntity.MENTION, MessageEntity.BOT_COMMAND])
    for entity, part in sorted(entities.items(), key=lambda one: one[0].offset, reverse=True):
        if entity.type == MessageEntity.MENTION and part.lower() == named:
            ours, text = True, text.replace(part, " ")
        elif entity.type == MessageEntity.BOT_COMMAND and entity.offset == 0:
            command, _, to_whom = part[1:].partition("@")
            if to_whom and f"@{to_whom}".lower() != named:
                return None
            ours = ours or bool(to_whom) or command in _OURS
            text = text.removeprefix(part)
    replied = said.reply_to_message
    ours = ours or (replied is not None and replied.from_user is not None and replied.from_user.id == me.id)
    return text.strip() if ours else None
