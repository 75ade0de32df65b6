"""Does a rule answer the question? A small trained head over the measures of `measure`, and then over its words.

A committee of perceptrons with two hidden layers, trained by `evals/train_verifier.py` and kept in `verifier.npz`. The
likeliest are then read word by word (`matcher`), and both judgements are weighed together.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.errors import AssistantError
from assistant.measure import FEATURES, LIKENESS
from assistant.odds import log_odds, probability_of

_ALONE = 2
"""How many signs there are where it is not known what rules leave open."""
_OPEN = 1
WEIGHTS = Path(__file__).with_name("verifier.npz")


class Verifier:
    """Features in, probabilities out; `idf` says how telling a term is, as it was when trained."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as held:
            if tuple(held["features"].tolist()) != FEATURES:
                raise AssistantError(f"{path.name} was trained on other features. Run: python -m evals.train_verifier")
            self._mean, self._scale = held["mean"], held["scale"]
            self.idf = dict(zip(held["terms"].tolist(), held["idf"].tolist(), strict=True))
            members = int(held["members"])
            self._weights, self._with_nearness = held["joined"], held["joined_nearness"]
            self._layers = [[(held[f"w{n}_{k}"], held[f"b{n}_{k}"]) for k in range(3)] for n in range(members)]

    def probability(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """How likely each row's rule answers the question, shape (rows,), 0 to 1."""
        scaled = np.clip((features - self._mean) / self._scale, -6.0, 6.0)
        votes = np.zeros(len(features))
        for layers in self._layers:
            values = scaled
            for weights, bias in layers[:-1]:
                values = np.maximum(values @ weights + bias, 0.0)
            weights, bias = layers[-1]
            votes += probability_of((values @ weights + bias).ravel())
        mean: NDArray[np.float64] = votes / len(self._layers)
        return mean

    def joined(
        self, probabilities: NDArray[np.float64], scores: NDArray[np.float64], nearness: NDArray[np.float64],
        features: NDArray[np.float64],
    ) -> NDArray[np.float64]:  # fmt: skip
        """The probabilities, weighed together with the matcher's scores for the same rules, and, where that is known,
        with how near the question is to those known of each rule: shape (rules,)."""
        told = signs(probabilities, scores, nearness, features)
        alone = told[:, :_ALONE] @ self._weights[:-1] + self._weights[-1]
        weighed = told @ self._with_nearness[:-1] + self._with_nearness[-1]
        return probability_of(np.where(np.isnan(weighed), alone, weighed))


def signs(
    probabilities: NDArray[np.float64], scores: NDArray[np.float64], nearness: NDArray[np.float64],
    features: NDArray[np.float64],
) -> NDArray[np.float64]:  # fmt: skip
    """What tells whether rules answer, shape (rules, 16): of each its log odds by the measures, the matcher's score,
    its nearness and its cosines; and the greatest odds, score and cosine to an open question of all of them.

    A question that some rule is known to leave open is less likely answered by any.
    """
    odds = log_odds(probabilities)
    near_open = nearness[:, _OPEN][~np.isnan(nearness[:, _OPEN])].max(initial=-1.0)
    of_all = np.tile([odds.max(), scores.max(), near_open], (len(odds), 1))
    return np.column_stack([odds, scores, nearness, features[:, :LIKENESS], of_all])


@cache
def open_verifier(path: Path = WEIGHTS) -> Verifier:
    """The shipped verifier, read once."""
    return Verifier(path)
