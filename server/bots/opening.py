"""From settings to bots: the one place that loads a platform's module, and only where the platform is on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from server.bots.message import Platform
from server.bots.settings import BotSettings
from server.errors import BadSettings
from server.service import Service


class Bot(Protocol):
    """A platform's bot: `path` takes its webhooks, `running` answers what they brought."""

    path: str

    async def handle(self, request: Request) -> Response:
        """Take a request of the platform."""
        ...

    def running(self) -> AbstractAsyncContextManager[None]:
        """Answer until the end."""
        ...


class Listener(Bot, Protocol):
    """A bot that can also ask the platform for messages itself, and so needs no public address."""

    def listening(self) -> AbstractAsyncContextManager[None]:
        """Be connected until the end."""
        ...


_Opener = Callable[[Service, BotSettings], Listener]


def make_bots(service: Service, settings: BotSettings) -> list[Bot]:
    """The bots whose webhooks are set up. Raises BadSettings naming the extra that is not installed."""
    bots: list[Bot] = []
    if settings.slack_bot_token is not None and settings.slack_signing_secret is not None:
        bots.append(_slack(service, settings))
    if settings.telegram_bot_token is not None and settings.telegram_secret is not None:
        bots.append(_telegram(service, settings))
    if settings.lark_app_id is not None and settings.lark_encrypt_key is not None:
        bots.append(_lark(service, settings))
    if settings.teams_app_id is not None:
        bots.append(_teams(service, settings))
    return bots


def make_listener(platform: Platform, service: Service, settings: BotSettings) -> Listener:
    """The bot of a platform for the mode without a public address. Raises BadSettings."""
    openers: dict[Platform, _Opener] = {"slack": _slack, "telegram": _telegram, "lark": _lark}
    return openers[platform](service, settings)


@asynccontextmanager
async def all_running(bots: Sequence[Bot]) -> AsyncIterator[None]:
    """All of them running."""
    async with AsyncExitStack() as stack:
        for bot in bots:
            await stack.enter_async_context(bot.running())
        yield


def _slack(service: Service, settings: BotSettings) -> Listener:
    with _needing("slack"):
        from server.bots.slack import SlackBot
    return SlackBot(service, settings)


def _telegram(service: Service, settings: BotSettings) -> Listener:
    with _needing("telegram"):
        from server.bots.telegram import TelegramBot
    return TelegramBot(service, settings)


def _lark(service: Service, settings: BotSettings) -> Listener:
    with _needing("lark"):
        from server.bots.lark import LarkBot
    return LarkBot(service, settings)


def _teams(service: Service, settings: BotSettings) -> Bot:
    with _needing("teams"):
        from server.bots.teams import TeamsBot
    return TeamsBot(service, settings)


@contextmanager
def _needing(extra: str) -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise BadSettings(
            f"The {extra} bot needs a package that is not installed ({error.name})."
            f" Run: pip install 'hkva-assistant[{extra}]'"
        ) from error
