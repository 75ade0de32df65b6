"""The nearest passages to a question: by exact cosines where a language is small, roughly first where it is not
(`rough`), and over Chroma's graph where it is larger than a machine should hold, or on a server.

One product of a matrix and a vector is quicker than a walk through the graph up to some hundred thousand passages,
finds everything, and a scope costs it nothing.

Cosines of two languages do not compare as they stand: passages of a language lie in a narrow cone of their own, so the
asker's own stands nearer as a whole. What compares is how far a question leans towards a passage beyond what all
passages of its language share: its cosine less that with the language's centre, over the passage's distance from it.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.passage import Scope
from knowledge.roster import Roster
from knowledge.rough import Rough, open_rough
from knowledge.vectors import LANGUAGES, Vectors

EXACT = 10_000
"""Passages of a language up to which it is searched exactly; their vectors take 1.5 kB each, all read each time."""
ROUGH = 500_000
"""Passages of a language up to which it is searched roughly first; 1.2 kB each, of which 0.8 in a file."""
HELD = 40_000
"""The same where the vectors are on a server, and what is held of them is read when a library is opened."""
_ANYTHING = Scope()
_AT_ONCE = 1_024
_REMEMBERED = 4
"""Vectors of which the cosines are remembered: those of the question at hand and of its readings."""
_FEW = 1
"""Passages of the other language that a language's centre is steadied with: a lone passage has none of its own."""
_PROBES = 16
_PROBED = 32
"""Over the graph a centre is taken from so many passages in each of so many directions and their opposites."""
_LEAST = 0.1
"""No distance counts less, so that a lone passage, which is its own centre, divides nothing by nothing."""


