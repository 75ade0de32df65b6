"""What several readings of a follow-up find, weighed together. Pure.

Read alone, a follow-up is near whatever shares its words; joined to what was asked before it, near what that was
answered with. A rule that most readings find is the likeliest: on the thread's topic and with what is new. The weights
were fitted to the development cases with earlier turns, to conversations of testers, and to pairs of questions that
have nothing to do with each other, then rounded.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from assistant.found import Candidate, Found
from assistant.odds import log_odds, probability_of
from assistant.understand import Understood

Read = tuple[Understood, Found]
"""A reading with what was found for it."""


class Way(StrEnum):
    """How a follow-up is read: by itself, after an earlier question, after the title of what was told, or with one
    thing of the question before exchanged."""

    ALONE = "alone"
    JOINED = "joined"
    TITLED = "titled"
    EXCHANGED = "exchanged"


@dataclass(frozen=True, slots=True)
class Weights:
    """How much the log odds of each way count, and what is added for a rule on the topic of what was told, for one that
    was just told, and for every rule."""

    alone: float
    joined: float
    titled: float
    exchanged: float
    topic: float
    repeated: float
    bias: float

    def of(self, way: Way) -> float:
        """The weight of one way."""
        return {
            Way.ALONE: self.alone, Way.JOINED: self.joined, Way.TITLED: self.titled, Way.EXCHANGED: self.exchanged
        }[way]  # fmt: skip


HANGING = Weights(alone=0.3, joined=0.5, titled=0.5, exchanged=0.2, topic=0.45, repeated=-0.9, bias=2.0)
"""A fragment that names nothing."""
NAMING = Weights(alone=0.25, joined=0.25, titled=0.1, exchanged=0.55, topic=0.25, repeated=-0.9, bias=0.95)
"""A fragment that names something, or a whole question that names nothing."""
STANDING = Weights(alone=0.8, joined=0.0, titled=0.1, exchanged=0.4, topic=0.5, repeated=-0.3, bias=1.3)
"""A whole question that names what it is about."""

_LEAST, _MOST = 0.004, 0.995
_BESIDE = 0.5
"""How much less a rule that was just told counts as a further one beside what is told now."""


def pooled(
    reads: Mapping[Way, Sequence[Read]], weights: Weights, topics: Collection[str], told: Collection[str]
) -> Read:
    """The reading that finds the likeliest rule best, with all rules by what the readings together say of them.

    `topics` are those of what was told, `told` the ids of what the turn before told. Where a way was not taken, the
    joined one stands for it.
    """
    likely = {way: _likeliest([found for _, found in reads.get(way, ())]) for way in Way}
    rules = {place: one for of_way in likely.values() for place, one in of_way.items()}
    ranked: list[Candidate] = []
    for place, one in rules.items():
        odds = weights.bias + weights.topic * (one.rule.topic in topics) + weights.repeated * (one.rule.id in told)
        for way in Way:
            taken = likely[way if reads.get(way) else Way.JOINED]
            odds += weights.of(way) * _odds(taken[place].probability if place in taken else 0.0)
        ranked.append(replace(one, probability=float(probability_of(np.array(odds)))))
    ranked.sort(key=lambda one: (-one.probability, one.rule.id))
    asked, found = _best_for(ranked[0].place if ranked else -1, reads)
    read = {one.place: one.probability for one in found.candidates}
    further = [_beside(one, read.get(one.place, 0.0), told) for one in ranked[1:]]
    further.sort(key=lambda one: (-one.probability, one.rule.id))
    return asked, replace(found, candidates=(*ranked[:1], *further), sides=())


def _beside(one: Candidate, read: float, told: Collection[str]) -> Candidate:
    """A rule that is not the likeliest: no surer than the reading that is told has it, less so if it was just told."""
    return replace(one, probability=min(one.probability, read) * (_BESIDE if one.rule.id in told else 1.0))


def _likeliest(founds: Sequence[Found]) -> dict[int, Candidate]:
    """For each rule the greatest probability that any of the searches gives it."""
    best: dict[int, Candidate] = {}
    for one in (one for found in founds for one in found.candidates):
        if one.place not in best or one.probability > best[one.place].probability:
            best[one.place] = one
    return best


def _odds(probability: float) -> float:
    return float(log_odds(np.array([min(max(probability, _LEAST), _MOST)]))[0])


def _best_for(place: int, reads: Mapping[Way, Sequence[Read]]) -> Read:
    """The reading that gives a rule the greatest probability."""
    every = [read for of_way in reads.values() for read in of_way]
    return max(every, key=lambda read: max((c.probability for c in read[1].candidates if c.place == place), default=0))
