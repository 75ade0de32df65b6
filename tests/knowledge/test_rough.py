from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge.rough import PART, Rough, open_rough

DIMENSION = 48


class Store:
    """Gives vectors by number, and remembers which it was asked for."""

    def __init__(self, count: int) -> None:
        rows = np.random.default_rng(1).normal(size=(count, DIMENSION)) + 1.5
        self.rows: NDArray[np.float32] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        self.asked: set[int] = set()

    def get(self, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """The vectors of these numbers."""
        self.asked |= set(numbers.tolist())
        return self.rows[numbers]


def _check_nearest(rough: Rough, store: Store, numbers: NDArray[np.int64]) -> None:
    for query in store.rows[::97]:
        true = store.rows[numbers] @ query
        np.testing.assert_allclose(rough.cosines(query), true, atol=6e-3)
        best = numbers[np.lexsort((numbers, -true))[:5]].tolist()
        assert [
            number for number, _ in rough.find(query, rough.cosines(query), np.ones(len(store.rows), bool), 5)
        ] == best


def test_nearest_are_found_across_blocks_and_in_scope_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge.rough._AT_ONCE", 300)
    monkeypatch.setattr("knowledge.rough._READ", 128)
    store, numbers = Store(1_000), np.arange(3, 1_000, 2)
    rough = open_rough(tmp_path / "rough.npy", numbers, store.get)
    _check_nearest(rough, store, numbers)
    inside = np.zeros(1_000, bool)
    cosines = rough.cosines(store.rows[3])
    assert rough.find(store.rows[3], cosines, inside, 5) == []
    inside[[4, 5, 7, 9]] = True
    assert {number for number, _ in rough.find(store.rows[3], cosines, inside, 5)} == {5, 7, 9}
    np.testing.assert_allclose(rough.rows(np.array([2, 0])), store.rows[[7, 3]], atol=1e-3)
    np.testing.assert_allclose(rough.mean, store.rows[numbers].mean(axis=0), atol=1e-4)


def test_file_is_read_again_and_only_new_passages_are_asked_for(tmp_path: Path) -> None:
    store, path, numbers = Store(200), tmp_path / "rough.npy", np.arange(1, 150)
    open_rough(path, numbers, store.get)
    store.asked.clear()
    _check_nearest(open_rough(path, numbers, store.get), store, numbers)
    assert not store.asked
    later = np.r_[5:120, 150:160]
    _check_nearest(open_rough(path, later, store.get), store, later)
    assert store.asked == {5, *range(150, 160)}  # the first tells how long a vector is
    store.asked.clear()
    open_rough(path, later, store.get)
    assert not store.asked
    assert not [*tmp_path.glob(f"*{PART}")]


def test_damaged_file_is_made_anew_and_where_none_can_be_written_none_is_needed(tmp_path: Path) -> None:
    store, path, numbers = Store(100), tmp_path / "rough.npy", np.arange(100)
    path.write_bytes(b"\x93NUMPY no")
    _check_nearest(open_rough(path, numbers, store.get), store, numbers)
    store.asked.clear()
    _check_nearest(open_rough(path, numbers, store.get), store, numbers)
    assert not store.asked
    _check_nearest(open_rough(tmp_path / "nowhere" / "rough.npy", numbers, store.get), store, numbers)
