"""The catalogue: sources, rules, passages and keywords in one SQLite file. It is the truth; vectors are derived.

A catalogue is written once, inside a library version that nobody reads yet, and only read afterwards.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from knowledge.errors import LibraryBroken, NotHeld
from knowledge.held import Held
from knowledge.keywords import SCHEMA as KEYWORDS_SCHEMA
from knowledge.keywords import Keywords
from knowledge.passage import Locus, Passage, Scope
from knowledge.records import rule_from_json, rule_to_json, source_from_json, source_to_json
from knowledge.roster import SELECT as ROSTER
from knowledge.roster import Roster
from knowledge.rule import Rule
from knowledge.source import Source

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE sources (id TEXT PRIMARY KEY, ingested INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE held (
    source TEXT PRIMARY KEY REFERENCES sources (id), origin TEXT UNIQUE NOT NULL, digest TEXT NOT NULL,
    etag TEXT, last_modified TEXT, final_url TEXT
);
CREATE TABLE rules (id TEXT PRIMARY KEY, topic TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE aliases (alias TEXT PRIMARY KEY, rule TEXT NOT NULL REFERENCES rules (id));
CREATE TABLE passages (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, kind TEXT NOT NULL, record TEXT NOT NULL,
    language TEXT NOT NULL, text TEXT NOT NULL, topic TEXT NOT NULL, authority TEXT NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, known_from INTEGER NOT NULL, ends INTEGER NOT NULL,
    stage TEXT NOT NULL, headings TEXT NOT NULL, page INTEGER
);
CREATE INDEX passages_by_record ON passages (record);
"""
OPEN_FROM, OPEN_END = 0, 9_999_999
"""Ordinals that stand for "always known" and "no end"."""
_KEPT_PASSAGES = 20_000
"""Passages that are kept once read, some 1.5 kB each."""


