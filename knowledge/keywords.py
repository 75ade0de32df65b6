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
_MOST_KEPT = 96_000_000
"""Bytes of lists that are kept in memory, those asked for last."""
_WHOLE = 16
"""A list that holds one passage of so many is kept with a place for every passage."""
_ANY = float(np.finfo(np.float32).tiny)
"""Less than what any term brings a passage."""
Numbers = NDArray[np.uint32]
Counts = NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class _Held:
    """What BM25 needs of all passages of a language: their numbers, ascending, and `k1 (1 - b + b len / mean)` of each.

    A passage's place is where it stands here.
    """

    numbers: NDArray[np.int64]
    norms: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Listed:
    """A posting list as it is added up: how many passages have the term, their places, and what it brings each.

    `places` is None where there are so many that `gains` holds all passages of the language: adding whole arrays takes
    a twentieth of the time, for each number, of adding at places.
    """

    count: int
    places: NDArray[np.int64] | None
    gains: NDArray[np.float32]


class Keywords:
    """The posting lists of an open catalogue. The caller holds its lock."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._held: dict[str, _Held] = {}
        self._listed: dict[tuple[str, str], _Listed | None] = {}
        self._kept = 0

    def forget(self) -> None:
        """Forget the lists that were read."""
        self._held.clear()
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

    def best(
        self, language: str, query_terms: Sequence[str], inside: NDArray[np.bool_], limit: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Numbers of the passages of a language that score best, and their BM25 scores, best first.

        `inside` says by passage number which may be found. Of equal scores the first added stands first; passages that
        share no term with the query are none of them.
        """
        held = self._read_held(language)
        wanted = sorted({stem(term) if term.isascii() else term for term in query_terms} - {""})
        lists = [one for one in self._read(language, wanted, held) if one is not None]
        telling = [one for one in lists if one.count <= _COMMON * len(held.numbers)]
        scores, least = _added_up(telling or lists, len(held.numbers), inside[held.numbers], limit)
        places = np.flatnonzero(scores >= least)
        if len(places) > limit:
            least = np.partition(scores[places], -limit)[-limit]
            places = places[scores[places] >= least]
        places = places[np.lexsort((places, -scores[places]))][:limit]
        return held.numbers[places], scores[places]

    def _read(self, language: str, wanted: Sequence[str], held: _Held) -> list[_Listed | None]:
        """The lists of these terms, None for a term that no passage has; kept for the questions that follow."""
        missing = [term for term in wanted if (language, term) not in self._listed]
        found: dict[str, _Listed | None] = dict.fromkeys(missing)
        if missing:
            rows = self._connection.execute(
                "SELECT term, numbers, counts FROM postings WHERE language = ?"
                " AND term IN (SELECT value FROM json_each(?))",
                (language, json.dumps(missing)),
            )
            found |= {term: _listed(numbers, counts, held) for term, numbers, counts in rows}
            self._kept += sum(_bytes(one) for one in found.values())
        lists = [found[term] if term in found else self._listed.pop((language, term)) for term in wanted]
        self._listed |= {(language, term): one for term, one in zip(wanted, lists, strict=True)}
        while self._kept > _MOST_KEPT:
            eldest = next(iter(self._listed))
            self._kept -= _bytes(self._listed.pop(eldest))
        return lists

    def _read_held(self, language: str) -> _Held:
        held = self._held.get(language)
        if held is None:
            numbers, counts = self._list(language, "")
            lengths = counts.astype(np.float32)
            norms = _K1 * (1 - _B + _B * lengths / lengths.mean()) if len(lengths) else lengths
            held = self._held[language] = _Held(numbers.astype(np.int64), norms.astype(np.float32))
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


def _bytes(one: _Listed | None) -> int:
    return 0 if one is None else one.gains.nbytes + (0 if one.places is None else one.places.nbytes)


def _listed(numbers: bytes, counts: bytes, held: _Held) -> _Listed:
    places = np.searchsorted(held.numbers, np.frombuffer(numbers, "<u4").astype(np.int64))
    often = np.frombuffer(counts, "<u2").astype(np.float32)
    rarity = np.float32(np.log1p((len(held.numbers) - len(places) + 0.5) / (len(places) + 0.5)))
    gains = rarity * np.float32(_K1 + 1) * often / (often + held.norms[places])
    if len(places) * _WHOLE <= len(held.numbers):
        return _Listed(len(places), places, gains)
    whole = np.zeros(len(held.numbers), np.float32)
    whole[places] = gains
    return _Listed(len(places), None, whole)


def _added_up(
    lists: Sequence[_Listed], count: int, inside: NDArray[np.bool_], limit: int
) -> tuple[NDArray[np.float32], float]:
    """The scores of all passages of a language by their places, 0 outside, and a score that the `limit` best reach.

    That is the one which so many passages with a rare term reach: it spares sorting all that have a common one.
    """
    scores = np.zeros(count, np.float32)
    rare = [one for one in lists if one.places is not None]
    for one in rare:
        scores[one.places] += one.gains
    for one in lists:
        if one.places is None:
            scores += one.gains
    scores *= inside
    least = _ANY
    for one in sorted(rare, key=lambda one: one.count):
        if one.count >= limit:
            least = max(least, float(np.partition(scores[one.places], -limit)[-limit]))
            break
    return scores, least
