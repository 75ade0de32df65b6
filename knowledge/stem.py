"""English words to stems, with the Porter stemmer that SQLite carries (so that no further package is needed)."""

from __future__ import annotations

import sqlite3
import threading
from functools import cache, lru_cache

_lock = threading.Lock()


@cache
def _connection() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    connection.execute("CREATE VIRTUAL TABLE words USING fts5 (word, tokenize='porter ascii')")
    connection.execute("CREATE VIRTUAL TABLE stems USING fts5vocab (words, instance)")
    return connection


@lru_cache(maxsize=100_000)
def stem(term: str) -> str:
    """The stem of an English word; anything else as it is. `required` and `requirement` give `requir`."""
    if not (term.isascii() and term.isalpha()):
        return term
    with _lock:
        connection = _connection()
        connection.execute("INSERT INTO words VALUES (?)", (term,))
        row = connection.execute("SELECT term FROM stems").fetchone()
        connection.execute("DELETE FROM words")
    return str(row[0]) if row else term
