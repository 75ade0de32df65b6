from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from knowledge.build import build_library
from knowledge.e5_embedder import E5Embedder
from knowledge.errors import LibraryBroken, LibraryError, LibraryMissing
from knowledge.exchange import list_versions, pull, push, roll_back
from knowledge.library import open_library, read_current
from knowledge.register import Corpus
from knowledge.retrieval import search


@pytest.fixture
def shared(tmp_path: Path, embedder: E5Embedder, make_corpus: Callable[..., Corpus]) -> str:
    build_library(tmp_path / "one" / "library", make_corpus(), embedder)
    address = f"file://{tmp_path}/shared"
    push(tmp_path / "one" / "library", address)
    return address


def test_version_pulled_answers_like_the_one_pushed(shared: str, tmp_path: Path, embedder: E5Embedder) -> None:
    first, second = tmp_path / "one" / "library", tmp_path / "two" / "library"
    assert pull(second, shared) == read_current(first) == read_current(second)
    with closing(open_library(first, embedder)) as pushed, closing(open_library(second, embedder)) as pulled:
        query = "What does a permit cost?"
        assert [hit.passage for hit in search(pulled, query)] == [hit.passage for hit in search(pushed, query)]
    assert pull(second, shared) == push(first, shared)


def test_file_changed_on_the_way_leaves_what_was_current(
    shared: str, tmp_path: Path, embedder: E5Embedder, make_corpus: Callable[..., Corpus]
) -> None:
    version = read_current(tmp_path / "one" / "library")
    catalogue = tmp_path / "shared" / "versions" / str(version) / "catalogue.sqlite"
    catalogue.write_bytes(catalogue.read_bytes()[:-1] + b"x")
    with pytest.raises(LibraryBroken, match="changed or cut short"):
        pull(tmp_path / "two" / "library", shared)
    assert read_current(tmp_path / "two" / "library") is None


def test_half_a_push_is_not_pulled_and_an_empty_place_says_what_to_run(shared: str, tmp_path: Path) -> None:
    version = read_current(tmp_path / "one" / "library")
    (tmp_path / "shared" / "versions" / str(version) / "manifest.json").unlink()
    for address in (shared, str(tmp_path / "nowhere")):
        with pytest.raises(LibraryMissing, match="hkva library push"):
            pull(tmp_path / "two" / "library", address)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"files": {"../../escaped": "0"}}, "leads out"),
        ({"files": {"/etc/escaped": "0"}}, "leads out"),
        ({"layout": "0"}, "another release"),
        ({"files": 3}, "cannot be read"),
    ],
)
def test_manifest_that_is_not_ours_is_refused(
    shared: str, tmp_path: Path, change: dict[str, object], says: str
) -> None:
    version = read_current(tmp_path / "one" / "library")
    path = tmp_path / "shared" / "versions" / str(version) / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(LibraryBroken, match=says):
        pull(tmp_path / "two" / "library", shared)


def test_address_without_its_driver_says_so(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="nosuch"):
        pull(tmp_path / "two" / "library", "nosuch://bucket/library")


def test_earlier_version_can_be_made_current_again(
    shared: str, tmp_path: Path, embedder: E5Embedder, make_corpus: Callable[..., Corpus]
) -> None:
    root = tmp_path / "one" / "library"
    with pytest.raises(LibraryMissing, match="hkva library list"):
        roll_back(root)
    before = read_current(root)
    build_library(root, make_corpus(digest="other"), embedder)
    assert [one.current for one in list_versions(root)] == [True, False]
    assert roll_back(root) == before == read_current(root)
    with pytest.raises(LibraryMissing, match="no such version"):
        roll_back(root, "gone")
