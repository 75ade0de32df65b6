"""Keywords alone, vectors alone and both joined, on retrieval sets: `python -m evals.retrieval.fusion FOLDER SET...`.

Sets are folders as `retrieval_set` reads them, each of one language. Everything is found with the parts that answer
questions: the catalogue's BM25, the configured embedder (its vectors kept in the cache given) and `search`; vectors
are compared exactly. The interval is that of the paired difference to the better half (bootstrap, 95 %).
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evals.retrieval.retrieval_set import library_of, read_set
from knowledge.embed import Embedder, open_embedder
from knowledge.passage import Scope
from knowledge.retrieval import search
from knowledge.settings import KnowledgeSettings
from knowledge.vector_cache import VectorCache
from knowledge.words import has_han, terms

_DEPTH = 40
_RESAMPLES = 10_000
Grades = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Scores:
    """nDCG@10, recall@5 and reciprocal rank@10 of each query, shape (queries, 3)."""

    keywords: NDArray[np.float64]
    vectors: NDArray[np.float64]
    joined: NDArray[np.float64]


def measure(run: Sequence[str], grades: Grades) -> tuple[float, float, float]:
    """nDCG@10 (exponential gain), recall@5 and reciprocal rank@10 of one ranking."""
    gains = [2 ** grades.get(one, 0) - 1 for one in run[:10]]
    ideal = sorted((2**grade - 1 for grade in grades.values()), reverse=True)[:10]
    discounts = 1 / np.log2(np.arange(2, 12))
    ndcg = float(np.dot(gains, discounts[: len(gains)]) / np.dot(ideal, discounts[: len(ideal)]))
    relevant = {one for one, grade in grades.items() if grade > 0}
    first = next((rank for rank, one in enumerate(run[:10], 1) if one in relevant), 0)
    return ndcg, len(relevant & set(run[:5])) / len(relevant), 1 / first if first else 0.0


def compare(folder: Path, embedder: Embedder, cache: VectorCache) -> Scores:
    """Search every answerable query of the set in the three ways."""
    one = read_set(folder)
    ids, passages = list(one.corpus), cache.embed(list(one.corpus.values()), lambda *_: None)
    found: list[tuple[tuple[float, float, float], ...]] = []
    with (
        tempfile.TemporaryDirectory() as kept,
        closing(library_of(one, embedder, cache, Path(kept))) as library,
    ):
        for query_id, text in one.queries.items():
            language = "zh" if has_han(text) else "en"
            worded = library.catalogue.find_by_words(language, terms(text), Scope(), _DEPTH)
            words = [library.catalogue.roster.ids[number] for number, _ in worded]
            near = [ids[place] for place in np.argsort(-(passages @ embedder.embed_query(text)))[:_DEPTH]]
            both = [hit.passage.record for hit in search(library, text)]
            found.append(tuple(measure(run, one.grades[query_id]) for run in (words, near, both)))
    table = np.array(found)
    return Scores(table[:, 0], table[:, 1], table[:, 2])


def interval(difference: NDArray[np.float64]) -> tuple[float, float]:
    """The 95 % bootstrap interval of a mean paired difference."""
    chance = np.random.default_rng(7)
    means = difference[chance.integers(0, len(difference), (_RESAMPLES, len(difference)))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def main(folder: str, *names: str) -> None:
    """Print one table row per set and way."""
    embedder = open_embedder(KnowledgeSettings())
    cache = VectorCache(Path(tempfile.gettempdir()) / "hkva-fusion-vectors.sqlite", embedder)
    lines = ["set | way | nDCG@10 | recall@5 | MRR@10", "--- | --- | --- | --- | ---"]
    for name in names:
        scores = compare(Path(folder) / name, embedder, cache)
        for way in ("keywords", "vectors", "joined"):
            means = getattr(scores, way).mean(axis=0)
            lines.append(f"{name} | {way} | " + " | ".join(f"{mean:.3f}" for mean in means))
        better = max(scores.keywords, scores.vectors, key=lambda rows: float(rows[:, 0].mean()))
        low, high = interval(scores.joined[:, 0] - better[:, 0])
        lines.append(f"{name} | joined less the better half | {low:+.3f} to {high:+.3f} | |")
    cache.close()
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
