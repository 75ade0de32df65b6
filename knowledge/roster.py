"""What a search needs of every passage, held in memory by its number: its id, its record, and whether it is in scope.

Both indexes give numbers or ids by the hundred, of which few are shown. Asking SQLite for each of them cost more than
the search itself; whole columns cost some 100 bytes a passage and are read once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from knowledge.passage import Scope

SELECT = (
    "SELECT number, id, kind, record, topic, authority, known_from, ends, stage, language FROM passages ORDER BY number"
)
Row = tuple[int, str, str, str, str, str, int, int, str, str]
"""One passage as `SELECT` gives it."""
_PROPOSED = frozenset({"proposed", "announced"})
_SCOPES = 32


class Roster:
    """All passages of an open catalogue. Safe to share between threads."""

    def __init__(self, rows: Iterable[Row]) -> None:
        held = list(rows)
        size = held[-1][0] + 1 if held else 0
        numbers = [row[0] for row in held]
        self.ids = [""] * size
        self.keys = [""] * size
        """The record that a passage stands for: its rule, or the section itself."""
        for number, passage_id, kind, record, *_ in held:
            self.ids[number] = passage_id
            self.keys[number] = passage_id if kind == "section" else record
        self.number = dict(zip((row[1] for row in held), numbers, strict=True))
        self._record = _Column(size, numbers, [row[3] for row in held])
        self._topic = _Column(size, numbers, [row[4] for row in held])
        self._authority = _Column(size, numbers, [row[5] for row in held])
        self._stage = _Column(size, numbers, [row[8] for row in held])
        self._language = _Column(size, numbers, [row[9] for row in held])
        self._known = np.zeros(size, np.int32)
        self._known[numbers] = [row[6] for row in held]
        self._ends = np.zeros(size, np.int32)
        self._ends[numbers] = [row[7] for row in held]
        self._lock = threading.Lock()
        self._cached_inside = lru_cache(maxsize=_SCOPES)(self._inside)

    def numbers_in(self, language: str) -> NDArray[np.int64]:
        """The numbers of all passages of a language, ascending."""
        return np.flatnonzero(self._language.any_of([language]))

    def inside(self, scope: Scope) -> NDArray[np.bool_]:
        """Which passages are in scope, by number. Read-only, remembered for the last scopes."""
        with self._lock:
            return self._cached_inside(scope)

    def _inside(self, scope: Scope) -> NDArray[np.bool_]:
        chosen = np.ones(len(self.ids), bool)
        if scope.on is not None:
            day = scope.on.toordinal()
            chosen &= self._known <= day
            if scope.ended is not None:
                chosen &= (self._ends <= day) == scope.ended
        if not scope.include_proposed:
            chosen &= ~self._stage.any_of(_PROPOSED)
        for column, wanted in ((self._topic, scope.topics), (self._authority, scope.authorities)):
            if wanted:
                chosen &= column.any_of(wanted)
        if scope.without:
            chosen &= ~self._record.any_of(scope.without)
        chosen.flags.writeable = False
        return chosen


class _Column:
    """A word of each passage, kept as a small number."""

    def __init__(self, size: int, numbers: list[int], words: list[str]) -> None:
        self._codes = {word: code for code, word in enumerate(dict.fromkeys(words))}
        self._held = np.full(size, -1, np.int32)
        self._held[numbers] = [self._codes[word] for word in words]

    def any_of(self, words: Iterable[str]) -> NDArray[np.bool_]:
        wanted = [self._codes[word] for word in words if word in self._codes]
        return np.isin(self._held, wanted)
