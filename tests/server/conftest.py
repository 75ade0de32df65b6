"""A running server over the small library, for one test module each."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from assistant.state.store import open_state
from knowledge.e5_embedder import E5Embedder
from knowledge.library import Library, open_library
from knowledge.settings import KnowledgeSettings
from server.app import make_app
from server.logs import configure_logs
from server.service import Service
from server.settings import ServerSettings
from tests.server.fakes import TODAY, ScriptedAssistant, served


@pytest.fixture(scope="session", autouse=True)
def _logs() -> None:
    """Logs as `hkva serve` writes them: structlog's own default takes seconds to draw a traceback."""
    configure_logs("text", "WARNING")


@pytest.fixture(scope="session")
def small_library(small_knowledge: KnowledgeSettings, embedder: E5Embedder) -> Iterator[Library]:
    """The small library, open."""
    library = open_library(small_knowledge.library_dir, embedder)
    yield library
    library.close()


@pytest.fixture(scope="module")
def assistant(small_library: Library) -> ScriptedAssistant:
    """The assistant behind `address`."""
    return ScriptedAssistant(small_library)


@pytest.fixture(scope="module")
def state_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of the state of the server at `address`."""
    return f"sqlite:///{tmp_path_factory.mktemp('state')}/state.sqlite"


@pytest.fixture(scope="module")
def address(
    small_knowledge: KnowledgeSettings, small_library: Library, assistant: ScriptedAssistant, state_url: str
) -> Iterator[str]:
    """The address of a running server."""
    service = Service(
        small_knowledge, lambda: assistant, lambda: small_library, lambda: open_state(state_url), lambda: TODAY
    )
    with served(make_app(service, ServerSettings(keepalive_s=0.1))) as address:
        yield address


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    """A client of the running server."""
    with httpx.Client(base_url=address, timeout=20) as client:
        yield client
