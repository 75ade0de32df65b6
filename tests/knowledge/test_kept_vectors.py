from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.kept_vectors import NAMES, kept_ids, kept_rows
from knowledge.library import copy_version
from knowledge.nearest import Nearest
from knowledge.passage import Passage, Scope
from knowledge.roster import Roster
from knowledge.vectors import Vectors

ROWS = np.eye(4, 8, dtype=np.float32)


def _passages(*names: str) -> list[Passage]:
    return [Passage(id=one, kind="rule", record=one, text="", language=one[:2]) for one in names]


def _made(folder: Path) -> Path:
    with closing(Vectors(folder)) as vectors:
        vectors.add(_passages("en-1", "en-2", "zh-1", "zh-2"), ROWS)
        vectors.keep(2)
    return folder


def _all(folder: Path) -> dict[str, NDArray[np.float32]]:
    with closing(Vectors(folder)) as vectors:
        return {one: row for name in ("en", "zh") for one, row in zip(*vectors.all(name), strict=True)}


def test_what_was_kept_is_read_without_chroma(tmp_path: Path) -> None:
    folder = _made(tmp_path / "vectors")
    program = (
        "import sys; from pathlib import Path; from knowledge.vectors import Vectors; v = Vectors(Path(sys.argv[1]));"
        "print(v.count(), v.count('en'), v.all('en')[0], v.all('zh')[1].argmax(1).tolist(), 'chromadb' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(folder)], capture_output=True, check=True)
    assert done.stdout.decode().strip() == "4 2 ['en-1', 'en-2'] [2, 3] False"


def test_what_was_kept_is_what_the_store_gives(tmp_path: Path) -> None:
    folder = _made(tmp_path / "vectors")
    kept = _all(folder)
    for path in folder.glob(NAMES):
        path.unlink()
    for one, row in _all(folder).items():
        np.testing.assert_array_equal(kept[one], row)
    assert len(list(folder.glob(NAMES))) == 2  # whoever reads them first keeps them


def test_store_that_is_written_to_forgets_what_was_kept(tmp_path: Path) -> None:
    folder = _made(tmp_path / "vectors")
    with closing(Vectors(folder)) as vectors:
        vectors.remove(["en-1"])
        assert vectors.count("en") == 1
    assert _all(folder).keys() == {"en-2", "zh-1", "zh-2"}


def test_of_a_language_with_more_than_the_most_only_the_ids_are_kept(tmp_path: Path) -> None:
    folder = _made(tmp_path / "vectors")
    with closing(Vectors(folder)) as vectors:
        vectors.add(_passages("en-3"), ROWS[:1])
        vectors.keep(2)
    assert kept_ids(folder, "en") == ["en-1", "en-2", "en-3"]
    assert kept_rows(folder, "en") is None
    assert kept_rows(folder, "zh") is not None
    assert _all(folder).keys() == {"en-1", "en-2", "en-3", "zh-1", "zh-2"}


def test_language_that_is_searched_roughly_is_counted_without_the_store_from_then_on(tmp_path: Path) -> None:
    folder = _made(tmp_path / "vectors")
    rows = [(n, one, "rule", one, "aml", "SFC", 0, 9, "made", one[:2]) for n, one in enumerate(("en-1", "en-2"), 1)]
    for path in folder.glob(NAMES):
        path.unlink()  # as in a version that documents were taken into
    with closing(Vectors(folder)) as vectors:
        nearest = Nearest(vectors, exact=0, folder=tmp_path, rough=9)
        assert [number for number, _ in nearest.find(Roster(rows), "en", ROWS[1], Scope(), 1)] == [2]
    assert kept_ids(folder, "en") == ["en-1", "en-2"]


def test_file_that_cannot_be_read_is_as_none(tmp_path: Path) -> None:
    folder = _made(tmp_path / "vectors")
    for path in folder.glob(NAMES):
        path.write_bytes(b"PK\x03\x04 torn")
    assert _all(folder).keys() == {"en-1", "en-2", "zh-1", "zh-2"}


def test_copy_of_a_version_leaves_it_behind(tmp_path: Path) -> None:
    _made(tmp_path / "one" / "vectors")
    copy_version(tmp_path / "one", tmp_path / "two")
    assert not list((tmp_path / "two" / "vectors").glob(NAMES))
    assert len(_all(tmp_path / "two" / "vectors")) == 4
