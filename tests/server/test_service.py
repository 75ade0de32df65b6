from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from assistant.settings import AssistantSettings
from assistant.state.store import open_state
from knowledge.e5_embedder import E5Embedder
from knowledge.library import open_library, read_current
from knowledge.settings import KnowledgeSettings
from server.app import make_app
from server.opening import make_service as make_real_service
from server.service import Service
from server.settings import ServerSettings
from tests.server.fakes import ScriptedAssistant, served


@pytest.fixture
def own_knowledge(small_knowledge: KnowledgeSettings, tmp_path: Path) -> KnowledgeSettings:
    """Settings of a folder of this test's own, without a library."""
    return small_knowledge.model_copy(update={"data_dir": tmp_path})


@pytest.fixture
def make_service(embedder: E5Embedder, tmp_path: Path) -> Callable[[KnowledgeSettings], Service]:
    def make(knowledge: KnowledgeSettings) -> Service:
        return Service(
            knowledge,
            lambda: ScriptedAssistant(open_library(knowledge.library_dir, embedder)),
            lambda: open_library(knowledge.library_dir, embedder),
            lambda: open_state(f"sqlite:///{tmp_path}/state.sqlite"),
        )

    return make


def _when_ready(client: httpx.Client, status: int = 200) -> httpx.Response:
    deadline = time.monotonic() + 60
    while (response := client.get("/readyz")).status_code != status and time.monotonic() < deadline:
        time.sleep(0.05)
    assert response.status_code == status
    return response


def test_missing_library_is_named_and_taken_up_once_it_is_built(
    own_knowledge: KnowledgeSettings,
    small_knowledge: KnowledgeSettings,
    make_service: Callable[[KnowledgeSettings], Service],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr("server.service.LOOK_EVERY_S", 0.05)
    app = make_app(make_service(own_knowledge), ServerSettings())
    with served(app) as url, httpx.Client(base_url=url, timeout=20) as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        for response in (client.get("/readyz"), client.post("/v1/chat", json={"question": "a"})):
            assert response.status_code == 503
            assert "hkva build" in response.json()["detail"]
            assert "retry-after" in response.headers
        shutil.copytree(small_knowledge.library_dir, tmp_path / "copy")
        (tmp_path / "copy").rename(own_knowledge.library_dir)
        assert _when_ready(client).json()["rules"] > 10
        assert client.post("/v1/chat", json={"question": "a"}).status_code == 200


def test_half_built_library_is_named_and_nothing_of_it_is_lost(
    own_knowledge: KnowledgeSettings,
    small_knowledge: KnowledgeSettings,
    make_service: Callable[[KnowledgeSettings], Service],
) -> None:
    shutil.copytree(small_knowledge.library_dir, own_knowledge.library_dir)
    version = read_current(own_knowledge.library_dir)
    assert version is not None
    vectors = own_knowledge.library_dir / "versions" / version / "vectors"
    shutil.rmtree(vectors)
    before = sorted(path.name for path in own_knowledge.library_dir.rglob("*.sqlite"))
    with (
        served(make_app(make_service(own_knowledge), ServerSettings())) as url,
        httpx.Client(base_url=url, timeout=20) as client,
    ):
        response = client.get("/readyz")
        assert response.status_code == 503
        assert "not whole" in response.json()["detail"]
    assert sorted(path.name for path in own_knowledge.library_dir.rglob("catalogue.sqlite")) == before


def test_server_that_starts_reads_the_words_of_the_rules_before_anybody_asks(
    own_knowledge: KnowledgeSettings, small_knowledge: KnowledgeSettings
) -> None:
    shutil.copytree(small_knowledge.library_dir, own_knowledge.library_dir, ignore=shutil.ignore_patterns("words"))
    (own_knowledge.data_dir / "models").symlink_to(small_knowledge.models_dir, target_is_directory=True)
    with served(make_app(make_real_service(own_knowledge, AssistantSettings()), ServerSettings())):
        deadline = time.monotonic() + 60
        while not list(own_knowledge.library_dir.glob("words/*.jsonl")) and time.monotonic() < deadline:
            time.sleep(0.05)
    assert list(own_knowledge.library_dir.glob("words/*.jsonl"))
