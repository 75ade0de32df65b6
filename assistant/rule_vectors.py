"""Cosines of a question to the passages of rules: those that the search has worked out, where it did.

A language whose vectors are held has all cosines, those of a larger one roughly. Of one that is searched over the
graph the rules' vectors are held here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge.library import Library
from knowledge.nearest import cosines


class RuleVectors:
    """Over the passages named, by language."""

    def __init__(self, library: Library, passage_ids: Mapping[str, Sequence[str]]) -> None:
        self._roster, self._nearest = library.catalogue.roster, library.nearest
        self._rows: dict[str, NDArray[np.int64]] = {}
        self._columns: dict[str, NDArray[np.float32]] = {}
        for language, ids in passage_ids.items():
            rows = self._nearest.rows_of(self._roster, language, ids)
            if rows is not None:
                self._rows[language] = rows
            else:
                self._columns[language] = np.ascontiguousarray(library.vectors.get(language, ids).T)

    def cosines(self, language: str, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cosines to the passages of a language, in the order in which they were named."""
        if language in self._rows:
            return self._nearest.cosines_of_all(self._roster, language, vector)[self._rows[language]]
        return cosines(self._columns[language], vector)

    def columns(self, language: str, places: NDArray[np.int64]) -> NDArray[np.float32]:
        """The vectors of some of the passages of a language, shape (dimension, places)."""
        if language in self._rows:
            return self._nearest.rows(self._roster, language, self._rows[language][places]).T
        return self._columns[language][:, places]
