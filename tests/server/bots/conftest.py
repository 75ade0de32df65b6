"""A service around a scripted assistant and a real state, whose clock the test moves."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from assistant.state.store import open_state
from knowledge.settings import KnowledgeSettings
from server.app import make_app
from server.bots.opening import Bot, all_running
from server.service import Service
from server.settings import ServerSettings
from tests.fakes.bot_assistant import BotAssistant

Running = Callable[[Callable[[Service], Bot]], AbstractAsyncContextManager[httpx.AsyncClient]]
Settled = Callable[[str], Awaitable[None]]


class HandClock:
    """A clock that runs, and that the test moves on."""

    def __init__(self) -> None:
        self._moved = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._moved

    def move(self, **by: float) -> None:
        """Move on by so many `hours=`, `seconds=` …"""
        self._moved += timedelta(**by)


@pytest.fixture(scope="session", autouse=True)
def _loops() -> Iterator[None]:
    """Lark's SDK makes an event loop when it is imported, and does not close it."""
    yield
    loop = sys.modules["lark_oapi.ws.client"].loop if "lark_oapi.ws.client" in sys.modules else None
    if loop is not None and not loop.is_running():
        loop.close()


@pytest.fixture
def clock() -> HandClock:
    """The clock of the state."""
    return HandClock()


@pytest.fixture
def assistant() -> BotAssistant:
    """The assistant behind the bots."""
    return BotAssistant()


@pytest.fixture
def state_url(tmp_path: Path) -> str:
    """The URL of the test's state."""
    return f"sqlite:///{tmp_path}/state.sqlite"


@pytest.fixture
def service(
    assistant: BotAssistant, state_url: str, clock: HandClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Service:
    """A service that opens nothing but the state."""
    monkeypatch.setattr("server.bots.inbox.LOOK_EVERY_S", 0.05)
    knowledge = KnowledgeSettings(data_dir=tmp_path)
    return Service(knowledge, lambda: assistant, lambda: assistant.library, lambda: open_state(state_url, clock))


@pytest.fixture
def running(service: Service) -> Running:
    """Runs a bot in the application; gives a client that delivers what its platform sends."""

    @asynccontextmanager
    async def run(make: Callable[[Service], Bot]) -> AsyncIterator[httpx.AsyncClient]:
        bot = make(service)
        app = make_app(service, ServerSettings(), [bot])
        async with service.running(), all_running([bot]):
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://bots.example") as client:
                yield client

    return run


@pytest.fixture
def settled(service: Service, clock: HandClock) -> Settled:
    """Waits until every message that a platform delivered is answered; what is put off comes at once."""

    async def wait(platform: str) -> None:
        async with asyncio.timeout(90):
            while set(await service.state.inbox.count(platform)) - {"answered"}:
                due = set(await service.state.inbox.count(platform)) & {"received"}
                clock.move(seconds=10 if due else 0)
                await asyncio.sleep(0.02)

    return wait
