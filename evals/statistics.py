"""Whether a difference between two runs of the same cases is more than chance. Paired throughout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

RESAMPLES = 4_000
_SEED = 20_261_123
"""Fixed, so that the same two logs give the same report."""


@dataclass(frozen=True, slots=True)
class Difference:
    """After minus before over `count` pairs: the mean, its 95 % bootstrap interval, and the p-value of no difference.

    `test` is `mcnemar` where every value is 0 or 1 and `permutation` elsewhere.
    """

    count: int
    before: float
    after: float
    low: float
    high: float
    p: float
    test: str

    @property
    def mean(self) -> float:
        """After minus before."""
        return self.after - self.before


def difference(before: Sequence[float], after: Sequence[float]) -> Difference:
    """The difference of two equally long, non-empty runs of values, pair by pair."""
    binary = all(value in (0.0, 1.0) for value in (*before, *after))
    low, high = bootstrap_interval(before, after)
    return Difference(
        count=len(before),
        before=sum(before) / len(before),
        after=sum(after) / len(after),
        low=low,
        high=high,
        p=mcnemar(before, after) if binary else permutation(before, after),
        test="mcnemar" if binary else "permutation",
    )


def bootstrap_interval(before: Sequence[float], after: Sequence[float]) -> tuple[float, float]:
    """95 % percentile interval of the mean difference, pairs drawn anew with replacement."""
    import numpy
    from scipy.stats import bootstrap

    changes = numpy.subtract(after, before)
    if len(changes) < 2 or not numpy.ptp(changes):
        return float(changes.mean()), float(changes.mean())
    found = bootstrap(
        (changes,), numpy.mean, vectorized=True, n_resamples=RESAMPLES, method="percentile",
        rng=numpy.random.default_rng(_SEED), batch=500,
    ).confidence_interval  # fmt: skip
    return float(found.low), float(found.high)


def mcnemar(before: Sequence[float], after: Sequence[float]) -> float:
    """Exact two-sided McNemar test: of the pairs that turned, are as many won as lost?"""
    from scipy.stats import binomtest

    won = sum(a > b for b, a in zip(before, after, strict=True))
    lost = sum(a < b for b, a in zip(before, after, strict=True))
    return float(binomtest(min(won, lost), won + lost).pvalue) if won + lost else 1.0


def permutation(before: Sequence[float], after: Sequence[float]) -> float:
    """Two-sided paired permutation test of the mean: each pair may have been the other way round."""
    import numpy
    from scipy.stats import permutation_test

    changes = numpy.subtract(after, before)
    if numpy.count_nonzero(changes) < 2:
        return 1.0  # turned round, a single change is as large
    # The signs are what is permuted; pairs without a change add nothing to either side.
    found = permutation_test(
        (changes[changes != 0],), numpy.mean, permutation_type="samples", vectorized=True, n_resamples=RESAMPLES,
        rng=numpy.random.default_rng(_SEED), batch=500,
    )  # fmt: skip
    return float(found.pvalue)
