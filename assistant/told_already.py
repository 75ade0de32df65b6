"""A follow-up that what was told already may answer: whether it tells what is new in it.

Joined to the question before, a follow-up resembles what that was answered with, whatever it asks: "How large was the
bond? What coupon does it carry?" is near the record on the bond. So a rule that was shown is read beside the
follow-up alone as well, and both judgements count.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from assistant.choose import Found, look, scope_of
from assistant.follow import Follow
from assistant.likelihood import likelihood
from assistant.measure import measure, read_question
from assistant.odds import log_odds, probability_of
from assistant.rule_index import RuleIndex
from assistant.understand import Understood
from assistant.verify import Verifier
from knowledge.library import Library
from knowledge.words import to_simplified

_ALONE = 0.4
"""How much the follow-up alone counts; the rest is the follow-up joined to what is before it."""


def weigh_told(library: Library, index: RuleIndex, verifier: Verifier, asked: Understood, found: Found) -> Found:
    """The same with the probability of the likeliest rule weighed, where it was shown before and something is asked
    that was not asked then; the others keep theirs."""
    best = found.candidates[0] if found.candidates else None
    fragment = asked.standalone.follow is Follow.FRAGMENT and asked.standalone.focus
    if best is None or not fragment or best.rule.id not in asked.shown:
        return found
    alone = replace(asked, text=asked.standalone.focus)
    scope = scope_of(asked, index.latest)
    looked = look(library, index, alone, scope)
    places = list(dict.fromkeys([best.place, *looked.places]))
    features = measure(
        index, read_question(index, alone.text), index.cosines(looked.vector), places, index.in_scope(scope)
    )
    by_itself = likelihood(library, index, verifier, to_simplified(alone.text), places, features)[:1]
    odds = (1 - _ALONE) * log_odds(np.array([best.probability])) + _ALONE * log_odds(by_itself)
    weighed = replace(best, probability=float(probability_of(odds)[0]))
    ranked = sorted([weighed, *found.candidates[1:]], key=lambda one: (-one.probability, one.rule.id))
    return replace(found, candidates=tuple(ranked))
