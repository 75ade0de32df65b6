"""Keyword search: BM25 over posting lists that are kept in the catalogue's file, one row per language and term.

A list is two arrays, the numbers of the passages that hold the term (ascending) and how often each does, so that a
search adds up whole arrays. SQLite's own full-text search ranks row by row: with 42,000 passages the same ranking took
it 170 to 330 ms where this takes a few, and cutting its terms down to the rare ones cost up to 0.04 nDCG@10.
The list under the empty term holds every passage of the language with its number of terms.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.stem import stem
from knowledge.words import terms

SCHEMA = """
CREATE TABLE keywords (number INTEGER PRIMARY KEY, language TEXT NOT NULL, terms TEXT NOT NULL);
CREATE TABLE postings (
    language TEXT NOT NULL, term TEXT NOT NULL, numbers BLOB NOT NULL, counts BLOB NOT NULL,
    PRIMARY KEY (language, term)
) WITHOUT ROWID;
"""
_K1, _B = 1.2, 0.75
_COMMON = 0.5
"""A term in more of the passages than this tells nothing, and is left out where the query has others."""
_MOST = 65_535
_MOST_KEPT = 2_000_000
"""Postings kept in memory, 12 bytes each, until all are read anew."""
Numbers = NDArray[np.uint32]
Counts = NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class _Lengths:
    """What BM25 needs of all passages of a language: how many there are, and `k1 (1 - b + b len / mean)` by number."""

    count: int
    norms: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Listed:
    """A posting list as it is added up: passage numbers, and what the term brings each of them."""

    numbers: NDArray[np.int64]
    gains: NDArray[np.float32]


class Keywords:
    """The posting lists of an open catalogue. The caller holds its lock."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lengths: dict[str, _Lengths] = {}
        self._listed: dict[tuple[str, str], _Listed | None] = {}
        self._kept = 0

    def forget(self) -> None:
        """Forget the lists that were read."""
        self._lengths.clear()
        self._listed.clear()
        self._kept = 0

    def add(self, rows: Iterable[tuple[int, str, str]]) -> None:
        """Add passages as (number, language, text); numbers ascend and are larger than any held."""
        lists: dict[tuple[str, str], list[tuple[int, int]]] = {}
        for number, language, text in rows:
            counts = Counter(stem(term) for term in terms(text))
            self._connection.execute("INSERT INTO keywords VALUES (?, ?, ?)", (number, language, " ".join(counts)))
            lists.setdefault((language, ""), []).append((number, counts.total()))
            for term, count in counts.items():
                lists.setdefault((language, term), []).append((number, count))
        for (language, term), pairs in lists.items():
            numbers, counted = self._list(language, term)
            fresh = np.array(pairs, np.int64)
            self._store(
                language,
                term,
                np.concatenate([numbers, fresh[:, 0].astype(np.uint32)]),
                np.concatenate([counted, np.minimum(fresh[:, 1], _MOST).astype(np.uint16)]),
            )
        self.forget()

    def remove(self, numbers: Sequence[int]) -> None:
        """Take passages out of every list that they stand in."""
        gone = json.dumps([*numbers])
        rows = self._connection.execute(
            "SELECT language, terms FROM keywords WHERE number IN (SELECT value FROM json_each(?))", (gone,)
        ).fetchall()
        touched = {(language, term) for language, held in rows for term in ["", *held.split()]}
        for language, term in touched:
            listed, counts = self._list(language, term)
            stays = ~np.isin(listed, np.array(numbers, np.uint32))
            self._store(language, term, listed[stays], counts[stays])
        self._connection.execute("DELETE FROM keywords WHERE number IN (SELECT value FROM json_each(?))", (gone,))
        self.forget()

    def score(self, language: str, query_terms: Sequence[str]) -> NDArray[np.float32]:
        """The BM25 score of each passage of the language, by passage number; 0 where it shares no term."""
        lengths = self._held_lengths(language)
        scores = np.zeros(len(lengths.norms), np.float32)
        wanted = sorted({stem(term) for term in query_terms} - {""})
        lists = [one for one in self._read(language, wanted, lengths) if one is not None]
        telling = [one for one in lists if len(one.numbers) <= _COMMON * lengths.count]
        for one in telling or lists:
            scores[one.numbers] += one.gains
        return scores

    def _read(self, language: str, wanted: Sequence[str], lengths: _Lengths) -> list[_Listed | None]:
        """The lists of these terms, None for a term that no passage has; kept for the questions that follow."""
        if self._kept > _MOST_KEPT:
            self._listed.clear()
            self._kept = 0
        missing = [term for term in wanted if (language, term) not in self._listed]
        if missing:
            rows = self._connection.execute(
                "SELECT term, numbers, counts FROM postings WHERE language = ?"
                " AND term IN (SELECT value FROM json_each(?))",
                (language, json.dumps(missing)),
            ).fetchall()
            found = {term: _listed(numbers, counts, lengths) for term, numbers, counts in rows}
            self._listed.update({(language, term): found.get(term) for term in missing})
            self._kept += len(missing) + sum(len(one.numbers) for one in found.values())
        return [self._listed[language, term] for term in wanted]

    def _held_lengths(self, language: str) -> _Lengths:
        held = self._lengths.get(language)
        if held is None:
            numbers, counts = self._list(language, "")
            norms = np.ones(int(numbers[-1]) + 1 if len(numbers) else 0, np.float32)
            if len(numbers):
                norms[numbers] = _K1 * (1 - _B + _B * counts / counts.mean())
            held = self._lengths[language] = _Lengths(len(numbers), norms)
        return held

    def _list(self, language: str, term: str) -> tuple[Numbers, Counts]:
        row = self._connection.execute(
            "SELECT numbers, counts FROM postings WHERE language = ? AND term = ?", (language, term)
        ).fetchone()
        numbers, counts = row or (b"", b"")
        return np.frombuffer(numbers, "<u4"), np.frombuffer(counts, "<u2")

    def _store(self, language: str, term: str, numbers: Numbers, counts: Counts) -> None:
        if len(numbers) == 0:
            self._connection.execute("DELETE FROM postings WHERE language = ? AND term = ?", (language, term))
            return
        self._connection.execute(
            "INSERT OR REPLACE INTO postings VALUES (?, ?, ?, ?)",
            (language, term, numbers.astype("<u4").tobytes(), counts.astype("<u2").tobytes()),
        )


def _listed(numbers: bytes, counts: bytes, lengths: _Lengths) -> _Listed:
    places = np.frombuffer(numbers, "<u4").astype(np.int64)
    often = np.frombuffer(counts, "<u2").astype(np.float32)
    rarity = np.float32(np.log1p((lengths.count - len(places) + 0.5) / (len(places) + 0.5)))
    return _Listed(places, rarity * np.float32(_K1 + 1) * often / (often + lengths.norms[places]))
