from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread

import docx
import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge.build import build_library
from knowledge.e5_embedder import E5Embedder
from knowledge.errors import EmbedderMismatch, LibraryBroken, LibraryBusy, LibraryMissing
from knowledge.gather import Upload, web_id
from knowledge.ingestion import IngestReport, ingest, remove
from knowledge.library import Library, lock_for_writing, open_library, read_current
from knowledge.register import Corpus
from knowledge.retrieval import search
from knowledge.settings import KnowledgeSettings
from knowledge.source import SourceKind

TIDE = "The tide warden closes the east sluice at 18:40 every evening."
KELP = "Kelp growers pay a levy of 42 shells for each raft."
LAMP = "灯塔看守人每晚点燃9盏红灯。"


class CountingEmbedder:
    """The default embedder, which remembers what it was asked to embed."""

    def __init__(self, inner: E5Embedder) -> None:
        self._inner = inner
        self.name, self.dimension = inner.name, inner.dimension
        self.embedded: list[str] = []

    def embed_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        self.embedded.extend(texts)
        return self._inner.embed_passages(texts, progress)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        return self._inner.embed_query(text)


@dataclass
class Desk:
    """A built library of one rule, a folder of documents, and the embedder that counts."""

    settings: KnowledgeSettings
    folder: Path
    embedder: CountingEmbedder
    corpus: Corpus
    stages: list[str] = field(default_factory=list)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def ingest(self, *inputs: str | Upload | Path) -> IngestReport:
        named = [one if isinstance(one, Upload) else str(one) for one in inputs or (self.folder,)]
        return ingest(named, self.settings, self.embedder, lambda stage, *_: self.stages.append(stage))

    def remove(self, *inputs: object) -> IngestReport:
        return remove([str(one) for one in inputs], self.settings, self.embedder)

    @contextmanager
    def library(self) -> Iterator[Library]:
        with closing(open_library(self.settings.library_dir, self.embedder)) as library:
            yield library

    def held(self) -> dict[str, str]:
        with self.library() as library:
            return {one.id: one.text.strip() for one in library.sources.values() if one.ingested}

    def best(self, query: str) -> str:
        with self.library() as library:
            return search(library, query, limit=1)[0].passage.record


