"""Paired statistics, each against another way of computing it."""

from __future__ import annotations

import itertools
import math
import random

import pytest

from evals.statistics import bootstrap_interval, difference, mcnemar, permutation


def test_mcnemar_by_hand() -> None:
    """Six lost and none won: twice (1/2)^6."""
    assert mcnemar([1.0] * 6 + [0.0] * 9, [0.0] * 15) == pytest.approx(2 * 0.5**6)
    assert mcnemar([0, 1, 1, 0], [0, 1, 1, 0]) == 1.0


@pytest.mark.parametrize(("won", "lost"), [(0, 3), (1, 8), (4, 4), (7, 2), (12, 3)])
def test_mcnemar_agrees_with_summing_the_binomial(won: int, lost: int) -> None:
    before, after = [0.0] * won + [1.0] * lost + [1.0] * 5, [1.0] * won + [0.0] * lost + [1.0] * 5
    tail = sum(math.comb(won + lost, k) for k in range(min(won, lost) + 1)) / 2 ** (won + lost)
    assert mcnemar(before, after) == pytest.approx(min(1.0, 2 * tail))


def test_permutation_agrees_with_trying_every_sign() -> None:
    before, after = [0.2, 0.4, 0.3, 0.9, 0.5, 0.1, 0.7, 0.6], [0.3, 0.2, 0.35, 1.0, 0.8, 0.3, 0.9, 0.55]
    changes = [a - b for b, a in zip(before, after, strict=True)]
    seen = abs(sum(changes))
    flips = [
        abs(sum(s * c for s, c in zip(signs, changes, strict=True))) for signs in itertools.product((1, -1), repeat=8)
    ]
    assert permutation(before, after) == pytest.approx(sum(flip >= seen - 1e-12 for flip in flips) / len(flips))


def test_bootstrap_agrees_with_drawing_by_hand() -> None:
    dice = random.Random(2)
    before = [dice.choice((0.0, 0.5, 1.0)) for _ in range(80)]
    after = [min(1.0, value + dice.choice((0.0, 0.0, 0.25))) for value in before]
    changes = [a - b for b, a in zip(before, after, strict=True)]
    means = sorted(sum(dice.choices(changes, k=80)) / 80 for _ in range(4_000))
    low, high = bootstrap_interval(before, after)
    assert (low, high) == pytest.approx((means[100], means[-101]), abs=0.008)


def test_runs_without_a_change_differ_by_nothing() -> None:
    found = difference([0.5, 1.0, 0.0], [0.5, 1.0, 0.0])
    assert (found.mean, found.low, found.high, found.p) == (0, 0, 0, 1)


def test_difference_of_one_pair_is_itself() -> None:
    found = difference([1.0], [0.0])
    assert (found.mean, found.low, found.high, found.p, found.test) == (-1, -1, -1, 1, "mcnemar")


def test_shares_are_permuted_and_hits_are_counted() -> None:
    assert difference([0, 1], [1, 1]).test == "mcnemar"
    assert difference([0.5, 1], [1, 1]).test == "permutation"


def test_same_values_give_the_same_numbers_every_time() -> None:
    dice = random.Random(4)
    before, after = [dice.random() for _ in range(60)], [dice.random() for _ in range(60)]
    assert difference(before, after) == difference(before, after)
