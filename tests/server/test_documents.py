from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.state.store import open_state
from knowledge.e5_embedder import E5Embedder
from knowledge.library import lock_for_writing, open_library
from knowledge.settings import KnowledgeSettings
from server.app import make_app
from server.service import Service
from server.settings import ServerSettings
from tests.server.fakes import ScriptedAssistant, served

NOTE = "# House view\n\nOur desk treats the heliotrope ledger as a record of client assets, and reviews it each May.\n"


@pytest.fixture(scope="module")
def own(
    small_knowledge: KnowledgeSettings, embedder: E5Embedder, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[httpx.Client, KnowledgeSettings]]:
    """A server over a library of its own, which it may write."""
    folder = tmp_path_factory.mktemp("own")
    shutil.copytree(small_knowledge.library_dir, folder / "library")
    (folder / "models").symlink_to(small_knowledge.models_dir, target_is_directory=True)
    knowledge = small_knowledge.model_copy(update={"data_dir": folder})
    service = Service(
        knowledge,
        lambda: ScriptedAssistant(open_library(knowledge.library_dir, embedder)),
        lambda: open_library(knowledge.library_dir, embedder),
        lambda: open_state(f"sqlite:///{folder}/state.sqlite"),
    )
    settings = ServerSettings(max_body_bytes=2_000, max_document_bytes=50_000)
    with served(make_app(service, settings)) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client, knowledge


def _when_over(client: httpx.Client, ingestion_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        ingestion: dict[str, Any] = client.get(f"/v1/ingestions/{ingestion_id}").raise_for_status().json()
        if ingestion["state"] in ("done", "failed"):
            return ingestion
        time.sleep(0.05)
    raise AssertionError("The ingestion did not end.")


def _send(client: httpx.Client, *files: tuple[str, bytes]) -> httpx.Response:
    return client.post("/v1/documents", files=[("file", (name, data)) for name, data in files])


def test_upload_is_searched_once_done_and_gone_once_taken_out(own: tuple[httpx.Client, KnowledgeSettings]) -> None:
    client, _ = own
    before = client.get("/readyz").json()["library"]
    sent = _send(client, ("house-view.md", NOTE.encode()), ("broken.pdf", b"%PDF-no"))
    assert sent.status_code == 202
    over = _when_over(client, sent.json()["id"])
    assert over["state"] == "done"
    assert [row["outcome"] for row in over["documents"]] == ["added", "failed"]
    assert over["documents"][1]["reason"]
    assert client.get("/readyz").json()["library"] == over["library"] != before
    source = over["documents"][0]["source"]
    assert source in {hit["id"] for hit in client.get("/v1/search", params={"q": "heliotrope ledger"}).json()["hits"]}
    assert client.post("/v1/chat", json={"question": "Who?"}).status_code == 200
    assert client.delete(f"/v1/sources/{source}").status_code == 204
    assert client.get(f"/v1/sources/{source}").status_code == 404
    assert client.delete(f"/v1/sources/{source}").status_code == 404


def test_second_writer_is_refused_and_the_library_stays(own: tuple[httpx.Client, KnowledgeSettings]) -> None:
    client, knowledge = own
    before = client.get("/readyz").json()["library"]
    with lock_for_writing(knowledge.library_dir):
        over = _when_over(client, _send(client, ("a.md", NOTE.encode())).json()["id"])
    assert over["state"] == "failed"
    assert "Another process" in over["message"]
    assert client.get("/readyz").json()["library"] == before


def test_source_of_the_corpus_cannot_be_taken_out(own: tuple[httpx.Client, KnowledgeSettings]) -> None:
    client, _ = own
    source = client.get("/v1/sources").json()["items"][0]["id"]
    assert client.delete(f"/v1/sources/{source}").status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"urls": []},
        {"urls": ["/etc/passwd"]},
        {"urls": ["file:///etc/passwd"]},
        {"urls": "x"},
        [],
        {"path": "/etc"},
    ],
)
def test_only_web_addresses_are_fetched(own: tuple[httpx.Client, KnowledgeSettings], body: object) -> None:
    assert own[0].post("/v1/documents", json=body).status_code == 422


def test_address_of_this_machine_is_refused_by_the_fetch(own: tuple[httpx.Client, KnowledgeSettings]) -> None:
    client, _ = own
    sent = client.post("/v1/documents", json={"urls": ["http://127.0.0.1:9/secret.txt"]})
    over = _when_over(client, sent.json()["id"])
    assert [row["outcome"] for row in over["documents"]] == ["failed"]


def test_documents_may_be_larger_than_questions_up_to_their_own_limit(
    own: tuple[httpx.Client, KnowledgeSettings],
) -> None:
    client, _ = own
    assert _send(client, ("large.txt", b"x" * 60_000)).status_code == 413
    assert client.post("/v1/documents", data={"file": "text"}, files={"other": ("a.txt", b"a")}).status_code == 422
    sent = _send(client, ("middle.txt", ("A plain note about custody. " * 200).encode()))
    assert _when_over(client, sent.json()["id"])["state"] == "done"


def test_unknown_ingestion_is_not_found(own: tuple[httpx.Client, KnowledgeSettings], tmp_path: Path) -> None:
    assert own[0].get("/v1/ingestions/ing_unknown").status_code == 404
