from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.fuse import ranked, saturated, weighted

scores = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.floats(-1e6, 1e6), max_size=8)


def test_best_match_counts_the_less_the_nearer_it_is_to_chance() -> None:
    assert saturated({"a": 15.0, "b": 5.0}, 5.0) == pytest.approx({"a": 0.75, "b": 0.25})
    assert saturated({"a": 5.0}, 5.0) == {"a": 0.5}
    assert saturated({}, 5.0) == {}


def test_weighted_sum_gives_a_missing_key_nothing() -> None:
    assert weighted([(0.5, {"a": 1.0, "b": 0.4}), (2.0, {"b": 0.3})]) == pytest.approx({"a": 0.5, "b": 0.8})


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.floats(0, 1e6), max_size=8))
def test_saturating_keeps_the_order_and_stays_below_one(given_scores: dict[str, float]) -> None:
    found = saturated(given_scores, 5.0)
    assert all(0 <= value <= 1 for value in found.values())
    assert all(found[a] <= found[b] for a in found for b in found if given_scores[a] <= given_scores[b])


@given(scores)
def test_ranking_does_not_depend_on_the_order_of_insertion(given_scores: dict[str, float]) -> None:
    backwards = dict(reversed(given_scores.items()))
    assert ranked(given_scores) == ranked(backwards)
    values = [score for _, score in ranked(given_scores)]
    assert values == sorted(values, reverse=True)
