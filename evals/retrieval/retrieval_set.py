"""A retrieval set: texts, queries, and which texts answer each. A library can be made of it, to be searched as ours.

On disk it is a folder with `corpus.jsonl` ({"id", "text", "title"?}), `queries.jsonl` ({"id", "text"}) and `qrels.tsv`
(query, passage, grade). Queries without an answer are left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge.catalogue import Catalogue
from knowledge.embed import Embedder
from knowledge.library import Library, layout_name
from knowledge.passage import Passage
from knowledge.vector_cache import VectorCache
from knowledge.vectors import Vectors
from knowledge.words import has_han


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """Texts and queries by id, and the grades of the texts that answer a query."""

    name: str
    corpus: Mapping[str, str]
    queries: Mapping[str, str]
    grades: Mapping[str, Mapping[str, int]]


def read_set(folder: Path) -> RetrievalSet:
    """The set in a folder."""
    corpus = {row["id"]: f"{row.get('title') or ''}\n{row['text']}".strip() for row in _rows(folder / "corpus.jsonl")}
    grades = _grades(folder / "qrels.tsv")
    queries = {row["id"]: row["text"] for row in _rows(folder / "queries.jsonl") if row["id"] in grades}
    return RetrievalSet(folder.name, corpus, queries, grades)


def library_of(one: RetrievalSet, embedder: Embedder, cache: VectorCache, folder: Path, glossary: str = "") -> Library:
    """An open library whose sections are the set's texts, written into the empty `folder`."""
    passages = [Passage(key, "section", key, "zh" if has_han(text) else "en", text) for key, text in one.corpus.items()]
    catalogue, vectors = Catalogue(folder / "catalogue.sqlite", create=True), Vectors(folder / "vectors")
    meta = {"layout": layout_name(), "embedder": embedder.name, "corpus": one.name, "glossary": glossary}
    with catalogue.writing():
        for key, value in meta.items():
            catalogue.set_meta(key, value)
        catalogue.add_passages((passage, passage.text) for passage in passages)
    vectors.add(passages, cache.embed([passage.text for passage in passages], lambda *_: None))
    catalogue.close()
    vectors.close()
    return Library(folder, embedder)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _grades(path: Path) -> dict[str, dict[str, int]]:
    graded: dict[str, dict[str, int]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        query, passage, grade = line.split("\t")[:3]
        if grade.isdigit() and int(grade) > 0:
            graded.setdefault(query, {})[passage] = int(grade)
    return graded
