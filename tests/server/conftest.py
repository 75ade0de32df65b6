"""A running server over the small library, for one test module each."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

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

ROOT = Path(__file__).resolve().parents[2]


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


@pytest.fixture
def environment(small_knowledge: KnowledgeSettings, tmp_path: Path) -> dict[str, str]:
    """The environment of a process with the small library and a state of its own."""
    for name in ("library", "models"):
        (tmp_path / name).symlink_to(small_knowledge.data_dir / name, target_is_directory=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HKVA_")}
    return {**kept, "HKVA_DATA_DIR": str(tmp_path), "HKVA_TODAY": "2026-11-23", "PYTHONPATH": str(ROOT)}


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
