"""A library whose vectors are on a real Chroma server (`chroma run`) on this machine."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from knowledge.build import build_library
from knowledge.chroma_http import AT_ONCE, ChromaClient
from knowledge.chroma_server import ChromaServer
from knowledge.e5_embedder import E5Embedder
from knowledge.errors import LibraryBroken, LibraryError
from knowledge.exchange import pull, push, roll_back
from knowledge.gather import Upload
from knowledge.ingestion import ingest, remove
from knowledge.library import Library, open_library, read_current
from knowledge.nearest import Nearest
from knowledge.passage import Passage, Scope
from knowledge.register import Corpus, read_corpus
from knowledge.retrieval import search
from knowledge.settings import KnowledgeSettings
from knowledge.vectors import name_on_server, new_vectors
from tests.fakes.chroma_process import ChromaProcess, asking_for_token, collections

QUERIES = (
    "When was Project Ensemble launched?",
    "虛擬資產託管有咩要求?",
    "Who may hold client digital assets in custody for a bank?",
    "加密资产申报框架何时实施",
)
OWN = Upload(
    "lagoon.md", b"# Lagoon\n\nA lagoon permit costs 700 shells, and the reef office issues it within nine days.\n"
)
MakeCorpus = Callable[..., Corpus]


@pytest.fixture
def server(chroma: ChromaProcess) -> ChromaServer:
    """A database of this test's own."""
    return chroma.new_database()


@pytest.fixture
def settings(server: ChromaServer, tmp_path: Path) -> KnowledgeSettings:
    """Settings of an empty data folder whose vectors go to `server`."""
    return KnowledgeSettings(data_dir=tmp_path / "data", chroma_url=server.url, chroma_database=server.database)


def _open(settings: KnowledgeSettings, embedder: E5Embedder) -> Library:
    return open_library(settings.library_dir, embedder, settings.chroma)


def _build(settings: KnowledgeSettings, corpus: Corpus, embedder: E5Embedder, *, force: bool = False) -> str:
    return build_library(settings.library_dir, corpus, embedder, force=force, server=settings.chroma)


def _names(settings: KnowledgeSettings) -> set[str]:
    """The collections that the versions on disk name."""
    folders = (settings.library_dir / "versions").iterdir()
    names = [name_on_server(folder / "vectors") for folder in folders if not folder.name.startswith(".")]
    return {f"{name}-{language}" for name in names for language in ("en", "zh")}


@pytest.fixture(scope="module")
def pair(
    small_knowledge: KnowledgeSettings,
    chroma: ChromaProcess,
    embedder: E5Embedder,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Library, Library]]:
    """The small library with its vectors in its folder, and the same one with its vectors on the server."""
    data, server = tmp_path_factory.mktemp("remote"), chroma.new_database()
    shutil.copy(small_knowledge.data_dir / "vectors.sqlite", data)
    build_library(data / "library", read_corpus(small_knowledge.corpus_dir), embedder, server=server)
    with (
        closing(open_library(small_knowledge.library_dir, embedder)) as local,
        closing(open_library(data / "library", embedder, server)) as remote,
    ):
        yield local, remote


@pytest.mark.parametrize("exact", [20_000, 0], ids=["held in memory", "asked of the graph"])
@pytest.mark.parametrize("scope", [Scope(), Scope(on=date(2025, 1, 1), ended=False, include_proposed=False)])
def test_search_finds_what_it_finds_with_vectors_in_the_folder(
    pair: tuple[Library, Library], exact: int, scope: Scope
) -> None:
    local, remote = pair
    assert not (remote.folder / "vectors" / "chroma.sqlite3").exists()
    for library in pair:
        library.nearest = Nearest(library.vectors, exact)
    for query in QUERIES:
        expected, found = search(local, query, scope), search(remote, query, scope)
        assert [hit.passage for hit in found] == [hit.passage for hit in expected]
        assert [hit.score for hit in found] == pytest.approx([hit.score for hit in expected], abs=1e-4)


