"""Probabilities and their log odds. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_SURE = 1e-4


def probability_of(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log odds as probabilities, of the same shape."""
    probability: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-log_odds))
    return probability


def log_odds(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logarithm of p / (1 - p), kept finite."""
    kept = np.clip(probabilities, _SURE, 1.0 - _SURE)
    odds: NDArray[np.float64] = np.log(kept / (1.0 - kept))
    return odds
