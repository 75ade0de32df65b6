"""Which citation of an answer a question points to: by its number, or by the statement that it stands behind. Pure."""

from __future__ import annotations

import re

from assistant.claims import claims
from assistant.question import Turn

POINT = re.compile(
    r"(?P<nth>第\s*[一二两三四五六七八九十\d]+)\s*(?:点|个|条|项|句|段)?"
    r"|\b(?:(?P<thing>point|item|statement|sentence)|number|no\.?|source|citation)\s*#?(?P<number>\d+)"
    r"|\[(?P<marker>\d+)\]|\b(?P<ordinal>first|second|third|fourth|fifth)\b|(?P<last>\blast\b|最后)"
)
_ORDINALS = {word: n for n, words in enumerate(
    ("first 一 1", "second 二 两 2", "third 三 3", "fourth 四 4", "fifth 五 5", "六 6", "七 7", "八 8", "九 9"), 1
) for word in words.split()}  # fmt: skip


def number_pointed(folded: str, turn: Turn | None) -> int | None:
    """The number of the citation; None where none is pointed to.

    A point is a statement of the answer, and its citation the one behind it: an answer may have fewer citations than
    statements. Where the answer has no such statement, the number is that of a citation.
    """
    match = POINT.search(folded)
    if match is None:
        return None
    if match["last"]:
        return len(turn.cited) if turn else None
    word = (match["nth"] or "").removeprefix("第").strip() or match["number"] or match["marker"] or match["ordinal"]
    number = _ORDINALS.get(word) or (int(word) if word.isdigit() else None)
    if number is None or not (match["nth"] or match["thing"] or match["ordinal"]):
        return number
    statements = [one.numbers for one in claims(turn.answer) if one.numbers] if turn else []
    return statements[number - 1][0] if 0 < number <= len(statements) else number
