"""Slack: its events, commands and buttons in. Only this module and `slack_reply` know Slack.

Signatures and the age of requests are checked by Bolt on the raw body. A mention in a channel arrives twice, as
`app_mention` and as `message`, so messages are known by channel and time, which no other message has.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, cast

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import Response

from assistant.asked_language import read_asked_language
from assistant.state.feedback import Rating
from server.bots.identity import Identity
from server.bots.inbox import Desk, Rules
from server.bots.message import BotMessage
from server.bots.settings import BotSettings
from server.bots.slack_reply import FAILED, SlackPoster
from server.bots.wording import word
from server.errors import BadSettings
from server.service import Service

_TEXTS = frozenset({None, "file_share", "thread_broadcast"})
"""Kinds of messages that somebody wrote; others are edits, joins and the like."""


class SlackBot:
    """The desk behind Slack's two ways in: webhooks (`handle`) and Socket Mode (`listening`)."""

    path = "/bots/slack"

    def __init__(self, service: Service, settings: BotSettings) -> None:
        if settings.slack_bot_token is None:
            raise BadSettings("HKVA_SLACK_BOT_TOKEN is not set. See server/bots/README.md for how to get one.")
        self._token = settings.slack_bot_token.get_secret_value()
        self._app_token = settings.slack_app_token
        self._client = AsyncWebClient(self._token, base_url=settings.slack_api_url)
        self._us = Identity(self._ask_who_we_are)
        self._thanking: set[asyncio.Task[None]] = set()
        rules = Rules(settings.slack_allowed, settings.bot_questions_per_minute, settings.bot_workers)
        self.desk = Desk(service, SlackPoster(self._client), rules)
        secret = settings.slack_signing_secret
        self.app = self._make_app(secret.get_secret_value() if secret else "")
        self._handler = AsyncSlackRequestHandler(self.app) if secret else None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Answer what is kept until the end."""
        async with self.desk.running():
            yield

    async def handle(self, request: Request) -> Response:
        """Take a request of Slack; 404 where no signing secret is set, as then none can be checked."""
        return await self._handler.handle(request) if self._handler else Response(status_code=404)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Be connected by Socket Mode. Raises BadSettings without an app token or where Slack refuses it."""
        if self._app_token is None:
            raise BadSettings("HKVA_SLACK_APP_TOKEN is not set. Socket Mode needs it; see server/bots/README.md.")
        handler = AsyncSocketModeHandler(self.app, self._app_token.get_secret_value(), web_client=self._client)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(handler.close_async)
            try:
                await handler.connect_async()  # type: ignore[no-untyped-call]
            except SlackApiError as error:
                raise BadSettings(f"Slack refuses HKVA_SLACK_APP_TOKEN: {error.response.get('error')}") from error
            yield

    def _make_app(self, secret: str) -> AsyncApp:
        # Bolt's warnings print whole requests, and with them what people ask.
        quiet = logging.getLogger("hkva.slack")
        quiet.setLevel(logging.ERROR)

        async def authorize(team_id: str | None) -> AuthorizeResult | None:
            return await self._authorize(team_id)

        named: Any = authorize
        # Stored before it is acknowledged: hence `process_before_response`.
        app = AsyncApp(
            client=self._client, signing_secret=secret, authorize=named, process_before_response=True, logger=quiet
        )
        app.event("app_mention")(self._on_mention)
        app.event("message")(self._on_message)
        app.command("/hkva")(self._on_command)
        app.action(re.compile("^hkva_(up|down)$"))(self._on_rating)
        return app

    async def _authorize(self, team_id: str | None) -> AuthorizeResult | None:
        """Who we are; None for another workspace than the token's."""
        us = await self._us.get()
        return us if team_id == us.team_id else None

    async def _ask_who_we_are(self) -> AuthorizeResult:
        found = await self._client.auth_test()
        return AuthorizeResult(
            enterprise_id=found.get("enterprise_id"), team_id=found["team_id"], bot_id=found["bot_id"],
            bot_user_id=found["user_id"], bot_token=self._token,
        )  # fmt: skip

    async def _on_mention(self, event: dict[str, Any]) -> None:
        if self._is_persons(event) and event.get("channel_type") != "im":
            await self.desk.accept(self._message(event, event.get("thread_ts") or event["ts"]))

    async def _on_message(self, event: dict[str, Any]) -> None:
        """Direct messages, and what follows in a thread where we were asked, unless it is addressed to somebody."""
        if not self._is_persons(event) or event.get("subtype") not in _TEXTS:
            return
        if event.get("channel_type") == "im":
            await self.desk.accept(self._message(event, event.get("thread_ts")))
        elif event.get("thread_ts") and event.get("text") and "<@" not in event["text"]:
            message = self._message(event, event["thread_ts"])
            if message.thread is not None and await self.desk.knows_thread(message.thread):
                await self.desk.accept(message)

    async def _on_command(self, ack: AsyncAck, command: dict[str, Any]) -> None:
        language = read_asked_language(command.get("text", ""))
        if not self.desk.rules.allow(command["channel_id"], command["user_id"]):
            await ack(word("not_here", language))
        elif not command.get("text", "").strip():
            await ack(word("empty", language))
        else:
            to = {"asked": "yes", "since": f"{time.time() - 60:.6f}"}
            await self.desk.accept(
                BotMessage(
                    "slack", f"command/{command['trigger_id']}", command["team_id"], command["channel_id"],
                    command["user_id"], command["text"].strip(), None, to,
                )
            )  # fmt: skip
            await ack(word("progress", language))

    async def _on_rating(self, ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        rating = cast(Rating, action["action_id"].removeprefix("hkva_"))
        team, user = body["team"]["id"], body["user"]["id"]
        kept = await self.desk.rate(f"slack:{team}", user, action.get("value", ""), rating)
        await ack()
        if kept and "channel" in body:
            shown = word("thanks", read_asked_language(body.get("message", {}).get("text", "")))
            thanks = {"channel": body["channel"]["id"], "user": user, "text": shown}
            task = asyncio.create_task(self._thank(thanks))
            self._thanking.add(task)
            task.add_done_callback(self._thanking.discard)

    async def _thank(self, body: dict[str, Any]) -> None:
        try:
            await self._client.api_call("chat.postEphemeral", json=body)
        except (SlackApiError, *FAILED):
            # The rating is kept; that nobody could be thanked changes nothing.
            return

    def _is_persons(self, event: Mapping[str, Any]) -> bool:
        """Whether a person of our workspace wrote it: no bot, nobody of another organisation in a shared channel."""
        ours = self._us.known.team_id if self._us.known else None
        homes = {event[key] for key in ("team", "user_team") if event.get(key)}
        return bool(event.get("user")) and not event.get("bot_id") and homes <= {ours}

    def _message(self, event: Mapping[str, Any], thread_ts: str | None) -> BotMessage:
        team, channel = self._us.known.team_id if self._us.known else "", event["channel"]
        to = {"since": event["ts"]} | ({"thread_ts": thread_ts} if thread_ts else {})
        thread = f"{team}/{channel}:{thread_ts}" if thread_ts else f"{team}/{channel}"
        text = re.sub(r"<@[A-Z0-9]+(?:\|[^>]*)?>", " ", event.get("text", ""))
        return BotMessage(
            "slack", f"{team}/{channel}:{event['ts']}", str(team), channel, event["user"], _plain(text), thread, to
        )


def _plain(text: str) -> str:
    """What was typed: Slack's links and escapes undone."""
    text = re.sub(r"<(?:[^<>|]*\|)?([^<>|]+)>", r"\1", text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()