class Catalogue:
    """An open catalogue. Safe to share between threads: one connection, one lock."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self._lock = threading.RLock()
        if not create and not path.is_file():
            raise LibraryBroken(f"The catalogue {path} is missing. Run: hkva build")
        self._connection = sqlite3.connect(path, check_same_thread=False)
        if create:
            self._connection.executescript(_SCHEMA + KEYWORDS_SCHEMA)
        self._keywords = Keywords(self._connection)
        self._roster: Roster | None = None
        self._read_passages: dict[str, Passage] = {}

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: all of what is added inside, or nothing."""
        with self._lock:
            try:
                with self._connection:
                    yield
            finally:
                self._forget()

    def set_meta(self, key: str, value: str) -> None:
        """Remember a fact about the library itself."""
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def get_meta(self, key: str) -> str:
        """A remembered fact; raises LibraryBroken where it is missing."""
        row = self._one("SELECT value FROM meta WHERE key = ?", key)
        if row is None:
            raise LibraryBroken(f"The catalogue says nothing of {key!r}. Run: hkva build")
        return str(row[0])

    def add_source(self, source: Source) -> None:
        """Add or replace a source."""
        self._connection.execute(
            "INSERT OR REPLACE INTO sources VALUES (?, ?, ?)", (source.id, source.ingested, source_to_json(source))
        )

    def add_held(self, held: Held) -> None:
        """Remember the origin of an ingested source."""
        row = (held.source, held.origin, held.digest, held.etag, held.last_modified, held.final_url)
        self._connection.execute("INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?, ?, ?)", row)

    def held(self) -> list[Held]:
        """The origins of all ingested sources."""
        return [Held(*row) for row in self._all("SELECT * FROM held ORDER BY source")]

    def add_rule(self, rule: Rule) -> None:
        """Add a rule and its aliases."""
        self._connection.execute("INSERT INTO rules VALUES (?, ?, ?)", (rule.id, rule.topic, rule_to_json(rule)))
        self._connection.executemany("INSERT INTO aliases VALUES (?, ?)", [(alias, rule.id) for alias in rule.aliases])

    def add_passages(self, passages: Iterable[tuple[Passage, str]]) -> None:
        """Add passages, each with the text that its keywords are taken from (empty: found by vector only)."""
        worded: list[tuple[int, str, str]] = []
        for passage, keyword_text in passages:
            cursor = self._connection.execute(
                "INSERT INTO passages (id, kind, record, language, text, topic, authority, start, end, known_from,"
                " ends, stage, headings, page) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                _row_of(passage),
            )
            if keyword_text and cursor.lastrowid:
                worded.append((cursor.lastrowid, passage.language, keyword_text))
        self._keywords.add(worded)
        self._forget()

    def remove_source(self, source_id: str) -> list[str]:
        """Remove a source with its passages; returns the ids of the passages that went."""
        rows = self._all("SELECT number, id FROM passages WHERE record = ?", source_id)
        self._keywords.remove([number for number, _ in rows])
        self._connection.execute("DELETE FROM passages WHERE record = ?", (source_id,))
        self._connection.execute("DELETE FROM held WHERE source = ?", (source_id,))
        self._connection.execute("DELETE FROM sources WHERE id = ?", (source_id,))
        self._forget()
        return [str(passage_id) for _, passage_id in rows]

    def _forget(self) -> None:
        """Forget what was read of passages that are others now."""
        self._roster = None
        self._read_passages.clear()
        self._keywords.forget()

    def sources(self) -> dict[str, Source]:
        """All sources by id."""
        return {str(row[0]): source_from_json(row[1]) for row in self._all("SELECT id, body FROM sources ORDER BY id")}

    def source_ids(self) -> list[str]:
        """The ids of all sources."""
        return [str(row[0]) for row in self._all("SELECT id FROM sources ORDER BY id")]

    def rules(self) -> dict[str, Rule]:
        """All rules by id."""
        return {str(row[0]): rule_from_json(row[1]) for row in self._all("SELECT id, body FROM rules ORDER BY id")}

    def aliases(self) -> dict[str, str]:
        """Alias to rule id."""
        return {str(alias): str(rule) for alias, rule in self._all("SELECT alias, rule FROM aliases")}

    def passages(self, ids: Sequence[str]) -> dict[str, Passage]:
        """The passages with these ids; raises NotHeld where one is missing. The last ones read are kept."""
        with self._lock:
            held = {one: self._read_passages[one] for one in ids if one in self._read_passages}
            missing = list(dict.fromkeys(one for one in ids if one not in held))
            if missing:
                rows = self._connection.execute(
                    f"SELECT {_COLUMNS} FROM passages WHERE id IN (SELECT value FROM json_each(?))",
                    (json.dumps(missing),),
                ).fetchall()
                fresh = {str(row[0]): _passage_of(row) for row in rows}
                if len(fresh) < len(missing):
                    gone = next(one for one in sorted(missing) if one not in fresh)
                    raise NotHeld(f"No passage {gone!r}. The vectors are stale; run: hkva build")
                if len(self._read_passages) > _KEPT_PASSAGES:
                    self._read_passages.clear()
                self._read_passages.update(fresh)
                held |= fresh
        return held

    def all_passages(self) -> Iterator[Passage]:
        """Every passage in the order added."""
        for row in self._all(f"SELECT {_COLUMNS} FROM passages ORDER BY number"):
            yield _passage_of(row)

    def count_passages(self) -> int:
        """How many passages there are."""
        row = self._one("SELECT count(*) FROM passages")
        return int(row[0]) if row else 0

    def find_by_words(
        self, language: str, query_terms: Sequence[str], scope: Scope, limit: int
    ) -> list[tuple[int, float]]:
        """Numbers of passages of one language that share terms with the query, best first, with their BM25 score."""
        inside = self.roster.inside(scope)
        with self._lock:
            places, scores = self._keywords.best(language, query_terms, inside, limit)
        return list(zip(places.tolist(), scores.tolist(), strict=True))

    @property
    def roster(self) -> Roster:
        """What a search needs of every passage; read when first asked for, and again after a change."""
        with self._lock:
            if self._roster is None:
                self._roster = Roster(self._connection.execute(ROSTER))
            return self._roster

    def _one(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        with self._lock:
            row: tuple[Any, ...] | None = self._connection.execute(sql, values).fetchone()
        return row

    def _all(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()


_COLUMNS = (
    "passages.id, kind, record, language, text, topic, authority, start, end, known_from, ends, stage, headings, page"
)


def _row_of(passage: Passage) -> tuple[object, ...]:
    return (
        passage.id, passage.kind, passage.record, passage.language, passage.text, passage.topic, passage.authority,
        passage.start, passage.end, passage.known_from.toordinal() if passage.known_from else OPEN_FROM,
        passage.ends.toordinal() if passage.ends else OPEN_END, passage.stage,
        json.dumps(passage.locus.headings, ensure_ascii=False), passage.locus.page,
    )  # fmt: skip


def _passage_of(row: Sequence[Any]) -> Passage:
    identity, kind, record, language, text, topic, authority, start, end, known, ends, stage, headings, page = row[:14]
    return Passage(
        id=identity, kind=kind, record=record, language=language, text=text, topic=topic,
        authority=authority, start=start, end=end,
        known_from=None if known == OPEN_FROM else date.fromordinal(known),
        ends=None if ends == OPEN_END else date.fromordinal(ends), stage=stage,
        locus=Locus(tuple(json.loads(headings)) if headings != "[]" else (), page),
    )  # fmt: skip
