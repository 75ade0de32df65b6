"""What was found for a question. Values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.passage import Hit
from knowledge.rule import Rule


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rule with the probability that it answers."""

    place: int
    rule: Rule
    probability: float


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for a question: rules by probability, sections by rank, and the question's vector.

    `later` are rules that answer but did not hold yet on the day asked for, looked for where nothing of the day
    answers; `sides` the best rule for either side of a comparison.
    """

    candidates: tuple[Candidate, ...]
    sections: tuple[Hit, ...]
    hits: tuple[Hit, ...]
    vector: NDArray[np.float32]
    later: tuple[Candidate, ...] = ()
    sides: tuple[Candidate, ...] = ()

    @property
    def confidence(self) -> float:
        """The probability that the best rule answers."""
        return max((one.probability for one in (*self.candidates[:1], *self.sides)), default=0.0)
