"""The only door to Chroma. Its store is derived from the catalogue and may be rebuilt from it at any time.

Cosine space with a wider graph and search than Chroma's defaults: those lose recall on bilingual vectors, and what
they lose is the other language. Several processes must not write to one embedded store; `library` sees to that.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from chromadb.config import Settings
from numpy.typing import NDArray

from knowledge.catalogue import OPEN_END, OPEN_FROM
from knowledge.passage import Passage, Scope

_INDEX: Any = {"hnsw": {"space": "cosine", "ef_construction": 400, "ef_search": 400, "max_neighbors": 32}}
_LANGUAGES = ("en", "zh")


class Vectors:
    """Passage vectors, one collection per language, so that each language's passages are ranked apart."""

    def __init__(self, folder: Path) -> None:
        self._client: Any = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
        self._collections = {
            language: self._client.get_or_create_collection(
                f"passages-{language}",
                configuration=_INDEX,
                embedding_function=None,
            )
            for language in _LANGUAGES
        }
        self._counts = {language: one.count() for language, one in self._collections.items()}

    def close(self) -> None:
        """Give the store back."""
        self._client.close()

    def count(self, language: str | None = None) -> int:
        """How many vectors there are, in one language or in all."""
        return sum(self._counts.values()) if language is None else self._counts[language]

    def all(self, language: str) -> tuple[list[str], NDArray[np.float32]]:
        """All passage ids of one language and their vectors, shape (passages, dimension), rows in one order."""
        found: Any = self._collections[language].get(include=["embeddings"])
        return list(found["ids"]), np.ascontiguousarray(found["embeddings"], dtype=np.float32)

    def add(self, passages: Sequence[Passage], vectors: NDArray[np.float32]) -> None:
        """Add passages with their unit vectors, shape (len(passages), dimension)."""
        step = self._client.get_max_batch_size()
        for language, collection in self._collections.items():
            chosen = [i for i, passage in enumerate(passages) if passage.language == language]
            for begin in range(0, len(chosen), step):
                rows = chosen[begin : begin + step]
                collection.add(
                    ids=[passages[i].id for i in rows],
                    embeddings=vectors[rows],
                    metadatas=[_metadata(passages[i]) for i in rows],
                )
            self._counts[language] = collection.count()

    def remove(self, passage_ids: Sequence[str]) -> None:
        """Remove the passages with these ids."""
        step = self._client.get_max_batch_size()
        for language, collection in self._collections.items():
            for begin in range(0, len(passage_ids), step):
                collection.delete(ids=list(passage_ids[begin : begin + step]))
            self._counts[language] = collection.count()

    def get(self, language: str, passage_ids: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of passages of one language, shape (len(passage_ids), dimension), in the order given."""
        step = self._client.get_max_batch_size()
        held: dict[str, Any] = {}
        for begin in range(0, len(passage_ids), step):
            part = list(passage_ids[begin : begin + step])
            found: Any = self._collections[language].get(ids=part, include=["embeddings"])
            held.update(zip(found["ids"], found["embeddings"], strict=True))
        return np.array([held[passage_id] for passage_id in passage_ids], dtype=np.float32)

    def find_nearest(
        self, language: str, vector: NDArray[np.float32], scope: Scope, limit: int
    ) -> list[tuple[str, float]]:
        """Ids of the nearest passages in one language with their cosine, nearest first; in scope only."""
        count = self._counts[language]
        if count == 0:
            return []
        found = self._collections[language].query(
            query_embeddings=vector[np.newaxis, :],
            n_results=min(limit, count),
            where=_where(scope),
            include=["distances"],
        )
        ids, distances = found["ids"][0], (found["distances"] or [[]])[0]
        return [(passage_id, 1.0 - float(distance)) for passage_id, distance in zip(ids, distances, strict=True)]


def _metadata(passage: Passage) -> dict[str, Any]:
    return {
        "record": passage.record,
        "topic": passage.topic,
        "authority": passage.authority,
        "stage": passage.stage,
        "known_from": passage.known_from.toordinal() if passage.known_from else OPEN_FROM,
        "ends": passage.ends.toordinal() if passage.ends else OPEN_END,
    }


def _where(scope: Scope) -> dict[str, Any] | None:
    parts: list[dict[str, Any]] = []
    if scope.on is not None:
        day = scope.on.toordinal()
        parts.append({"known_from": {"$lte": day}})
        if scope.ended is not None:
            parts.append({"ends": {"$lte": day} if scope.ended else {"$gt": day}})
    if not scope.include_proposed:
        parts.append({"stage": {"$nin": ["proposed", "announced"]}})
    for key, chosen in (("topic", scope.topics), ("authority", scope.authorities)):
        if chosen:
            parts.append({key: {"$in": sorted(chosen)}})
    if scope.without:
        parts.append({"record": {"$nin": sorted(scope.without)}})
    if len(parts) < 2:
        return parts[0] if parts else None
    return {"$and": parts}
