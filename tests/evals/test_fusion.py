from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evals.retrieval.fusion import compare, interval, measure
from knowledge.e5_embedder import E5Embedder
from knowledge.vector_cache import VectorCache


def test_measures_are_those_worked_by_hand() -> None:
    ndcg, recall, reciprocal = measure(["x", "a", "y", "b"], {"a": 1, "b": 1})
    assert ndcg == pytest.approx((1 / np.log2(3) + 1 / np.log2(5)) / (1 + 1 / np.log2(3)))
    assert (recall, reciprocal) == (1.0, 0.5)
    assert measure([], {"a": 1}) == (0.0, 0.0, 0.0)


def test_interval_of_a_constant_difference_is_that_difference() -> None:
    assert interval(np.full(20, 0.25)) == (0.25, 0.25)


def test_set_is_searched_in_three_ways(tmp_path: Path, embedder: E5Embedder) -> None:
    texts = {"goats": "渡轮最多运载31只山羊。", "lamp": "灯塔点燃9盏红灯。", "fee": "许可证收费900枚贝壳。"}
    rows = {
        "corpus.jsonl": [{"id": one, "text": text} for one, text in texts.items()],
        "queries.jsonl": [{"id": "1", "text": "渡輪可以載多少隻山羊？"}, {"id": "2", "text": "not answerable"}],
    }
    for name, held in rows.items():
        (tmp_path / name).write_text("\n".join(json.dumps(row) for row in held))
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n1\tgoats\t1\n2\tlamp\t0\n")
    cache = VectorCache(tmp_path / "vectors.sqlite", embedder)
    scores = compare(tmp_path, embedder, cache)
    cache.close()
    for way in (scores.keywords, scores.vectors, scores.joined):
        assert way.tolist() == [[1.0, 1.0, 1.0]]
