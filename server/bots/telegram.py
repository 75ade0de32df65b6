"""Telegram: updates in, by webhook or polling. Only this module and `telegram_reply` know Telegram."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import cast

import structlog
from starlette.requests import Request
from starlette.responses import Response
from telegram import Bot, CallbackQuery, Message, MessageEntity, Update, User
from telegram.error import InvalidToken, TelegramError
from telegram.request import HTTPXRequest

from assistant.asked_language import read_asked_language
from assistant.errors import AssistantError
from assistant.state.feedback import Rating
from assistant.state.inbox import KEPT
from server.bots.identity import Identity
from server.bots.inbox import Desk, Rules
from server.bots.message import BotMessage
from server.bots.settings import BotSettings
from server.bots.telegram_reply import TelegramPoster
from server.bots.wording import word
from server.errors import BadSettings, ServerError
from server.service import Service

_LOG = structlog.get_logger(__name__)
_POLL_S = 25
_AFTER_FAILURE_S = 3.0
_KINDS = ["message", "callback_query"]
_OURS = frozenset({"ask", "hkva", "start", "help"})
_EVERYBODY = "*"


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
        self._me: Identity[User] = Identity(self._bot.get_me)
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
        me = await self._me.get()
        if update.callback_query is not None:
            await self._on_rating(update.callback_query, me)
        elif update.message is not None:
            message = self._message(update.update_id, update.message, me)
            if message is not None:
                await self.desk.accept(message)

    async def _on_rating(self, query: CallbackQuery, me: User) -> None:
        rating, _, answer_id = (query.data or "").partition(":")
        kept = rating in ("up", "down") and await self.desk.rate(
            f"telegram:{me.id}", str(query.from_user.id), answer_id, cast(Rating, rating)
        )
        shown = word("thanks", read_asked_language(getattr(query.message, "text", "") or "")) if kept else None
        with suppress(TelegramError):
            await self._bot.answer_callback_query(query.id, shown)

    def _message(self, update_id: int, said: Message, me: User) -> BotMessage | None:
        """The question; None where it is not for us."""
        if said.from_user is None or said.from_user.is_bot or said.text is None:
            return None
        if datetime.now(UTC) - said.date > KEPT:
            # Telegram gives up after a day, and so do we: whether an older one was answered is not known any more.
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
