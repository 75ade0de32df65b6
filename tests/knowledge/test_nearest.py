from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge.catalogue import Catalogue
from knowledge.nearest import ROUGH, Nearest, cosines
from knowledge.passage import Passage, Scope
from knowledge.roster import Roster
from knowledge.vectors import Vectors

COUNT, DIMENSION = 1_200, 384
ROUNDED = 5e-5
"""How far apart two cosines are at least that are told apart where vectors are kept in two bytes a number."""
CHANGE = date(2023, 6, 1)
FEW = frozenset(f"r{number}" for number in range(COUNT) if number % 40)


def _rows(seed: int, count: int) -> NDArray[np.float32]:
    """Vectors within a narrow cone, in two clusters, as a small encoder gives them for two languages."""
    draw = np.random.default_rng(seed)
    centre, place = np.random.default_rng(1).normal(size=(2, DIMENSION))
    made = 1.6 * centre + 0.8 * place * draw.choice([-1, 1], (count, 1)) + 0.8 * draw.normal(size=(count, DIMENSION))
    units: NDArray[np.float32] = (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)
    return units


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Vectors, Roster, NDArray[np.float32]]]:
    folder = tmp_path_factory.mktemp("nearest")
    passages = [
        Passage(f"r{n}#en", "rule", f"r{n}", "en", "", ends=CHANGE if n % 3 == 0 else None, topic=f"t{n % 2}")
        for n in range(COUNT)
    ]
    rows = _rows(2, COUNT)
    with closing(Catalogue(folder / "c.sqlite", create=True)) as catalogue, closing(Vectors(folder / "v")) as vectors:
        catalogue.add_passages((passage, "") for passage in passages)
        vectors.add(passages, rows)
        yield vectors, catalogue.roster, rows


@pytest.mark.parametrize(
    "scope",
    [
        Scope(),
        Scope(on=date(2024, 1, 1)),
        Scope(on=date(2024, 1, 1), ended=True, topics=frozenset({"t1"})),
        Scope(without=FEW),
        Scope(topics=frozenset({"nothing"})),
    ],
)
def test_every_way_finds_the_nearest_of_what_is_in_scope(
    held: tuple[Vectors, Roster, NDArray[np.float32]], scope: Scope, tmp_path: Path
) -> None:
    vectors, roster, rows = held
    inside = roster.inside(scope)[1:]
    right = rough_right = total = 0
    nearest = Nearest(vectors)
    roughly, in_memory = (Nearest(vectors, exact=0, folder=folder, rough=ROUGH) for folder in (tmp_path, None))
    for query in _rows(3, 40):
        true = rows @ query
        order = [n for n in np.argsort(-true) if inside[n]][:10]
        exact = nearest.find(roster, "en", query, scope, 10)
        assert [roster.ids[number] for number, _ in exact] == [f"r{n}#en" for n in order]
        assert [cosine for _, cosine in exact] == pytest.approx(true[order], abs=1e-5)
        graph = Nearest(vectors, exact=0).find(roster, "en", query, scope, 10)
        right += len({number for number, _ in graph} & {number for number, _ in exact})
        rough = roughly.find(roster, "en", query, scope, 10)
        rough_right += sum(true[number - 1] >= true[order[-1]] - ROUNDED for number, _ in rough)
        assert [cosine for _, cosine in rough] == pytest.approx([cosine for _, cosine in exact], abs=2e-4)
        assert in_memory.find(roster, "en", query, scope, 10) == rough
        total += len(order)
    assert right >= 0.999 * total
    assert rough_right >= 0.999 * total


def test_language_without_passages_has_no_nearest(held: tuple[Vectors, Roster, NDArray[np.float32]]) -> None:
    vectors, roster, rows = held
    for exact in (0, 100):
        assert Nearest(vectors, exact).find(roster, "zh", rows[0], Scope(), 10) == []


def test_centre_and_distances_are_the_same_where_passages_are_searched_roughly(
    held: tuple[Vectors, Roster, NDArray[np.float32]], tmp_path: Path
) -> None:
    vectors, roster, _ = held
    exact, rough = Nearest(vectors), Nearest(vectors, exact=0, folder=tmp_path, rough=ROUGH)
    true, near = exact.centre(roster, "en", DIMENSION), rough.centre(roster, "en", DIMENSION)
    np.testing.assert_allclose(near.vector, true.vector, atol=1e-4)
    assert near.spread == pytest.approx(true.spread, abs=1e-4)
    numbers = [roster.number["r9#en"], roster.number["r3#en"]]
    far = exact.distances(roster, "en", numbers, true)
    assert rough.distances(roster, "en", numbers, true) == pytest.approx(far, abs=1e-3)


def test_centre_over_the_graph_is_nearly_that_of_all_passages(
    held: tuple[Vectors, Roster, NDArray[np.float32]],
) -> None:
    vectors, roster, rows = held
    exact, graph = Nearest(vectors), Nearest(vectors, exact=0)
    true, near = exact.centre(roster, "en", DIMENSION), graph.centre(roster, "en", DIMENSION)
    np.testing.assert_allclose(true.vector, rows.mean(axis=0), atol=1e-5)
    assert np.linalg.norm(near.vector - true.vector) < 0.1 * true.spread
    assert near.spread == pytest.approx(true.spread, rel=0.05)
    numbers = [roster.number["r3#en"], roster.number["r9#en"]]
    far = np.linalg.norm(rows[[3, 9]] - true.vector, axis=1)
    assert exact.distances(roster, "en", numbers, true) == pytest.approx(far, abs=1e-4)
    assert graph.distances(roster, "en", numbers, true) == pytest.approx(far, abs=1e-4)


def test_what_a_search_worked_out_is_not_worked_out_again(
    held: tuple[Vectors, Roster, NDArray[np.float32]], monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors, roster, rows = held
    nearest = Nearest(vectors)
    vector = rows[5].copy()
    vector.flags.writeable = False
    nearest.find(roster, "en", vector, Scope(), 3)
    monkeypatch.setattr("knowledge.nearest.cosines", None)
    places = nearest.rows_of(roster, "en", ["r9#en", "r3#en"])
    assert places is not None
    found = nearest.cosines_of_all(roster, "en", vector)[places]
    np.testing.assert_allclose(found, rows[[9, 3]] @ rows[5], atol=1e-6)


def test_a_language_too_large_to_be_held_has_no_rows(held: tuple[Vectors, Roster, NDArray[np.float32]]) -> None:
    vectors, roster, _ = held
    assert Nearest(vectors, exact=1).rows_of(roster, "en", ["r3#en"]) is None


def test_cosines_are_the_product_of_columns_and_vector_however_many() -> None:
    rows = _rows(4, 2_500)
    np.testing.assert_allclose(cosines(rows.T.copy(), rows[7]), rows @ rows[7], atol=1e-6)


def test_scope_is_worked_out_once_and_cannot_be_changed(
    held: tuple[Vectors, Roster, NDArray[np.float32]],
) -> None:
    _, roster, _ = held
    inside = roster.inside(Scope(topics=frozenset({"t0"})))
    assert inside is roster.inside(Scope(topics=frozenset({"t0"})))
    assert inside.sum() == COUNT // 2
    with pytest.raises(ValueError, match="read-only"):
        inside[0] = True
