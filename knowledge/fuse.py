"""Joining ranked lists. Pure.

BM25 has no upper bound, and how high it gets depends on how much a question says. A score is counted against its
list's best and a fixed amount, so that long questions do not drown what else speaks for a record, while a list whose
best is a chance match counts little.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def saturated(scores: Mapping[str, float], chance: float) -> dict[str, float]:
    """Each BM25 score as a share of the list's best and the score that a best match by chance has."""
    whole = max(scores.values(), default=0.0) + chance
    return {key: score / whole for key, score in scores.items()}


def weighted(lists: Sequence[tuple[float, Mapping[str, float]]]) -> dict[str, float]:
    """The weighted sum of the lists; a key that a list lacks gets nothing from it."""
    total: dict[str, float] = {}
    for weight, scores in lists:
        for key, score in scores.items():
            total[key] = total.get(key, 0.0) + weight * score
    return total


def ranked(scores: Mapping[str, float]) -> list[tuple[str, float]]:
    """Best first; equal scores in the order of their keys, so that a ranking never depends on insertion order."""
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))
