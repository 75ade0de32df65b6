from __future__ import annotations

from contextlib import closing
from datetime import date
from pathlib import Path

from evals.performance.grown import grow
from knowledge.embed import open_embedder
from knowledge.library import Library, open_library
from knowledge.passage import Scope
from knowledge.retrieval import search
from knowledge.settings import KnowledgeSettings


def test_grown_library_is_searched_like_any_and_is_the_same_each_time(
    small_knowledge: KnowledgeSettings, tmp_path: Path
) -> None:
    embedder = open_embedder(small_knowledge)
    found = []
    with closing(open_library(small_knowledge.library_dir, embedder)) as library:
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            grow(library, tmp_path / name, 90)
            with closing(Library(tmp_path / name, embedder)) as grown:
                assert grown.catalogue.count_passages() == 90
                found.append([hit.passage for hit in search(grown, "What is needed?", Scope(on=date(2026, 1, 1)))])
    assert found[0] == found[1]
    assert found[0]
