from __future__ import annotations

from dataclasses import replace

from evals.performance.bench import Start, Steps
from evals.performance.building import Building
from evals.performance.growth import Size
from evals.performance.load import Load
from evals.performance.peers import Retriever
from evals.performance.serving import Serving
from server.bench_table import building_rows, growth_rows, peer_rows, serving_rows, start_rows, step_rows

EMBEDDING = Load(1, 100, 30.0, 10.0, 12.0, 15.0, 9.0)


def test_bar_is_named_as_met_or_not() -> None:
    rows = [*start_rows(Start(2.0, 900.0, ()))]
    assert [bar.rpartition(": ")[2] for _, _, bar in rows] == ["met", "NOT MET", "met"]
    assert next(building_rows(Building(10.0, 9.0)))[2].endswith(": met")
    assert next(building_rows(Building(10.0, 8.0)))[2].endswith("NOT MET")


def test_steps_are_told_as_shares_of_the_embedding() -> None:
    told = {name: text for name, text, _ in step_rows(Steps(1.0, 10.0, 5.0, 2.5, 4.0, 22.5))}
    assert told["a whole answer"] == "22.5 ms, 2.25 of the embedding"


def test_serving_has_its_bar_of_latency_at_one_client_and_of_throughput_at_eight() -> None:
    one = Serving(EMBEDDING, replace(EMBEDDING, p50=20.0, processor_ms=18.0))
    eight = Serving(replace(EMBEDDING, clients=8), replace(EMBEDDING, clients=8, per_second=10.0, processor_ms=None))
    rows = [*serving_rows([one, eight])]
    assert [bar for _, _, bar in rows if bar] == ["at most 2.5: met", "at least 0.5: NOT MET"]
    assert "2.00 of embedding's processor time" in rows[2][1]


def test_growth_is_told_as_multiples_of_the_smallest() -> None:
    sizes = [Size(1_000, 1.0, 200.0, 2.0, 3.0, 0.5), Size(100_000, 3.0, 500.0, 6.0, 9.0, 5.0)]
    rows = [*growth_rows(sizes)]
    assert "3.0 times the first" in rows[2][1]
    assert rows[2][2] == "at most 2 times: NOT MET"


def test_peer_is_told_beside_ours_and_a_missing_one_by_what_it_misses() -> None:
    ours = Retriever("s", "hkva", (0.9, 0.7), 2.0, 3.0)
    rows = [*peer_rows([ours, Retriever("s", "a", (0.9, 0.5), 4.0, 5.0), Retriever("s", "b", missing="b_package")])]
    assert [bar for _, _, bar in rows] == ["", "slower and no better: met", ""]
    assert rows[2][1] == "not measured, b_package is missing"
