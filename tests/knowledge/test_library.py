from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from knowledge.build import build_library
from knowledge.catalogue import Catalogue
from knowledge.e5_embedder import E5Embedder
from knowledge.errors import EmbedderMismatch, LibraryBroken, LibraryBusy, LibraryError, LibraryMissing
from knowledge.library import lock_for_writing, new_version, open_catalogue, open_library, read_current
from knowledge.readers import Reader, is_read
from knowledge.register import Corpus
from knowledge.retrieval import search
from knowledge.rule import Rule


@pytest.fixture
def root(tmp_path: Path, embedder: E5Embedder, make_corpus: Callable[..., Corpus]) -> Path:
    build_library(tmp_path / "library", make_corpus(), embedder)
    return tmp_path / "library"


def _copy_of_current(root: Path) -> Path:
    return root / "versions" / str(read_current(root))


def test_library_that_was_never_built_says_what_to_run(tmp_path: Path, embedder: E5Embedder) -> None:
    for opened in (lambda: open_library(tmp_path, embedder), lambda: open_catalogue(tmp_path)):
        with pytest.raises(LibraryMissing, match="hkva build"):
            opened()
    assert read_current(tmp_path) is None


def test_library_without_its_files_says_what_to_run(root: Path, embedder: E5Embedder) -> None:
    folder = _copy_of_current(root)
    (folder / "catalogue.sqlite").rename(folder / "lost.sqlite")
    with pytest.raises(LibraryBroken, match="hkva build"):
        open_library(root, embedder)
    folder.rename(root / "versions" / "lost")
    with pytest.raises(LibraryBroken, match="hkva build --force"):
        open_library(root, embedder)


def test_library_whose_vectors_and_passages_differ_is_not_opened(root: Path, embedder: E5Embedder) -> None:
    with closing(Catalogue(_copy_of_current(root) / "catalogue.sqlite")) as catalogue, catalogue.writing():
        catalogue.remove_source("reef/permits/2023-06")
    with pytest.raises(LibraryBroken, match="not whole"):
        open_library(root, embedder)


def test_library_of_an_older_layout_is_not_opened(root: Path, embedder: E5Embedder) -> None:
    with closing(Catalogue(_copy_of_current(root) / "catalogue.sqlite")) as catalogue, catalogue.writing():
        catalogue.set_meta("layout", "0")
    with pytest.raises(LibraryBroken, match="hkva build"):
        open_library(root, embedder)


def test_library_of_another_embedder_is_not_opened(root: Path, embedder: E5Embedder) -> None:
    with closing(Catalogue(_copy_of_current(root) / "catalogue.sqlite")) as catalogue, catalogue.writing():
        catalogue.set_meta("embedder", "another@1")
    with pytest.raises(EmbedderMismatch, match="another@1"):
        open_library(root, embedder)


def test_rule_is_found_by_its_id_and_by_older_ids(
    tmp_path: Path, embedder: E5Embedder, make_corpus: Callable[..., Corpus], make_rule: Callable[..., Rule]
) -> None:
    build_library(tmp_path / "library", make_corpus([make_rule(aliases=("old-fee",))]), embedder)
    with closing(open_library(tmp_path / "library", embedder)) as library:
        assert library.find_rule("old-fee") == library.find_rule("permit-fee") == library.rules["permit-fee"]
        assert library.find_rule("none") is None


def test_failure_while_a_version_is_written_leaves_the_old_one_current(root: Path) -> None:
    before = read_current(root)
    with pytest.raises(ZeroDivisionError), new_version(root, based_on=_copy_of_current(root)):
        _ = 1 // 0
    assert read_current(root) == before
    assert [one.name for one in (root / "versions").iterdir()] == [before]


def test_disk_that_takes_no_more_leaves_the_old_library_and_says_so(root: Path) -> None:
    before = read_current(root)
    with (
        pytest.raises(LibraryError, match="No space left.*is as it was"),
        new_version(root, based_on=_copy_of_current(root)),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert read_current(root) == before
    assert [one.name for one in (root / "versions").iterdir()] == [before]


def test_place_that_cannot_be_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LibraryError, match="HKVA_DATA_DIR"), lock_for_writing(tmp_path / "file"):
        pass


def test_drafts_left_by_a_crash_are_cleared_away(root: Path) -> None:
    (root / "versions" / ".new-crashed").mkdir()
    with new_version(root, based_on=_copy_of_current(root)):
        pass
    assert [one.name for one in (root / "versions").iterdir()] == [read_current(root)]


def test_equal_content_is_the_same_version(root: Path) -> None:
    before = read_current(root)
    with new_version(root, based_on=_copy_of_current(root)):
        pass
    assert read_current(root) == before


def test_version_that_is_read_stays_until_its_reader_has_gone(
    root: Path, embedder: E5Embedder, make_corpus: Callable[..., Corpus]
) -> None:
    with closing(open_library(root, embedder)) as library:
        for digest in ("2", "3", "4"):
            build_library(root, make_corpus(digest=digest), embedder)
        assert search(library, "What does a permit cost?")[0].passage.record == "permit-fee"
        assert len(list((root / "versions").iterdir())) == 3
    build_library(root, make_corpus(digest="5"), embedder)
    versions = {one.name for one in (root / "versions").iterdir()}
    assert len(versions) == 2
    assert read_current(root) in versions


_READS = """
import sys
from pathlib import Path
from knowledge.readers import Reader
reader = Reader(Path(sys.argv[1]))
print("reads", flush=True)
sys.stdin.read()
"""


def test_reader_in_another_process_is_seen_until_it_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _READS, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "reads"
        assert is_read(tmp_path)
        process.kill()
    assert not is_read(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_folder_that_cannot_be_written_to_is_read_all_the_same(tmp_path: Path) -> None:
    reader = Reader(tmp_path / "absent")
    reader.close()
    assert not is_read(tmp_path / "absent")


def test_lock_holds_other_processes_off_and_ends_with_its_holder(root: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from knowledge.library import lock_for_writing\n"
        "with lock_for_writing(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, str(root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "held"
        with pytest.raises(LibraryBusy, match="try again"), lock_for_writing(root):
            pass
        process.kill()
    with lock_for_writing(root):
        pass
