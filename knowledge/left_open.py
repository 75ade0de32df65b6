"""How near a question is to those that a rule is known to leave open.

A question may resemble all that a rule says and turn on one word that the rule does not speak of. What resembles it
most may then be another such question. They are embedded as questions are: those of two questions tell more than that
of a question and a passage. Two files in a library version: the vectors, which the system reads as they are
needed, and which are whose.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.vector_cache import Progress, VectorCache
from knowledge.words import has_han

_VECTORS, _OWNERS = "left-open.npy", "left-open.npz"
_LANGUAGES = ("en", "zh")


class LeftOpen:
    """Vectors of questions that rules leave open, by rule and language."""

    def __init__(self, folder: Path) -> None:
        # As a plain array: the class that maps files takes longer to cut than the product takes.
        self._rows: NDArray[np.float16] = np.asarray(np.load(folder / _VECTORS, mmap_mode="r"))
        with np.load(folder / _OWNERS) as held:
            names, borders = held["names"].tolist(), held["borders"].tolist()
        self._places = dict(zip(names, zip(borders, borders[1:], strict=False), strict=True))

    def nearest(self, rule_ids: Sequence[str], vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """The cosine of a question to the nearest that each rule leaves open, in English and in Chinese: shape
        (rules, 2). Not a number where none is known."""
        found = np.full((len(rule_ids), len(_LANGUAGES)), np.nan, np.float32)
        spans = [self._places.get(f"{rule_id}#{language}", (0, 0)) for rule_id in rule_ids for language in _LANGUAGES]
        held = [place for place, (begin, end) in enumerate(spans) if end > begin]
        if held:
            rows = np.concatenate([self._rows[slice(*spans[place])] for place in held]).astype(np.float32)
            sizes = [spans[place][1] - spans[place][0] for place in held]
            found.flat[held] = np.maximum.reduceat(rows @ vector, [0, *accumulate(sizes[:-1])])
        return found


def open_left_open(folder: Path) -> LeftOpen | None:
    """Those of a version; None where its corpus has none."""
    return LeftOpen(folder) if (folder / _VECTORS).is_file() else None


def write_left_open(folder: Path, left_open: Mapping[str, Sequence[str]], cache: VectorCache, report: Progress) -> None:
    """Save the vectors of these questions, by rule; nothing where there are none."""
    texts: dict[str, list[str]] = {}
    for rule_id, questions in left_open.items():
        for question in questions:
            texts.setdefault(f"{rule_id}#{'zh' if has_han(question) else 'en'}", []).append(question)
    if not texts:
        return
    rows = cache.embed_questions([text for its in texts.values() for text in its], report)
    np.save(folder / _VECTORS, rows.astype(np.float16))
    borders = np.array([0, *accumulate(map(len, texts.values()))])
    np.savez_compressed(folder / _OWNERS, names=np.array(list(texts)), borders=borders)
