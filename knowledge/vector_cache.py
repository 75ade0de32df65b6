"""Vectors by content, kept between builds, so that only texts never seen with this embedder are embedded."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.embed import Embedder
from knowledge.processors import processors

Progress = Callable[[str, int, int], None]
"""Told the stage, how much of it is done and how much there is."""
_Make = Callable[[Sequence[str], Callable[[int], None]], NDArray[np.float32]]
_QUESTION = "?\0"
"""How the name of a text begins that is embedded as a question."""
_SLAB = 512
"""Texts after which new vectors are stored, so that a build that is ended goes on where it was."""


class VectorCache:
    """Vectors of one embedder in one SQLite file. Only the holder of the library's lock writes to it."""

    def __init__(self, path: Path, embedder: Embedder) -> None:
        self._embedder = embedder
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path)
        self._connection.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL)")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def embed(self, texts: Sequence[str], report: Progress) -> NDArray[np.float32]:
        """Unit vectors of passages, shape (len(texts), dimension), in the order given."""
        return self._embed(texts, texts, self._embedder.embed_passages, report)

    def embed_questions(self, texts: Sequence[str], report: Progress) -> NDArray[np.float32]:
        """The same of texts that are embedded as questions are, to be held against questions."""

        def embed(questions: Sequence[str], advance: Callable[[int], None]) -> NDArray[np.float32]:
            vectors = np.empty((len(questions), self._embedder.dimension), np.float32)
            with ThreadPoolExecutor(processors()) as pool:
                for place, vector in enumerate(pool.map(self._embedder.embed_query, questions)):
                    vectors[place] = vector
                    advance(1)
            return vectors

        return self._embed(texts, [f"{_QUESTION}{text}" for text in texts], embed, report)

    def _embed(self, texts: Sequence[str], named: Sequence[str], make: _Make, report: Progress) -> NDArray[np.float32]:
        """What is kept under these names, or is made of the texts."""
        vectors = np.empty((len(texts), self._embedder.dimension), np.float32)
        keys = [self._key(name) for name in named]
        places: dict[bytes, list[int]] = {}
        for place, key in enumerate(keys):
            held = self._find(key)
            if held is None:
                places.setdefault(key, []).append(place)
            else:
                vectors[place] = held
        missing = list(places)
        done = 0

        def advance(more: int) -> None:
            nonlocal done
            done += more
            report("embed", done, len(missing))

        for start in range(0, len(missing), _SLAB):
            slab = missing[start : start + _SLAB]
            fresh = make([texts[places[key][0]] for key in slab], advance)
            self._keep(slab, fresh)
            for key, vector in zip(slab, fresh, strict=True):
                vectors[places[key]] = vector
        return vectors

    def keep(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Take in vectors that came about elsewhere, shape (len(texts), dimension)."""
        self._keep([self._key(text) for text in texts], vectors)

    def _keep(self, keys: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        with self._connection:
            rows = ((key, vector.tobytes()) for key, vector in zip(keys, vectors, strict=True))
            self._connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self._embedder.name}\0{text}".encode()).digest()

    def _find(self, key: bytes) -> NDArray[np.float32] | None:
        row = self._connection.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
        return None if row is None else np.frombuffer(row[0], dtype=np.float32)