@pytest.fixture(scope="module")
def built(embedder: E5Embedder, make_corpus: Callable[..., Corpus], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a library of one rule, to be copied."""
    folder = tmp_path_factory.mktemp("built")
    build_library(folder / "library", make_corpus(), embedder)
    return folder


@pytest.fixture
def desk(
    settings_with_models: KnowledgeSettings,
    embedder: E5Embedder,
    make_corpus: Callable[..., Corpus],
    built: Path,
    tmp_path: Path,
) -> Desk:
    shutil.copytree(built, settings_with_models.data_dir, dirs_exist_ok=True)
    folder = tmp_path / "papers"
    folder.mkdir()
    return Desk(settings_with_models, folder, CountingEmbedder(embedder), make_corpus())


def _outcomes(report: IngestReport) -> dict[str, str]:
    return {Path(row.origin).name: row.outcome for row in report.rows}


def test_documents_of_a_folder_and_its_folders_are_found_beside_the_rules(desk: Desk) -> None:
    desk.write("tides.txt", f"Tides\n\n{TIDE} It opens again at dawn, when the bell has rung twice.\n")
    desk.write("growing/kelp.md", f"# Kelp\n\n{KELP}\n")
    desk.write("growing/lamps.html", f"<html><body><h1>灯塔</h1><p>{LAMP}</p></body></html>")
    document = docx.Document()
    document.add_paragraph("Ferries carry at most 31 goats on a Tuesday crossing, and none on other days.")
    packed = BytesIO()
    document.save(packed)
    (desk.folder / "ferries.docx").write_bytes(packed.getvalue())
    report = desk.ingest()
    assert report.count("added") == 4
    assert set(desk.held()) == {"own/tides.txt", "own/growing/kelp.md", "own/growing/lamps.html", "own/ferries.docx"}
    assert desk.best("When is the east sluice closed?") == "own/tides.txt"
    assert desk.best("灯塔有几盏灯?") == "own/growing/lamps.html"
    assert desk.best("How many goats may a ferry carry?") == "own/ferries.docx"
    assert desk.best("What does a lagoon permit cost?") in (
        "permit-fee",
        "reef/permits/2023-06",
    )  # the rule, or its source


def test_passage_of_a_document_is_an_exact_run_of_its_text(desk: Desk) -> None:
    desk.write("kelp.md", f"# Kelp\n\n## Levy\n\n{KELP}\n")
    desk.ingest()
    with desk.library() as library:
        passage = search(library, "kelp levy", limit=1)[0].passage
        assert library.sources[passage.record].text[passage.start : passage.end] == KELP
    assert passage.locus.headings == ("Levy",)


def test_unchanged_documents_cost_nothing(desk: Desk) -> None:
    desk.write("kelp.txt", KELP)
    before = desk.ingest().version
    desk.embedder.embedded.clear()
    report = desk.ingest()
    assert (report.version, report.count("unchanged")) == (before, 1)
    assert desk.embedder.embedded == []
    assert desk.stages[-1] == "read"


def test_one_more_document_embeds_only_its_own_text(desk: Desk) -> None:
    desk.write("kelp.txt", KELP)
    desk.ingest()
    desk.embedder.embedded.clear()
    desk.write("tides.txt", TIDE)
    assert _outcomes(desk.ingest()) == {"kelp.txt": "unchanged", "tides.txt": "added"}
    assert len(desk.embedder.embedded) == 1
    assert TIDE in desk.embedder.embedded[0]


def test_changed_document_replaces_its_older_self(desk: Desk) -> None:
    desk.write("levy.txt", KELP)
    desk.ingest()
    desk.write("levy.txt", KELP.replace("42", "55"))
    assert _outcomes(desk.ingest()) == {"levy.txt": "changed"}
    assert desk.held() == {"own/levy.txt": KELP.replace("42", "55")}
    with desk.library() as library:
        assert not any("42" in one.text for one in library.catalogue.all_passages())


def test_removed_documents_are_gone_from_search_and_the_rest_stays(desk: Desk) -> None:
    desk.write("a/kelp.txt", KELP)
    tides = desk.write("tides.txt", TIDE)
    desk.ingest()
    assert desk.remove(desk.folder / "a").count("removed") == 1
    assert set(desk.held()) == {"own/tides.txt"}
    assert desk.remove("own/tides.txt").rows[0].origin == str(tides)
    assert desk.held() == {}
    assert desk.best("What does a lagoon permit cost?") in (
        "permit-fee",
        "reef/permits/2023-06",
    )  # the rule, or its source


def test_removing_what_is_not_held_is_said(desk: Desk) -> None:
    before = read_current(desk.settings.library_dir)
    report = desk.remove("nothing.txt")
    assert [row.outcome for row in report.rows] == ["failed"]
    assert read_current(desk.settings.library_dir) == before


def test_file_that_has_gone_is_reported_and_still_held(desk: Desk) -> None:
    desk.write("tides.txt", TIDE)
    kelp = desk.write("kelp.txt", KELP)
    desk.ingest()
    kelp.unlink()
    assert _outcomes(desk.ingest()) == {"tides.txt": "unchanged", "kelp.txt": "gone"}
    assert "own/kelp.txt" in desk.held()


def test_one_bad_document_is_a_row_with_its_reason_and_stops_nothing(desk: Desk) -> None:
    desk.write("kelp.txt", KELP)
    desk.write("empty.txt", "\n")
    desk.write("dated.md", f"---\ndate: tomorrow\n---\n{TIDE}")
    (desk.folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing")
    (desk.folder / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0")
    (desk.folder / "binary.txt").write_bytes(bytes(range(256)) * 8)
    report = desk.ingest(desk.folder, desk.folder / "absent.txt")
    assert _outcomes(report) == {
        "kelp.txt": "added", "empty.txt": "failed", "dated.md": "failed", "broken.pdf": "failed",
        "binary.txt": "failed", "absent.txt": "failed", "old.doc": "skipped",
    }  # fmt: skip
    assert all(row.reason for row in (*report.of("failed"), *report.of("skipped")))
    assert set(desk.held()) == {"own/kelp.txt"}


def test_document_that_turns_bad_stays_held_as_it_was(desk: Desk) -> None:
    path = desk.write("kelp.txt", KELP)
    desk.ingest()
    path.write_text("")
    assert _outcomes(desk.ingest()) == {"kelp.txt": "failed"}
    assert desk.held() == {"own/kelp.txt": KELP}


def test_front_matter_and_sidecar_say_what_a_document_is(desk: Desk) -> None:
    desk.write("memo.md", f"---\ntitle: Tide memo\ndate: 2024-05-06\nauthority: Harbour Board\n---\n{TIDE}\n")
    desk.write("levy.txt", KELP)
    desk.write("levy.txt.yaml", "title: Levy notice\npublished: 2023-02\nkind: circular\nofficial: true\n")
    desk.ingest()
    with desk.library() as library:
        memo, levy = library.sources["own/memo.md"], library.sources["own/levy.txt"]
    assert (memo.title, memo.published, memo.authority, memo.official) == (
        "Tide memo", "2024-05-06", "Harbour Board", False,
    )  # fmt: skip
    assert (levy.title, levy.published, levy.kind, levy.official) == (
        "Levy notice", "2023-02", SourceKind.CIRCULAR, True,
    )  # fmt: skip


def test_nothing_is_added_to_a_library_whose_vectors_are_lost(desk: Desk) -> None:
    root = desk.settings.library_dir
    version = read_current(root)
    assert version is not None
    store = root / "versions" / version / "vectors"
    for path in store.iterdir():
        if not path.name.startswith("kept-"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    desk.write("levy.txt", KELP)
    with pytest.raises(LibraryBroken, match="hkva build --force"):
        desk.ingest()
    assert read_current(root) == version


def test_changed_sidecar_changes_the_document(desk: Desk) -> None:
    desk.write("levy.txt", KELP)
    desk.ingest()
    desk.write("levy.yaml", "title: Levy notice\n")
    assert _outcomes(desk.ingest()) == {"levy.txt": "changed"}


@pytest.mark.parametrize("sidecar", ["kind: rumour", "official: maybe", "published: soon", "- a list"])
def test_sidecar_that_cannot_be_is_refused_by_name(desk: Desk, sidecar: str) -> None:
    desk.write("levy.txt", KELP)
    desk.write("levy.txt.yaml", sidecar)
    (row,) = desk.ingest().rows
    assert row.outcome == "failed"
    assert sidecar.rpartition(": ")[2] in row.reason or "sidecar" in row.reason


def test_files_of_one_name_from_two_folders_are_two_documents(desk: Desk) -> None:
    desk.write("a/notes.txt", KELP)
    desk.write("b/notes.txt", TIDE)
    desk.ingest(desk.folder / "a")
    second = desk.ingest(desk.folder / "b").rows[0].source
    assert second is not None
    assert second.startswith("own/notes.txt~")
    assert desk.ingest(desk.folder / "a" / "notes.txt", desk.folder / "b").count("unchanged") == 2
    assert desk.held() == {"own/notes.txt": KELP, second: TIDE}


def test_rows_of_a_jsonl_corpus_are_documents_under_their_own_ids(desk: Desk) -> None:
    rows: list[object] = [
        {"id": "d1", "text": KELP, "title": "Kelp", "published": "2023-02-01"},
        {"_id": 7, "text": f"# 1 rule\n{TIDE}"},
        {"id": "d3"},
        {"id": "d4", "text": " \n"},
        {"id": "reef/permits/2023-06", "text": KELP},
    ]
    path = desk.write("corpus.jsonl", "\n".join(json.dumps(row) for row in rows) + "\nno json\n")
    report = desk.ingest(path)
    assert [row.outcome for row in report.rows] == ["added", "added", "failed", "failed", "failed", "failed"]
    with desk.library() as library:
        assert (library.sources["d1"].title, library.sources["d1"].published) == ("Kelp", "2023-02-01")
        assert TIDE in library.sources["7"].text
        assert next(one.text for one in library.catalogue.all_passages() if one.record == "7").endswith(TIDE)
    assert desk.best("When is the sluice closed?") == "7"
    assert desk.remove(path).count("removed") == 2


def test_uploads_are_ingested_by_name(desk: Desk) -> None:
    report = desk.ingest(Upload("kelp.md", KELP.encode(), "text/markdown", {"title": "Levy"}))
    assert [(row.origin, row.source) for row in report.rows] == [("upload:kelp.md", "own/kelp.md")]
    assert desk.ingest(Upload("kelp.md", KELP.encode(), "text/markdown", {"title": "Levy"})).count("unchanged") == 1


def test_rebuilding_from_a_changed_corpus_keeps_the_documents(desk: Desk, make_corpus: Callable[..., Corpus]) -> None:
    desk.write("kelp.txt", KELP)
    desk.ingest()
    desk.embedder.embedded.clear()
    build_library(desk.settings.library_dir, make_corpus(digest="2"), desk.embedder)
    assert desk.embedder.embedded == []
    assert desk.held() == {"own/kelp.txt": KELP}
    assert desk.ingest().count("unchanged") == 1


def test_rebuilding_with_another_embedder_embeds_the_documents_again(desk: Desk) -> None:
    desk.write("kelp.txt", KELP)
    desk.ingest()
    desk.embedder.embedded.clear()
    desk.embedder.name = "another"
    build_library(desk.settings.library_dir, desk.corpus, desk.embedder)
    assert any(KELP in text for text in desk.embedder.embedded)
    assert desk.held() == {"own/kelp.txt": KELP}


def test_hidden_files_links_in_circles_and_sidecars_are_no_documents(desk: Desk) -> None:
    desk.write("kelp.txt", KELP)
    desk.write(".secret.txt", TIDE)
    desk.write(".git/notes.txt", TIDE)
    desk.write("kelp.yaml", "title: Kelp")
    (desk.folder / "circle").symlink_to(desk.folder, target_is_directory=True)
    assert _outcomes(desk.ingest()) == {"kelp.txt": "added"}


def test_row_dropped_from_a_jsonl_corpus_is_reported_and_one_changed_replaced(desk: Desk) -> None:
    rows = [{"id": "d1", "text": KELP}, {"id": "d2", "text": TIDE}]
    path = desk.write("corpus.jsonl", "\n".join(json.dumps(row) for row in rows))
    desk.ingest(path)
    desk.write("corpus.jsonl", json.dumps({"id": "d1", "text": KELP.replace("42", "55")}))
    assert [(row.origin, row.outcome) for row in desk.ingest(path).rows] == [
        (f"{path}#d1", "changed"),
        (f"{path}#d2", "gone"),
    ]
    assert desk.remove(f"{path}#d2").count("removed") == 1


def test_documents_need_a_library_of_the_same_embedder(desk: Desk, tmp_path: Path) -> None:
    desk.write("kelp.txt", KELP)
    desk.embedder.name = "another"
    with pytest.raises(EmbedderMismatch, match="hkva build"):
        desk.ingest()
    with pytest.raises(LibraryMissing, match="hkva build"):
        ingest([str(desk.folder)], KnowledgeSettings(data_dir=tmp_path / "none"), desk.embedder)


def test_two_writers_do_not_meet(desk: Desk) -> None:
    with lock_for_writing(desk.settings.library_dir), pytest.raises(LibraryBusy, match="try again"):
        desk.ingest()


class _Site(BaseHTTPRequestHandler):
    text = KELP
    asked: list[str | None] = []

    def do_GET(self) -> None:
        type(self).asked.append(self.headers.get("If-None-Match"))
        etag = f'"{len(self.text)}"'
        status = 304 if self.headers.get("If-None-Match") == etag else 404 if self.path == "/none" else 200
        self.send_response(status)
        body = f"---\nauthority: SFC\nofficial: true\ntitle: Levy\n---\n{self.text}".encode() if status == 200 else b""
        self.send_header("ETag", etag)
        self.send_header("Content-Type", "text/markdown")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged."""


@pytest.fixture
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Site) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_page_is_fetched_again_only_where_its_etag_has_changed(
    desk: Desk, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.settings = desk.settings.model_copy(update={"fetch_private": True})
    url = f"{site}/levy?year=2"
    assert [row.outcome for row in desk.ingest(url, f"{site}/none").rows] == ["added", "failed"]
    assert desk.ingest(url).count("unchanged") == 1
    assert _Site.asked[-1] is not None
    monkeypatch.setattr(_Site, "text", f"{KELP} It is due in May.")
    assert desk.ingest(url).count("changed") == 1
    ((identity, text),) = desk.held().items()
    assert identity == web_id(url)
    assert text.endswith("It is due in May.")
    with desk.library() as library:
        source = library.sources[identity]
        assert (source.title, source.publisher, source.official, source.url) == ("Levy", "127.0.0.1", False, url)
    assert desk.remove(url).count("removed") == 1


def test_private_address_is_refused_unless_the_settings_allow_it(desk: Desk, site: str) -> None:
    (row,) = desk.ingest(site).rows
    assert (row.outcome, desk.held()) == ("failed", {})
    assert "HKVA_FETCH_PRIVATE" in row.reason


@pytest.mark.parametrize(
    ("url", "identity"),
    [
        ("https://Example.org/a/b.html", "web/example.org/a/b.html"),
        ("https://example.org", "web/example.org"),
        ("https://example.org/a/#part", "web/example.org/a"),
    ],
)
def test_id_of_a_page_is_its_host_and_path(url: str, identity: str) -> None:
    assert web_id(url) == identity


_KILLED = """
import sys
from knowledge.e5_embedder import E5Embedder
from knowledge.ingestion import ingest
from knowledge.settings import KnowledgeSettings
from pathlib import Path
settings = KnowledgeSettings(data_dir=Path(sys.argv[1]))
def report(stage, done, total):
    print(stage, done, flush=True)
    if f"{stage} {done}" == sys.argv[3]:
        sys.stdin.read()
ingest([sys.argv[2]], settings, E5Embedder(settings.models_dir), report)
"""


@pytest.mark.parametrize("point", ["read 2", "embed 2", "index 1"])
def test_killed_at_any_point_leaves_the_old_library_whole_and_the_next_run_ends_it(desk: Desk, point: str) -> None:
    desk.write("kelp.txt", KELP)
    desk.ingest()
    before = read_current(desk.settings.library_dir)
    desk.write("tides.txt", TIDE)
    desk.write("kelp.txt", KELP.replace("42", "55"))
    command = [sys.executable, "-c", _KILLED, str(desk.settings.data_dir), str(desk.folder), point]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert any(line.strip() == point for line in process.stdout), "the point was not reached"
        process.send_signal(signal.SIGKILL)
    assert read_current(desk.settings.library_dir) == before
    assert desk.held() == {"own/kelp.txt": KELP}
    assert desk.best("What is the levy on kelp rafts?") == "own/kelp.txt"
    assert _outcomes(desk.ingest()) == {"kelp.txt": "changed", "tides.txt": "added"}
    assert desk.held() == {"own/kelp.txt": KELP.replace("42", "55"), "own/tides.txt": TIDE}
    assert not list((desk.settings.library_dir / "versions").glob(".new-*"))


def test_a_thousand_files_go_in_at_once(desk: Desk) -> None:
    for number in range(1_000):
        desk.write(f"{number % 7}/{number}.md", f"# Buoys\n\nBuoy {number % 40} is painted red and rings at dusk.")
    report = desk.ingest()
    assert report.count("added") == 1_000
    assert len(desk.held()) == 1_000
    assert desk.ingest().count("unchanged") == 1_000
