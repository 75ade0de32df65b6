"""Joining ranked lists. Pure.

Scores of different languages or methods are not comparable as they stand. Cosines of a small multilingual encoder
lie close together, and higher where question and passage share a language; BM25 has no upper bound. So each list is
put on a common scale first (relative to its own spread), and lists are then added with weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def scaled(scores: Mapping[str, float]) -> dict[str, float]:
    """Each score as a share of the way from the list's least (0) to its greatest (1)."""
    if not scores:
        return {}
    least, greatest = min(scores.values()), max(scores.values())
    width = greatest - least
    return {key: (score - least) / width if width > 0 else 1.0 for key, score in scores.items()}


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
