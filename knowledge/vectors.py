"""The vectors of a library version, in an embedded Chroma store or on a Chroma server (`chroma_http`).

They are derived from the catalogue and may be rebuilt from it at any time. Cosine space with a wider graph and search
than Chroma's defaults: those lose recall on bilingual vectors, and what they lose is the other language. Several
processes must not write to one embedded store; `library` sees to that.

On a server every version has collections of its own, which nobody changes once it is current. Their name is in the
version's folder, so that it travels with a version that is pushed and pulled. The library that made them, and only
that one, also holds a mark that they are its own, and clears them away with the version.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.catalogue import OPEN_END, OPEN_FROM
from knowledge.chroma_http import AT_ONCE, ChromaClient
from knowledge.chroma_server import ChromaServer
from knowledge.errors import LibraryBroken, LibraryError
from knowledge.kept_vectors import forget, keep, kept_ids, kept_rows
from knowledge.passage import Passage, Scope

_INDEX: Any = {"hnsw": {"space": "cosine", "ef_construction": 400, "ef_search": 400, "max_neighbors": 32}}
LANGUAGES = ("en", "zh")
_NAME = "on-server"
"""The file in a version's `vectors` folder that names its collections on a server."""
OWNED = ".owned-on-server"
"""The file beside it that says that this library made them. Never copied."""
_CARRIED = 4_096
"""Passages of which the vectors are in memory at once while they are carried to a new version."""
_READ_AT_ONCE = 2_048
"""Passages of which Chroma gives the vectors at once."""


class Vectors:
    """Passage vectors, one collection per language, so that each language's passages are ranked apart.

    Raises LibraryError or LibraryBroken, saying what to do, where they are not where the settings say.
    """

    def __init__(self, folder: Path, server: ChromaServer | None = None) -> None:
        check_place(folder, server)
        self._folder, self._server = folder, server
        self.deepest = AT_ONCE if server else 1_000_000_000
        """How many passages one search can give."""
        self._kept = {} if server else {language: kept_ids(folder, language) for language in LANGUAGES}
        counts = {language: len(ids) for language, ids in self._kept.items() if ids is not None}
        self._counts = counts if len(counts) == len(LANGUAGES) else self._counted()

    @cached_property
    def _client(self) -> Any:
        """The store, opened by what the files kept beside it cannot tell."""
        return ChromaClient(self._server) if self._server else _open_embedded(self._folder)

    @cached_property
    def _collections(self) -> dict[str, Any]:
        name = name_on_server(self._folder)
        if name:
            return {language: self._client.get_collection(f"{name}-{language}") for language in LANGUAGES}
        return {
            language: self._client.get_or_create_collection(
                f"passages-{language}", configuration=_INDEX, embedding_function=None
            )
            for language in LANGUAGES
        }

    def _counted(self) -> dict[str, int]:
        try:
            return {language: one.count() for language, one in self._collections.items()}
        except LibraryError:
            self.close()
            raise

    def close(self) -> None:
        """Give the store back."""
        if "_client" in self.__dict__:
            self._client.close()

    def check(self) -> None:
        """Raises LibraryError where the vectors cannot be reached."""
        if self._server is not None:
            self._client.check()

    def count(self, language: str | None = None) -> int:
        """How many vectors there are, in one language or in all."""
        return sum(self._counts.values()) if language is None else self._counts[language]

    def all(self, language: str) -> tuple[list[str], NDArray[np.float32]]:
        """All passage ids of one language and their vectors, shape (passages, dimension), rows in one order.

        Of an embedded store they are kept, and next time taken from what was kept.
        """
        held, kept = self._kept.get(language), kept_rows(self._folder, language)
        if held is not None and kept is not None and len(held) == len(kept):
            return held, kept
        ids: list[str] = []
        parts: list[NDArray[np.float32]] = []
        for found in self._pages(language):
            ids += found["ids"]
            parts.append(np.asarray(found["embeddings"], np.float32))
        rows = np.concatenate(parts)
        if self._server is None:
            keep(self._folder, language, ids, rows)
        return ids, rows

    def keep(self, most: int) -> None:
        """Keep, for those who only answer, the vectors of each language that has no more than `most`; else its ids."""
        for language, count in self._counts.items():
            if count > most:
                self.keep_ids(language)
            elif self._server is None:
                self.all(language)

    def keep_ids(self, language: str) -> None:
        """Keep the ids of a language, where they are not yet, so that whoever only answers can count them."""
        if self._server is None and self._kept.get(language) is None:
            keep(self._folder, language, self._collections[language].get(include=[])["ids"])

    def _pages(self, language: str) -> Iterator[Any]:
        """All of a language, part by part. Chroma gives numbers as Python's own, ten times the memory of the array."""
        collection = self._collections[language]
        if self._server is not None:  # whose client asks for parts itself
            yield collection.get(include=["embeddings"])
            return
        for begin in range(0, max(self._counts[language], 1), _READ_AT_ONCE):
            yield collection.get(include=["embeddings"], limit=_READ_AT_ONCE, offset=begin)

    def add(self, passages: Sequence[Passage], vectors: NDArray[np.float32]) -> None:
        """Add passages with their unit vectors, shape (len(passages), dimension)."""
        self._forget()
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
        self._forget()
        step = self._client.get_max_batch_size()
        for language, collection in self._collections.items():
            for begin in range(0, len(passage_ids), step):
                collection.delete(ids=list(passage_ids[begin : begin + step]))
            self._counts[language] = collection.count()

    def _forget(self) -> None:
        self._kept = {}
        forget(self._folder)

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


