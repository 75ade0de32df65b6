"""Our retriever beside those of other frameworks, on given sets and the same vectors: nDCG@10 and latency.

A set is a folder as `evals.retrieval.fusion` reads it. The peers run in an interpreter of their own (`peer_script`),
because what they need is not ours to install: `pip install 'hkva-assistant[peers]'` there, or any part of it. One that
is not installed is named as missing.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from evals.performance import peer_script
from evals.performance.growth import milliseconds
from evals.retrieval.fusion import measure
from evals.retrieval.retrieval_set import RetrievalSet, library_of
from knowledge.embed import Embedder
from knowledge.retrieval import search
from knowledge.vector_cache import VectorCache

OURS = "hkva"


@dataclass(frozen=True, slots=True)
class Retriever:
    """One retriever on one set: nDCG@10 of each query, and the median and 95th percentile of a search without
    embedding, in milliseconds. `missing` names the module that it could not be run without."""

    set: str
    name: str
    ndcg: tuple[float, ...] = ()
    p50: float = 0.0
    p95: float = 0.0
    build_s: float = 0.0
    missing: str = ""

    @property
    def mean(self) -> float:
        """Mean nDCG@10."""
        return float(np.mean(self.ndcg)) if self.ndcg else 0.0


def compare_peers(
    one: RetrievalSet,
    embedder: Embedder,
    cache: VectorCache,
    python: str,
    names: Sequence[str] = tuple(peer_script.PEERS),
    report: Callable[[str], None] = lambda _: None,
) -> list[Retriever]:
    """Ours first, then each of the others."""
    report(OURS)
    found = [_ours(one, embedder, cache)]
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        _hand_over(one, embedder, cache, folder)
        for name in names:
            report(name)
            found.append(_other(one, name, python, folder))
    return found


def _ours(one: RetrievalSet, embedder: Embedder, cache: VectorCache) -> Retriever:
    with tempfile.TemporaryDirectory() as kept:
        begun = time.perf_counter()
        with closing(library_of(one, embedder, cache, Path(kept))) as library:
            build_s = time.perf_counter() - begun
            for text in one.queries.values():
                embedder.embed_query(text)
            search(library, next(iter(one.queries.values())))
            runs: dict[str, list[str]] = {}

            def ask(query_id: str, text: str) -> None:
                runs[query_id] = [hit.passage.record for hit in search(library, text)]

            took = [milliseconds(lambda item=item: ask(*item)) for item in one.queries.items()]  # type: ignore[misc]
    return _retriever(one, OURS, runs, took, build_s)


def _hand_over(one: RetrievalSet, embedder: Embedder, cache: VectorCache, folder: Path) -> None:
    for kind, texts in (("corpus", one.corpus), ("queries", one.queries)):
        rows = [[key, text] for key, text in texts.items()]
        (folder / f"{kind}.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    np.save(folder / "corpus.npy", cache.embed(list(one.corpus.values()), lambda *_: None))
    np.save(folder / "queries.npy", np.array([embedder.embed_query(text) for text in one.queries.values()]))


def _other(one: RetrievalSet, name: str, python: str, folder: Path) -> Retriever:
    command = [python, peer_script.__file__, name, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return Retriever(one.name, name, missing=f"it failed: {done.stderr.strip().splitlines()[-1][:120]}")
    told = json.loads(done.stdout.splitlines()[-1])
    if "missing" in told:
        return Retriever(one.name, name, missing=told["missing"])
    return _retriever(one, name, told["found"], told["milliseconds"], told["build_s"])


def _retriever(
    one: RetrievalSet, name: str, runs: dict[str, list[str]], took: Sequence[float], build_s: float
) -> Retriever:
    ndcg = tuple(measure(runs[query_id], one.grades[query_id])[0] for query_id in one.queries)
    ordered = sorted(took)
    return Retriever(one.name, name, ndcg, median(took), ordered[int(0.95 * (len(ordered) - 1))], build_s)