@dataclass(frozen=True, slots=True)
class _Exact:
    """The vectors of a language as columns (`cosines`), and the number of the passage in each."""

    numbers: NDArray[np.int64]
    columns: NDArray[np.float32]

    @property
    def mean(self) -> NDArray[np.float32]:
        """The mean of all vectors."""
        found: NDArray[np.float32] = self.columns.mean(axis=1)
        return found

    def cosines(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cosines to all passages."""
        return cosines(self.columns, vector)

    def rows(self, places: NDArray[np.int64]) -> NDArray[np.float32]:
        """The vectors that stand at these places, shape (places, dimension)."""
        return self.columns[:, places].T

    def find(
        self, _: NDArray[np.float32], scores: NDArray[np.float32], inside: NDArray[np.bool_], limit: int
    ) -> list[tuple[int, float]]:
        """Numbers of the nearest passages with their cosine, nearest first; `inside` says by number which are taken."""
        taken = inside[self.numbers]
        places = np.arange(len(scores)) if taken.all() else np.flatnonzero(taken)
        if len(places) > limit:
            places = places[np.argpartition(-scores[places], limit)[:limit]]
        places = places[np.lexsort((self.numbers[places], -scores[places]))]
        return list(zip(self.numbers[places].tolist(), scores[places].tolist(), strict=True))


_Held = _Exact | Rough


@dataclass(frozen=True, slots=True)
class Centre:
    """What the passages of a language share, and how far from it they lie, as a root mean square."""

    vector: NDArray[np.float32]
    spread: float


class Nearest:
    """Searches the vectors of one library. Safe to share between threads.

    `exact` and `rough` are the passages of a language up to which it is searched so; `folder` is where the files of
    `rough` are, which without one is kept in memory.
    """

    def __init__(self, vectors: Vectors, exact: int = EXACT, folder: Path | None = None, rough: int = 0) -> None:
        self._vectors = vectors
        self._folder = folder
        self._exact = exact
        self._most = rough
        self._lock = threading.Lock()
        self._held: dict[str, _Held] = {}
        self._lately: dict[str, tuple[tuple[NDArray[np.float32], NDArray[np.float32]], ...]] = {}
        self._centres: dict[str, Centre] = {}
        self._distances: dict[int, float] = {}

    def hold(self, roster: Roster) -> None:
        """Read now what would else be read with the first search. Over a network that takes seconds."""
        for language in LANGUAGES:
            if self._vectors.count(language):
                self._of(roster, language)

    @property
    def asks_store(self) -> bool:
        """Whether a search may still ask the store: a language is too large to be held, or has not been read yet."""
        return any(self._vectors.count(language) > 0 and language not in self._held for language in LANGUAGES)

    def find(
        self, roster: Roster, language: str, vector: NDArray[np.float32], scope: Scope, limit: int
    ) -> list[tuple[int, float]]:
        """Numbers of the nearest passages in scope with their cosine, nearest first."""
        if self._vectors.count(language) == 0:
            return []
        held = self._of(roster, language)
        if held is None:
            return self._by_graph(roster, language, vector, scope, limit)
        return held.find(vector, self._cosines(held, language, vector), roster.inside(scope), limit)

    def rows_of(self, roster: Roster, language: str, passage_ids: Sequence[str]) -> NDArray[np.int64] | None:
        """Where passages stand in what `cosines_of_all` gives; None where a language is too large to be held."""
        held = self._of(roster, language) if self._vectors.count(language) else None
        if held is None:
            return None
        row_of = {number: row for row, number in enumerate(held.numbers.tolist())}
        return np.array([row_of[roster.number[passage_id]] for passage_id in passage_ids], np.int64)

    def rows(self, roster: Roster, language: str, places: NDArray[np.int64]) -> NDArray[np.float32]:
        """Vectors of a language that is held, by their places in `cosines_of_all`, shape (places, dimension)."""
        held = self._of(roster, language)
        assert held is not None
        return held.rows(places)

    def cosines_of_all(self, roster: Roster, language: str, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cosines of a vector to all passages of a language that is held, in the order of `rows_of`; read-only, and in
        a language that is searched roughly not exact.

        What a search has worked out for the same vector a moment ago is not worked out again.
        """
        held = self._of(roster, language)
        assert held is not None
        return self._cosines(held, language, vector)

    def _cosines(self, held: _Held, language: str, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        lately = self._lately.get(language, ())
        for asked, scores in lately:
            if asked is vector:
                return scores
        scores = held.cosines(vector)
        scores.flags.writeable = False
        if not vector.flags.writeable:  # one that cannot change, as an embedder remembers them
            self._lately[language] = ((vector, scores), *lately[: _REMEMBERED - 1])
        return scores

    def centre(self, roster: Roster, language: str, dimension: int) -> Centre:
        """The centre of a language that has passages, whatever the scope."""
        held = self._centres.get(language)
        if held is None:
            count, own = self._vectors.count(language), self._mean(roster, language, dimension)
            mean = own
            for other in LANGUAGES:
                if other != language and self._vectors.count(other):
                    beside = self._mean(roster, other, dimension)
                    mean = ((count * mean + _FEW * beside) / (count + _FEW)).astype(np.float32)
            # The mean square of unit vectors' distances from a point, by their own mean alone.
            spread = math.sqrt(max(float(1.0 - 2.0 * own @ mean + mean @ mean), 0.0))
            held = self._centres[language] = Centre(mean, max(spread, _LEAST))
        return held

    def distances(self, roster: Roster, language: str, numbers: Sequence[int], centre: Centre) -> list[float]:
        """How far each of these passages lies from the centre of its language."""
        missing = [number for number in numbers if number not in self._distances]
        if missing:
            held = self._of(roster, language)
            if isinstance(held, Rough):
                rows = held.rows(np.searchsorted(held.numbers, missing))
            elif held is None:
                rows = self._vectors.get(language, [roster.ids[number] for number in missing])
            else:
                missing, rows = held.numbers.tolist(), held.columns.T
            found = np.maximum(_distances(rows, centre.vector), _LEAST)
            self._distances.update(zip(missing, found.tolist(), strict=True))
        return [self._distances[number] for number in numbers]

    def _mean(self, roster: Roster, language: str, dimension: int) -> NDArray[np.float32]:
        """The mean of all vectors of a language, over the graph that of some."""
        held = self._of(roster, language)
        return self._sampled(language, dimension) if held is None else held.mean

    def _sampled(self, language: str, dimension: int) -> NDArray[np.float32]:
        """The mean of those nearest to directions that say nothing of any text."""
        draw = np.random.default_rng(1)
        found: dict[str, None] = {}
        for _ in range(_PROBES):
            way = draw.normal(size=dimension).astype(np.float32)
            for probe in (way / np.linalg.norm(way), -way / np.linalg.norm(way)):
                nearest = self._vectors.find_nearest(language, probe, _ANYTHING, _PROBED)
                found.update((passage_id, None) for passage_id, _ in nearest)
        sampled: NDArray[np.float32] = self._vectors.get(language, list(found)).mean(axis=0)
        return sampled

    def _of(self, roster: Roster, language: str) -> _Held | None:
        """What is held of a language that has passages; None where it is searched over the graph."""
        with self._lock:
            held, count = self._held.get(language), self._vectors.count(language)
            if held is not None or count > max(self._exact, self._most):
                return held
            held = self._exactly(roster, language) if count <= self._exact else self._roughly(roster, language)
            self._held[language] = held
            return held

    def _exactly(self, roster: Roster, language: str) -> _Exact:
        ids, matrix = self._vectors.all(language)
        numbers = np.array([roster.number[passage_id] for passage_id in ids], np.int64)
        return _Exact(numbers, np.ascontiguousarray(matrix.T))

    def _roughly(self, roster: Roster, language: str) -> Rough:
        def get(numbers: NDArray[np.int64]) -> NDArray[np.float32]:
            return self._vectors.get(language, [roster.ids[number] for number in numbers])

        self._vectors.keep_ids(language)
        path = self._folder / f"rough-{language}.npy" if self._folder else None
        return open_rough(path, roster.numbers_in(language), get)

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


def cosines(columns: NDArray[np.float32], vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """The products of a unit vector and unit columns, shape (dimension, passages), on the caller's thread alone.

    One `@` would wake a thread of the linear algebra library for every processor, which then spin for a while: eight
    times the processor time for one question, taken from the questions beside it. A product of so many columns stays
    below the size from which it does. Columns that lie together take a third of the time of rows.
    """
    products = np.empty(columns.shape[1], np.float32)
    for begin in range(0, columns.shape[1], _AT_ONCE):
        np.matmul(vector, columns[:, begin : begin + _AT_ONCE], out=products[begin : begin + _AT_ONCE])
    return products


def _distances(rows: NDArray[np.float32], centre: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far unit rows lie from a centre."""
    found: NDArray[np.float32] = np.sqrt(np.maximum(1.0 - 2.0 * cosines(rows.T, centre) + centre @ centre, 0.0))
    return found