def _open_embedded(folder: Path) -> Any:
    import chromadb  # here, because it takes most of a second to load
    from chromadb.config import Settings

    return chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))


def is_in_place(folder: Path, server: ChromaServer | None) -> bool:
    """Whether a version's vectors are on a server, or in its folder, as `server` says."""
    return (folder / _NAME).is_file() == (server is not None)


def check_place(folder: Path, server: ChromaServer | None) -> None:
    """Raises LibraryBroken where a version's vectors are not where `server` says."""
    if server is None and not is_in_place(folder, server):
        raise LibraryBroken(
            "The vectors of this library are on a Chroma server. Set HKVA_CHROMA_URL, or build one here: hkva build"
        )
    if not is_in_place(folder, server):
        raise LibraryBroken(
            "HKVA_CHROMA_URL is set, but the vectors of this library are in its folder. Run: hkva build"
        )


def new_vectors(folder: Path, server: ChromaServer | None) -> Vectors:
    """Empty vectors of a new version."""
    if server is not None:
        name = f"hkva-{uuid.uuid4().hex}"
        folder.mkdir(exist_ok=True)
        (folder / OWNED).write_text(name, encoding="utf-8")  # before they are made: what is left of a crash is found
        with closing(ChromaClient(server)) as client:
            for language in LANGUAGES:
                client.create_collection(f"{name}-{language}", _INDEX)
        (folder / _NAME).write_text(name, encoding="utf-8")
    return Vectors(folder, server)


def carry_vectors(old: Path, folder: Path, server: ChromaServer, passages: Sequence[Passage]) -> Vectors:
    """Vectors of a new version on a server, with those of the passages that the old version has as well."""
    with ExitStack() as stack:
        carried = stack.enter_context(closing(new_vectors(folder, server)))
        before = stack.enter_context(closing(Vectors(old, server)))
        for language in LANGUAGES:
            chosen = [passage for passage in passages if passage.language == language]
            for begin in range(0, len(chosen), _CARRIED):
                part = chosen[begin : begin + _CARRIED]
                carried.add(part, before.get(language, [passage.id for passage in part]))
    return Vectors(folder, server)


def clear_vectors(folder: Path, server: ChromaServer | None) -> None:
    """Remove the collections that a version made on a server. Raises LibraryError where that cannot be reached."""
    if not (folder / OWNED).is_file():
        return
    if server is None:
        raise LibraryError("Collections of this version are left on a Chroma server. Set HKVA_CHROMA_URL.")
    name = (folder / OWNED).read_text(encoding="utf-8")
    with closing(ChromaClient(server)) as client:
        for language in LANGUAGES:
            client.delete_collection(f"{name}-{language}")


def name_on_server(folder: Path) -> str:
    """What a version's collections on a server are called; empty where its vectors are in its folder."""
    path = folder / _NAME
    return path.read_text(encoding="utf-8") if path.is_file() else ""


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
