"""Whether our own sentences share a run of words with texts that we may not copy. Pure, but for reading those texts.

Both sides are folded and stripped of marks and spaces, so that a comma does not hide a copied clause. A run is 15
Chinese characters or 10 words of Latin letters and digits, within one paragraph. Names of instruments may be shared:
what the other texts write between title marks (《…》) and the titles that the corpus gives are a border on both sides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from knowledge.errors import CorpusError
from knowledge.findings import Finding
from knowledge.register import Corpus
from knowledge.rule import Rule
from knowledge.words import HAN, fold

CHARACTERS = 15
WORDS = 10
_BORDER = "|"
_NAMED = re.compile(r"《([^《》\n]{4,80})》")
_PIECE = re.compile(rf"{HAN.pattern}|[a-z0-9]+|\{_BORDER}")
_SHORTEST_NAME = 8


def read_texts(folder: Path) -> list[str]:
    """The texts (`*.txt`) below `folder`. Raises CorpusError where there is none."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.txt"))]
    if not texts:
        raise CorpusError(f"No texts (*.txt) to compare with at {folder}. Set HKVA_SEEDS to their folder, or unset it.")
    return texts


def check_overlap(corpus: Corpus, texts: Sequence[str]) -> list[Finding]:
    """One finding for each text of a record that shares a run with any of `texts`, naming the first such run."""
    names = sorted({fold(name) for name in _names(corpus, texts)}, key=len, reverse=True)
    borders = re.compile("|".join(map(re.escape, names))) if names else None
    known: set[tuple[str, ...]] = set()
    for text in texts:
        known.update(_runs(_pieces(text, borders)))
    return [
        Finding(record, "shares_a_run", f"stands in a text that we may not copy: {''.join(run)!r}; say it otherwise")
        for record, text in _texts_of(corpus)
        if (run := next((run for run in _runs(_pieces(text, borders)) if run in known), None)) is not None
    ]


def _names(corpus: Corpus, texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from _NAMED.findall(text)
    for source in corpus.sources.values():
        yield from (name for name in (source.title, source.title_zh) if len(name) >= _SHORTEST_NAME)


def _texts_of(corpus: Corpus) -> Iterator[tuple[str, str]]:
    for source in corpus.sources.values():
        yield source.id, source.text
    for rule in corpus.rules.values():
        yield from ((rule.id, text) for text in _texts_of_rule(rule))


def _texts_of_rule(rule: Rule) -> Iterator[str]:
    yield from (*rule.title.values(), *rule.statement.values(), *rule.asks_en, *rule.asks_zh)
    for polar in rule.polar:
        yield from (polar.en, polar.zh)
    for dispute in rule.disputes:
        yield from (*dispute.claim.values(), *dispute.note.values())


def _pieces(text: str, borders: re.Pattern[str] | None) -> list[str]:
    """Chinese characters one by one, other words whole, and a border where an instrument's name or a line end stood."""
    folded = fold(text).replace(_BORDER, " ").replace("\n", _BORDER)
    return _PIECE.findall(borders.sub(_BORDER, folded) if borders else folded)


def _runs(pieces: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """All runs of CHARACTERS Chinese characters (numbers and Latin words between them left out) or WORDS words."""
    for wanted, length in ((True, CHARACTERS), (False, WORDS)):
        run: list[str] = []
        for piece in pieces:
            if piece == _BORDER or (not wanted and HAN.match(piece)):
                run.clear()
            elif (HAN.match(piece) is not None) is wanted:
                run.append(piece)
                if len(run) >= length:
                    yield tuple(run[-length:])
