from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.fuse import ranked, scaled, weighted

scores = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.floats(-1e6, 1e6), max_size=8)


def test_scaled_scores_run_from_nothing_to_one() -> None:
    assert scaled({"a": 0.80, "b": 0.82, "c": 0.90}) == pytest.approx({"a": 0.0, "b": 0.2, "c": 1.0})
    assert scaled({"a": 3.0}) == {"a": 1.0}
    assert scaled({}) == {}


def test_weighted_sum_gives_a_missing_key_nothing() -> None:
    assert weighted([(0.5, {"a": 1.0, "b": 0.4}), (2.0, {"b": 0.3})]) == pytest.approx({"a": 0.5, "b": 0.8})


@given(scores)
def test_scaling_keeps_the_order_and_stays_in_range(given_scores: dict[str, float]) -> None:
    found = scaled(given_scores)
    assert all(0 <= value <= 1 for value in found.values())
    assert all(found[a] <= found[b] for a in found for b in found if given_scores[a] <= given_scores[b])


@given(scores)
def test_ranking_does_not_depend_on_the_order_of_insertion(given_scores: dict[str, float]) -> None:
    backwards = dict(reversed(given_scores.items()))
    assert ranked(given_scores) == ranked(backwards)
    values = [score for _, score in ranked(given_scores)]
    assert values == sorted(values, reverse=True)
