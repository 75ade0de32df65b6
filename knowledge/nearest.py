"""The nearest passages to a question: by exact cosines where a language is small, over Chroma's graph where it is not.

One product of a matrix and a vector is quicker than a walk through the graph up to some tens of thousands of passages,
finds everything, and a scope costs it nothing. Beyond that the matrix would take the memory that the graph spares.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.passage import Scope
from knowledge.roster import Roster
from knowledge.vectors import LANGUAGES, Vectors

EXACT = 20_000
"""Passages of a language up to which it is searched exactly; their vectors take 1.5 kB each."""
_ANYTHING = Scope()


@dataclass(frozen=True, slots=True)
class _Rows:
    """The vectors of a language, shape (passages, dimension), and the number of the passage in each row."""

    numbers: NDArray[np.int64]
    matrix: NDArray[np.float32]


class Nearest:
    """Searches the vectors of one library. Safe to share between threads."""

    def __init__(self, vectors: Vectors, exact: int = EXACT) -> None:
        self._vectors = vectors
        self._exact = exact
        self._lock = threading.Lock()
        self._rows: dict[str, _Rows] = {}

    def hold(self, roster: Roster) -> None:
        """Read now what would else be read with the first search. Over a network that takes seconds."""
        for language in LANGUAGES:
            if 0 < self._vectors.count(language) <= self._exact:
                self._held(roster, language)

    @property
    def asks_store(self) -> bool:
        """Whether a search may still ask the store: a language is too large to be held, or has not been read yet."""
        return any(self._vectors.count(language) > 0 and language not in self._rows for language in LANGUAGES)

    def find(
        self, roster: Roster, language: str, vector: NDArray[np.float32], scope: Scope, limit: int
    ) -> list[tuple[int, float]]:
        """Numbers of the nearest passages in scope with their cosine, nearest first."""
        count = self._vectors.count(language)
        if count == 0:
            return []
        if count > self._exact:
            return self._by_graph(roster, language, vector, scope, limit)
        rows = self._held(roster, language)
        scores = cosines(rows.matrix, vector)
        inside = roster.inside(scope)[rows.numbers]
        places = np.arange(len(scores)) if inside.all() else np.flatnonzero(inside)
        if len(places) > limit:
            places = places[np.argpartition(-scores[places], limit)[:limit]]
        places = places[np.lexsort((rows.numbers[places], -scores[places]))]
        return list(zip(rows.numbers[places].tolist(), scores[places].tolist(), strict=True))

    def _held(self, roster: Roster, language: str) -> _Rows:
        with self._lock:
            rows = self._rows.get(language)
            if rows is None:
                ids, matrix = self._vectors.all(language)
                numbers = np.array([roster.number[passage_id] for passage_id in ids], np.int64)
                rows = self._rows[language] = _Rows(numbers, matrix)
            return rows

    def _by_graph(
        self, roster: Roster, language: str, vector: NDArray[np.float32], scope: Scope, limit: int
    ) -> list[tuple[int, float]]:
        """The nearest in scope.

        A filter costs the graph more the more passages pass it (13 times the search at 4,000), while most scopes leave
        few out: so a few more are taken without one, then many more where that promises enough, and the filter is
        asked only where most passages are out of scope.
        """
        inside = roster.inside(scope)
        for reach in (limit + limit // 2, min(8 * limit, self._vectors.deepest)):
            nearest = self._vectors.find_nearest(language, vector, _ANYTHING, reach)
            found = [(roster.number[passage_id], cosine) for passage_id, cosine in nearest]
            within = [one for one in found if inside[one[0]]]
            if len(within) >= limit or len(nearest) < reach:
                return within[:limit]
            if len(within) < limit // 5:
                break
        scoped = self._vectors.find_nearest(language, vector, scope, limit)
        return [(roster.number[passage_id], cosine) for passage_id, cosine in scoped]


def cosines(matrix: NDArray[np.float32], vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """The product of unit rows and a unit vector, on the caller's thread alone.

    `@` would wake a thread of the linear algebra library for every processor, which then spin for a while: eight times
    the processor time for one question, taken from the questions beside it.
    """
    product: NDArray[np.float32] = np.einsum("ij,j->i", matrix, vector)
    return product