def test_more_passages_than_one_request_takes_are_given_back(server: ChromaServer, tmp_path: Path) -> None:
    rows = np.random.default_rng(1).normal(size=(2 * AT_ONCE, 8)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    made = [Passage(id=f"p{n}", kind="rule", record=f"r{n}", language="en", text="") for n in range(len(rows))]
    with closing(new_vectors(tmp_path / "vectors", server)) as vectors:
        vectors.add(made, rows)
        ids, held = vectors.all("en")
        places = [int(one[1:]) for one in ids]
        assert sorted(places) == list(range(len(rows)))
        np.testing.assert_allclose(held, rows[places], atol=1e-6)
        backwards = [f"p{n}" for n in reversed(range(len(rows)))]
        np.testing.assert_allclose(vectors.get("en", backwards), rows[::-1], atol=1e-6)
        assert len(vectors.all("zh")[0]) == 0
        assert len(vectors.find_nearest("en", rows[0], Scope(), 1_000)) == vectors.deepest == AT_ONCE


def test_vectors_are_given_back_as_they_were(pair: tuple[Library, Library]) -> None:
    local, remote = pair
    ids, rows = remote.vectors.all("zh")
    np.testing.assert_allclose(local.vectors.get("zh", ids), rows, atol=1e-6)


def test_document_taken_in_is_a_new_version_and_the_one_before_is_untouched(
    settings: KnowledgeSettings, server: ChromaServer, embedder: E5Embedder, make_corpus: MakeCorpus
) -> None:
    _build(settings, make_corpus(), embedder)
    before = collections(server)
    with closing(_open(settings, embedder)) as old:
        report = ingest([OWN], settings, embedder)
        assert report.count("added") == 1
        assert not _knows_of_the_lagoon(old)
    with closing(_open(settings, embedder)) as new:
        assert new.version == report.version != old.version
        assert _knows_of_the_lagoon(new)
        assert new.vectors.count() == old.vectors.count() + 1
    assert collections(server).items() > before.items()

    remove([str(row.source) for row in report.rows], settings, embedder)
    with closing(_open(settings, embedder)) as library:
        assert not _knows_of_the_lagoon(library)
    assert set(collections(server)) == _names(settings)
    assert roll_back(settings.library_dir) == report.version
    with closing(_open(settings, embedder)) as library:
        assert _knows_of_the_lagoon(library)


def _knows_of_the_lagoon(library: Library) -> bool:
    hits = search(library, "How fast is a lagoon permit issued?")
    return any("nine days" in hit.passage.text for hit in hits)


_READER = """
import sys
from pathlib import Path
from knowledge.e5_embedder import E5Embedder
from knowledge.library import open_library
from knowledge.nearest import Nearest
from knowledge.retrieval import search
from knowledge.settings import KnowledgeSettings
settings = KnowledgeSettings(data_dir=Path(sys.argv[1]), chroma_url=sys.argv[2], chroma_database=sys.argv[3])
library = open_library(settings.library_dir, E5Embedder(Path(sys.argv[4])), settings.chroma)
library.nearest = Nearest(library.vectors, exact=0)
for _ in sys.stdin:
    print(library.version, search(library, "What does a permit cost?")[0].passage.record, flush=True)
"""


def test_old_collections_go_once_no_process_reads_them(
    settings: KnowledgeSettings,
    server: ChromaServer,
    embedder: E5Embedder,
    make_corpus: MakeCorpus,
    models_dir: Path,
) -> None:
    first = _build(settings, make_corpus(), embedder)
    oldest = set(collections(server))
    command = [sys.executable, "-c", _READER, str(settings.data_dir), server.url, server.database, str(models_dir)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None

        def ask() -> list[str]:
            assert reader.stdin is not None
            assert reader.stdout is not None
            reader.stdin.write("ask\n")
            return reader.stdout.readline().split()

        assert ask() == [first, "permit-fee"]
        for digest in ("2", "3", "4"):
            _build(settings, make_corpus(digest=digest), embedder)
            with closing(_open(settings, embedder)) as library:
                assert search(library, "What does a permit cost?")[0].passage.record == "permit-fee"
            assert ask() == [first, "permit-fee"]
        assert oldest < set(collections(server)) == _names(settings)
        reader.kill()
    _build(settings, make_corpus(digest="5"), embedder)
    assert not oldest & set(collections(server))
    assert set(collections(server)) == _names(settings)
    assert len(_names(settings)) == 4


def test_server_that_fails_under_a_question_is_told_and_found_again(
    settings: KnowledgeSettings, chroma: ChromaProcess, embedder: E5Embedder, make_corpus: MakeCorpus
) -> None:
    _build(settings, make_corpus(), embedder)
    with closing(_open(settings, embedder)) as library:
        library.nearest = Nearest(library.vectors, exact=0)
        before = [hit.passage for hit in search(library, "What does a permit cost?")]
        chroma.kill()
        for work in (lambda: search(library, "What does a permit cost?"), library.check):
            with pytest.raises(LibraryError, match="does not answer.*try again"):
                work()
        with pytest.raises(LibraryError, match="does not answer"):
            _open(settings, embedder)
        chroma.start()
        library.check()
        assert [hit.passage for hit in search(library, "What does a permit cost?")] == before


def test_what_is_held_in_memory_is_answered_while_the_server_is_away(
    settings: KnowledgeSettings, chroma: ChromaProcess, embedder: E5Embedder, make_corpus: MakeCorpus
) -> None:
    _build(settings, make_corpus(), embedder)
    with closing(_open(settings, embedder)) as library:
        chroma.kill()
        library.check()
        assert search(library, "What does a permit cost?")[0].passage.record == "permit-fee"
        chroma.start()


def test_build_that_cannot_reach_the_server_leaves_the_library_as_it_was(
    settings: KnowledgeSettings, chroma: ChromaProcess, embedder: E5Embedder, make_corpus: MakeCorpus
) -> None:
    first = _build(settings, make_corpus(), embedder)
    chroma.kill()
    with pytest.raises(LibraryError, match="does not answer"):
        _build(settings, make_corpus(digest="2"), embedder)
    chroma.start()
    assert read_current(settings.library_dir) == first
    with closing(_open(settings, embedder)) as library:
        assert search(library, "What does a permit cost?")[0].passage.record == "permit-fee"


_BUILDER = """
import sys
from pathlib import Path
from knowledge.build import build_library
from knowledge.e5_embedder import E5Embedder
from knowledge.register import read_corpus
from knowledge.settings import KnowledgeSettings
settings = KnowledgeSettings(data_dir=Path(sys.argv[1]), chroma_url=sys.argv[2], chroma_database=sys.argv[3])
embedder, corpus = E5Embedder(Path(sys.argv[4])), read_corpus(Path(sys.argv[5]))
build_library(settings.library_dir, corpus, embedder, server=settings.chroma)
"""


def test_killed_build_leaves_the_old_version_whole_and_its_half_is_cleared_away(
    settings: KnowledgeSettings,
    server: ChromaServer,
    embedder: E5Embedder,
    make_corpus: MakeCorpus,
    models_dir: Path,
    small_knowledge: KnowledgeSettings,
) -> None:
    first = _build(settings, make_corpus(), embedder)
    whole = collections(server)
    shutil.copy(small_knowledge.data_dir / "vectors.sqlite", settings.data_dir)
    command = [sys.executable, "-c", _BUILDER, str(settings.data_dir), server.url, server.database, str(models_dir)]
    with subprocess.Popen([*command, str(small_knowledge.corpus_dir)]) as building:
        deadline = time.monotonic() + 120
        while sum(collections(server).values()) == sum(whole.values()):
            assert building.poll() is None
            assert time.monotonic() < deadline
        building.kill()
    half = set(collections(server)) - set(whole)
    assert half
    assert read_current(settings.library_dir) == first
    with closing(_open(settings, embedder)) as library:
        assert search(library, "What does a permit cost?")[0].passage.record == "permit-fee"
    _build(settings, make_corpus(digest="2"), embedder)
    assert not half & set(collections(server))
    assert set(collections(server)) == _names(settings)


def test_collections_that_are_not_whole_are_not_opened(
    settings: KnowledgeSettings, server: ChromaServer, embedder: E5Embedder, make_corpus: MakeCorpus
) -> None:
    version = _build(settings, make_corpus(), embedder)
    with closing(_open(settings, embedder)) as library:
        library.vectors.remove(["permit-fee#en"])
    with pytest.raises(LibraryBroken, match="not whole.*hkva build --force"):
        _open(settings, embedder)
    repaired = _build(settings, make_corpus(), embedder, force=True)
    assert repaired != version
    with closing(_open(settings, embedder)) as library:
        assert library.vectors.count() == library.catalogue.count_passages()


def test_server_that_lost_the_collections_is_told(
    settings: KnowledgeSettings,
    server: ChromaServer,
    embedder: E5Embedder,
    make_corpus: MakeCorpus,
    tmp_path: Path,
) -> None:
    _build(settings, make_corpus(), embedder)
    with closing(ChromaClient(server)) as client:
        for name in collections(server):
            client.delete_collection(name)
    with pytest.raises(LibraryBroken, match="does not have this.*hkva build --force"):
        _open(settings, embedder)
    _build(settings, make_corpus(), embedder, force=True)
    _open(settings, embedder).close()


def test_library_moves_to_the_server_and_back_with_its_documents(
    settings: KnowledgeSettings, server: ChromaServer, embedder: E5Embedder, make_corpus: MakeCorpus
) -> None:
    here = settings.model_copy(update={"chroma_url": ""})
    _build(here, make_corpus(), embedder)
    ingest([OWN], here, embedder)
    with pytest.raises(LibraryBroken, match="HKVA_CHROMA_URL is set.*hkva build"):
        _open(settings, embedder)
    with pytest.raises(LibraryBroken, match="HKVA_CHROMA_URL is set.*hkva build"):
        ingest([OWN], settings, embedder)

    moved = _build(settings, make_corpus(), embedder)
    assert moved == _build(settings, make_corpus(), embedder)
    with pytest.raises(LibraryBroken, match="Set HKVA_CHROMA_URL"):
        _open(here, embedder)
    with closing(_open(settings, embedder)) as library:
        assert _knows_of_the_lagoon(library)

    _build(here, make_corpus(), embedder)
    with closing(_open(here, embedder)) as library:
        assert _knows_of_the_lagoon(library)


def test_pulled_version_reads_the_collections_of_the_one_pushed_and_never_clears_them(
    settings: KnowledgeSettings,
    server: ChromaServer,
    embedder: E5Embedder,
    make_corpus: MakeCorpus,
    tmp_path: Path,
) -> None:
    shared, there = str(tmp_path / "shared"), settings.model_copy(update={"data_dir": tmp_path / "there"})
    for digest in ("1", "2"):
        _build(settings, make_corpus(digest=digest), embedder)
        push(settings.library_dir, shared)
        pull(there.library_dir, shared)
    held = set(collections(server))
    with closing(_open(there, embedder)) as pulled:
        assert pulled.version == read_current(settings.library_dir)
        assert search(pulled, "What does a permit cost?")[0].passage.record == "permit-fee"
    for digest in ("3", "4"):  # its own versions push the pulled ones out
        _build(there, make_corpus(digest=digest), embedder)
    assert held < set(collections(server))
    assert set(collections(server)) == _names(settings) | _names(there)


def test_library_is_built_and_read_through_a_proxy_that_asks_for_a_token(
    settings: KnowledgeSettings, server: ChromaServer, embedder: E5Embedder, make_corpus: MakeCorpus
) -> None:
    with asking_for_token(server.url, "let-me-in") as proxy:
        server = ChromaServer(proxy, "let-me-in")
        build_library(settings.library_dir, make_corpus(), embedder, server=server)
        with closing(open_library(settings.library_dir, embedder, server)) as library:
            assert search(library, "What does a permit cost?")[0].passage.record == "permit-fee"
        with pytest.raises(LibraryError, match="HKVA_CHROMA_TOKEN"):
            open_library(settings.library_dir, embedder, ChromaServer(proxy, "wrong"))
