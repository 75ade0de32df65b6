"""The first part of a question, and what rules have of it and of a later part. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.asked_kind import Asked
from assistant.content import asked_units, is_name_like
from assistant.exchange import things_in
from assistant.found import Candidate, Found
from assistant.measure import Measured, meets_all, met_units, read_question
from assistant.rule_index import RuleIndex
from assistant.understand import Understood

_RATES = frozenset({"percent"})
"""What may be told for any figure that is asked for: a fee is a share of something."""
_TOLD = 0.6
"""Share of what is new in a part, by weight, from which the rule that the first part has tells that too."""
_TELLING = 3.0
"""Weight that the first part's subject has at least which alone makes a rule akin."""


@dataclass(frozen=True, slots=True)
class First:
    """The first part, what was found for it, and what it is about."""

    asked: Understood
    found: Found
    answered: bool
    subject: str

    @property
    def best(self) -> Candidate | None:
        """The rule that it is answered with."""
        return self.found.candidates[0] if self.answered and self.found.candidates else None


def first_of(index: RuleIndex, asked: Understood, found: Found, enough: float) -> First:
    """The first part as later ones are read with it."""
    things = [asked.text[start:end] for start, end in things_in(asked.text, index.glossary)]
    subject = max(things, key=lambda thing: _telling(index, thing), default="")
    return First(asked, found, found.confidence >= enough, subject)


def is_first(first: First, one: Candidate) -> bool:
    """Whether a rule is the one that the first part is answered with."""
    return first.best is not None and one.place == first.best.place


def is_akin(index: RuleIndex, first: First, one: Candidate) -> bool:
    """Whether a rule has the names of the first part; where it gives none, its subject, or the topic of its rule."""
    terms = index.terms_of(one.place)
    question = read_question(index, first.asked.text)
    names = names_of(question)
    if names:
        return meets_all(question, names, terms)
    if first.best and one.rule.topic == first.best.rule.topic:
        return True
    named = read_question(index, first.subject)
    telling = sum(named.weights.values()) >= _TELLING
    return telling and meets_all(named, frozenset(named.units), terms)


def probability_of_first(found: Found, first: First) -> float:
    """The probability that the first part's rule has."""
    return max((one.probability for one in found.candidates if is_first(first, one)), default=0.0)


def lacks(index: RuleIndex, best: Candidate, first: First, piece: str) -> bool:
    """Whether a rule plainly has not what a part asks for: a name, a person, a day, a figure of that kind."""
    terms, question = index.terms_of(best.place), read_question(index, piece)
    met = met_units(question, terms.all, terms.all_groups)
    if not names_of(question) <= met:
        return True
    if Asked.YES_NO in question.asked:
        return False
    if Asked.DATE in question.asked and not terms.names_year:
        return True
    if Asked.WHO in question.asked:
        return share_of_new(index, first, piece, best.place) < _TOLD
    figure = bool(question.measures) and not (question.measures | _RATES) & terms.measures
    return figure or (Asked.AMOUNT in question.asked and not question.head <= met)


def share_of_new(index: RuleIndex, first: First, piece: str, place: int) -> float:
    """The share, by weight, of what a part names and the first does not, that a rule has."""
    terms, question = index.terms_of(place), read_question(index, piece)
    new = set(question.units) - set(asked_units(first.asked.text))
    met = met_units(question, terms.all, terms.all_groups)
    weight = sum(question.weights[unit] for unit in new)
    return sum(question.weights[unit] for unit in new & met) / weight if weight else 1.0


def names_of(question: Measured) -> frozenset[str]:
    """What a question gives a name to; in Chinese whatever is Latin."""
    latin = frozenset(unit for unit in question.units if question.chinese and is_name_like(unit))
    return question.proper | latin


def _telling(index: RuleIndex, thing: str) -> float:
    return sum(read_question(index, thing).weights.values())
