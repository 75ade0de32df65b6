"""A running server over the small library, for one test module each."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from knowledge.e5_embedder import E5Embedder
from knowledge.library import Library, open_library
from knowledge.settings import KnowledgeSettings
from server.app import make_app
from server.service import Service
from server.settings import ServerSettings
from tests.server.fakes import TODAY, ScriptedAssistant, served


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
def address(small_knowledge: KnowledgeSettings, small_library: Library, assistant: ScriptedAssistant) -> Iterator[str]:
    """The address of a running server."""
    service = Service(small_knowledge, lambda: assistant, lambda: small_library, lambda: TODAY)
    with served(make_app(service, ServerSettings(keepalive_s=0.1))) as url:
        yield url


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    """A client of the running server."""
    with httpx.Client(base_url=address, timeout=20) as client:
        yield client
