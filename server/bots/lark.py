"""Lark and Feishu: events in, by callback or long connection, and interactive cards out. Only this module and
`lark_card` know Lark.

The SDK checks token, signature and encryption, in threads of its own, so what it hands us is carried over to our loop.
A signed request stays valid for ever, and messages are known for a day: hence older ones are refused here.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import threading
import time
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar, cast

import lark_oapi as lark
import lark_oapi.ws.client as lark_socket
from lark_oapi.core.model import RawRequest
from lark_oapi.event.callback.model.p2_card_action_trigger import P2CardActionTrigger, P2CardActionTriggerResponse
from starlette.requests import Request
from starlette.responses import Response

from assistant.state.feedback import Rating
from knowledge.rule import Language
from server.bots.inbox import Desk, Rules
from server.bots.lark_card import LarkPoster
from server.bots.message import BotMessage
from server.bots.settings import BotSettings
from server.bots.wording import word
from server.errors import BadSettings
from server.service import Service

_T = TypeVar("_T")
_OLDEST_S = 12 * 3_600
"""Lark delivers again for more than six hours; a message is known for 24."""
_KEEP_S = 10.0
_THREADS = 8
_CONNECT_S = 15.0
_LANGUAGES: tuple[Language, ...] = ("en", "zh-Hans", "zh-Hant")


class LarkBot:
    """The desk behind Lark's two ways in: callbacks (`handle`) and the long connection (`listening`)."""

    path = "/bots/lark"

    def __init__(self, service: Service, settings: BotSettings) -> None:
        if settings.lark_app_id is None or settings.lark_app_secret is None:
            raise BadSettings("HKVA_LARK_APP_ID and HKVA_LARK_APP_SECRET are not set. See server/bots/README.md.")
        self._app_id, self._secret = settings.lark_app_id, settings.lark_app_secret.get_secret_value()
        self._tenant, self._domain = settings.lark_tenant, settings.lark_api_url.rstrip("/")
        token, key = settings.lark_verification_token, settings.lark_encrypt_key
        self._checks = token is not None and key is not None
        client = lark.Client.builder().app_id(self._app_id).app_secret(self._secret).domain(self._domain).timeout(20)
        self._poster = LarkPoster(client.log_level(lark.LogLevel.CRITICAL).build())
        rules = Rules(settings.lark_allowed, settings.bot_questions_per_minute, settings.bot_workers)
        self.desk = Desk(service, self._poster, rules)
        self._loop: asyncio.AbstractEventLoop | None = None
        # Threads of their own: they wait for our loop, which itself calls Lark in the common threads.
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="lark-event")
        self._events = (
            lark.EventDispatcherHandler.builder(
                key.get_secret_value() if key else "", token.get_secret_value() if token else ""
            )
            .register_p2_im_message_receive_v1(self._on_message)
            .register_p2_card_action_trigger(self._on_rating)
            .build()
        )
        # The SDK's log names what it was sent.
        logging.getLogger("Lark").setLevel(logging.CRITICAL)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Answer what is kept until the end."""
        async with self.desk.running():
            try:
                yield
            finally:
                self._threads.shutdown(wait=False)

    async def handle(self, request: Request) -> Response:
        """Take a callback; 404 where token and key are not set, 400 and 401 where it is not Lark's or is too old."""
        if not self._checks:
            return Response(status_code=404)
        raw = RawRequest()
        raw.uri, raw.body, raw.headers = self.path, await request.body(), request.headers
        if not _is_encrypted(raw.body):
            return Response(status_code=400)
        stamp = request.headers.get("X-Lark-Request-Timestamp", "")
        if stamp and not (stamp.isdecimal() and abs(time.time() - int(stamp)) <= _OLDEST_S):
            return Response(status_code=401)
        self._loop = asyncio.get_running_loop()
        answered = await self._loop.run_in_executor(self._threads, self._events.do, raw)
        if answered.status_code != 200:
            # Its text is that of an exception.
            refused = b"verification" in (answered.content or b"")
            return Response(status_code=401 if refused else 500)
        return Response(answered.content, media_type="application/json")

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Keep the long connection. Raises BadSettings where it can't be made."""
        self._loop = asyncio.get_running_loop()
        socket = lark_socket.Client(
            self._app_id, self._secret, log_level=lark.LogLevel.CRITICAL, event_handler=self._events,
            domain=self._domain,
        )  # fmt: skip
        # The SDK keeps its loop in its module, and gives no way to end it but to stop that loop. The first one it made
        # when it was imported, and would never close.
        made, loop = lark_socket.loop, asyncio.new_event_loop()
        lark_socket.loop = loop
        if not made.is_running():
            made.close()
        thread = threading.Thread(target=_keep_connected, args=(socket, loop), daemon=True, name="lark")
        thread.start()
        try:
            await _connected(socket, thread)
            yield
        finally:
            if thread.is_alive():
                loop.call_soon_threadsafe(loop.stop)
                await asyncio.to_thread(thread.join, _KEEP_S)

    def _here(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Do it in our loop, from a thread of the SDK; what it raises is raised, so that Lark delivers again."""
        if self._loop is None:
            raise RuntimeError("An event came before we listened.")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_KEEP_S)

    def _on_message(self, data: Any) -> None:
        self._here(self._take(data))

    async def _take(self, data: Any) -> None:
        event, tenant = data.event, data.header.tenant_key
        if data.header.app_id != self._app_id or self._tenant not in (None, tenant):
            return
        if event.sender.sender_type != "user" or event.message.message_type != "text":
            return
        said, private = event.message, event.message.chat_type == "p2p"
        root = said.root_id or said.message_id
        thread = f"{tenant}/{said.chat_id}" if private else f"{tenant}/{said.chat_id}/{root}"
        if not private and not await self._is_asked(said, thread):
            return
        text = re.sub(r"@_user_\d+|@_all", " ", json.loads(said.content).get("text", "")).strip()
        user = event.sender.sender_id.open_id
        key = f"{tenant}/{said.message_id}"
        await self.desk.accept(
            BotMessage("lark", key, tenant, said.chat_id, user, text, thread, {"message": said.message_id})
        )

    async def _is_asked(self, said: Any, thread: str) -> bool:
        """Whether a group's message names us, or goes on in a thread where we were asked and names nobody."""
        named = {one.id.open_id for one in said.mentions or ()}
        if named:
            return await self._poster.get_own_id() in named
        return bool(said.root_id) and await self.desk.knows_thread(thread)

    def _on_rating(self, data: P2CardActionTrigger) -> P2CardActionTriggerResponse:
        value, tenant = data.event.action.value or {}, data.event.operator.tenant_key
        rating, language = value.get("rating"), value.get("language")
        if rating not in ("up", "down") or language not in _LANGUAGES:
            return P2CardActionTriggerResponse({})
        rated = self.desk.rate(f"lark:{tenant}", data.event.operator.open_id, value["answer"], cast(Rating, rating))
        if not self._here(rated):
            return P2CardActionTriggerResponse({})
        toast = {"type": "info", "content": word("thanks", cast(Language, language))}
        return P2CardActionTriggerResponse({"toast": toast})


def _is_encrypted(body: bytes) -> bool:
    """Whether it is of the form in which alone we take callbacks; the SDK takes others too."""
    try:
        given = json.loads(body)
    except ValueError:
        return False
    return isinstance(given, dict) and isinstance(given.get("encrypt"), str)


def _keep_connected(socket: Any, loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        # It ends with RuntimeError where its loop is stopped, and with the SDK's own error where Lark refuses us.
        with suppress(RuntimeError, lark_socket.ClientException):
            socket.start()
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.run_until_complete(socket._disconnect())
    finally:
        loop.close()


async def _connected(socket: Any, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _CONNECT_S
    # The thread is the SDK's own; it tells nobody when it is connected.
    while socket._conn is None and thread.is_alive() and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    if socket._conn is None and not thread.is_alive():
        raise BadSettings("Lark refuses the long connection. Check HKVA_LARK_APP_ID, HKVA_LARK_APP_SECRET and domain.")
