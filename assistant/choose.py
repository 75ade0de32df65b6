"""Which records answer a question: search, verify, and mind the time.

The search finds what resembles the question; the verifier says which of it answers. For a past day only what held on
that day is searched. For today, what no longer holds is searched too, because people ask about it; but where a rule
was replaced and its successor answers as well, the successor is told.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from assistant.asked_date import undated
from assistant.asked_names import differ_in_rank, ranks_in
from assistant.compared import with_sides
from assistant.follow import Follow
from assistant.found import Candidate, Found
from assistant.held_then import HELD, asks_how_it_stands, held_in_place_of, tells_of_then, versions_of
from assistant.likelihood import likelihood
from assistant.measure import measure, read_question
from assistant.owners import is_on_another
from assistant.rule_index import Cosines, RuleIndex
from assistant.understand import Understood
from assistant.verify import Verifier
from knowledge.library import Library
from knowledge.passage import Hit, Scope
from knowledge.retrieval import Merge, search
from knowledge.rule import Rule, Stage, Standing, standing
from knowledge.words import has_han, to_simplified

SEARCHED = 24
_NEAREST = 8
_IN_BOTH = Merge(advance=0.0)
"""Rules stand in both languages."""
_SUCCESSOR_SHARE = 0.15
"""A successor is told in place of what it replaced where it is at least this share as likely to answer."""
_SUCCESSOR_SHARE_NOW = 0.03
"""The same where the question says that it asks for what holds now, or what replaced something."""
_LATEST_SHARE, _LATEST_SHARE_NOW = 0.7, 0.5
"""Share of the likeliest event's probability from which a later one on its matter is told for how things stand; and
where the question says that it asks of now."""
_THEN_SHARE = 0.01
"""The same for a past day and an earlier version of the rule itself: that is what held then on the matter."""
_REPLACED = 0.4
"""What is left of a rule's probability where its successor is told."""
_SURE = 0.6
"""Probability from which what is found for a past day is not held against what is found for any day."""
_LATER = 0.5
"""Probability from which a rule is told that did not hold yet on the day asked for."""
_OTHER_RANK = 0.2
"""What is left of the probability of the first where the third is asked for."""
_SHOWN_BEFORE = 0.5
"""How much less a record counts that the turn before showed already, unless it has all that is new in the question."""


@dataclass(frozen=True, slots=True)
class Looked:
    """Hits of a search, the question's vector, and the rules to verify with their features (rules, features)."""

    hits: tuple[Hit, ...]
    vector: NDArray[np.float32]
    places: list[int]
    features: NDArray[np.float64]


def scope_of(asked: Understood, latest: date | None = None) -> Scope:
    """The limits of the search. Where no record is later than today, today limits nothing: `latest` is the last day
    on which any became known."""
    today_limits = asked.past or latest is None or latest > asked.as_of
    return Scope(
        on=asked.as_of if today_limits else None,
        ended=False if asked.past else None,
        topics=asked.limits.topics,
        authorities=asked.limits.authorities,
        include_proposed=asked.limits.include_proposed,
        without=frozenset(asked.shown) if asked.standalone.follow is Follow.MORE else frozenset(),
    )


def find(library: Library, index: RuleIndex, verifier: Verifier, asked: Understood, enough: float) -> Found:
    """Search and verify; `enough` is the probability from which a rule answers."""
    found = _find(library, index, verifier, asked, scope_of(asked, index.latest))
    if asked.past and found.confidence < _SURE:
        bare = replace(asked, text=undated(asked.text, asked.phrase))
        without = _find(library, index, verifier, bare, scope_of(asked, index.latest)) if bare != asked else found
        if without.confidence > found.confidence:
            asked, found = bare, without
        everything = replace(scope_of(asked, index.latest), on=asked.today, ended=None)
        beyond = _find(library, index, verifier, bare, everything).candidates
        later = [one for one in beyond if standing(one.rule, asked.as_of) is Standing.NOT_YET]
        told = {one.place for one in found.candidates}
        about = [one for one in later if one.place not in told and tells_of_then(one.rule, asked)]
        candidates = _held_first([*found.candidates, *about], beyond, asked, library.rules)
        later = [one for one in later if one.probability >= _LATER and one not in about]
        found = replace(found, candidates=candidates, later=tuple(later))
    elif asked.past:
        found = replace(found, candidates=_held_first(found.candidates, (), asked, library.rules))

    def look_once(one: Understood) -> Found:
        return _find(library, index, verifier, one, scope_of(one, index.latest))

    return with_sides(look_once, index, asked, found, enough)


def _held_first(
    candidates: Sequence[Candidate], beyond: Sequence[Candidate], asked: Understood, rules: Mapping[str, Rule]
) -> tuple[Candidate, ...]:
    """For a past day: what held then is as likely as any other version of it that answers; that one is told after."""
    held = {one.rule.id: one for one in candidates}
    for other in [*candidates, *beyond]:
        if standing(other.rule, asked.as_of) in HELD or tells_of_then(other.rule, asked):
            continue
        among = [one.rule for one in candidates]
        then = [held[rule.id] for rule in held_in_place_of(other.rule, among, rules, asked.as_of)]
        versions = versions_of(other.rule, rules)
        shares = ((one, _THEN_SHARE if one.rule.id in versions else _SUCCESSOR_SHARE) for one in then)
        likely = [one for one, share in shares if one.probability >= share * other.probability]
        best = max(likely, key=_probability, default=None)
        if best is not None:
            held[best.rule.id] = replace(best, probability=max(best.probability, other.probability))
            if other.rule.id in held:
                held[other.rule.id] = replace(other, probability=other.probability * _REPLACED)
    return tuple(sorted(held.values(), key=lambda one: (-one.probability, one.rule.id)))


def _probability(candidate: Candidate) -> float:
    return candidate.probability


def _find(library: Library, index: RuleIndex, verifier: Verifier, asked: Understood, scope: Scope) -> Found:
    looked = look(library, index, asked, scope)
    probabilities = likelihood(library, index, verifier, to_simplified(asked.text), looked.places, looked.features)
    candidates = [
        Candidate(place, index.rules[place], _weighed(float(probability), index, place, asked))
        for place, probability in zip(looked.places, probabilities, strict=True)
        if index.rules[place].known_from or not asked.past
    ]
    return Found(
        candidates=tuple(_current_first(candidates, asked)),
        sections=tuple(hit for hit in looked.hits if hit.passage.kind == "section"),
        hits=looked.hits,
        vector=looked.vector,
    )


def look(library: Library, index: RuleIndex, asked: Understood, scope: Scope) -> Looked:
    """Search, and measure what was found.

    The rules are Simplified, and a question is nearer to them in their own script; a person's own documents are looked
    for in the script of the question.
    """
    written = to_simplified(asked.text)
    hits = search(library, asked.text if index.own_documents else written, scope, SEARCHED, _IN_BOTH)
    vector = library.embedder.embed_query(written)
    cosines = index.cosines(vector)
    in_scope = index.in_scope(scope)
    places = _places(index, hits, cosines, in_scope, asked)
    question = read_question(index, asked.text, asked.phrase, asked.standalone.focus)
    return Looked(tuple(hits), vector, places, measure(index, question, cosines, places, in_scope))


def _places(
    index: RuleIndex, hits: Sequence[Hit], cosines: Cosines, in_scope: NDArray[np.bool_], asked: Understood
) -> list[int]:
    """The rules to verify: those the search found, those nearest by cosine, and the successors of both."""
    found = [index.place[hit.passage.record] for hit in hits if hit.passage.kind != "section"][:16]
    language = "zh" if has_han(asked.text) else "en"
    best = np.where(in_scope, np.maximum(cosines.asked[language], cosines.stated[language] + 0.02), 0.0)
    found += [int(n) for n in np.argsort(-best)[:_NEAREST] if in_scope[n]]
    for place in list(found):
        found += [
            index.place[one] for one in index.rules[place].superseded_by
            if one in index.place and in_scope[index.place[one]]
        ]  # fmt: skip
    return list(dict.fromkeys(found))


def _weighed(probability: float, index: RuleIndex, place: int, asked: Understood) -> float:
    """None for a rule on another owner than the one asked about; less for one at another rank, and for what the turn
    before showed already, where a fragment asks for something new."""
    if is_on_another(asked.text, asked.asked, index.rules[place], index.terms_of(place).owners):
        return 0.0
    if differ_in_rank(ranks_in(asked.text), index.terms_of(place).ranks):
        probability *= _OTHER_RANK
    if asked.standalone.follow is not Follow.FRAGMENT or index.rules[place].id not in asked.shown:
        return probability
    new = read_question(index, asked.standalone.focus)
    held = all(met & index.terms_of(place).stated for met in new.units.values())
    return probability if held and new.units else probability * _SHOWN_BEFORE


def _current_first(candidates: Sequence[Candidate], asked: Understood) -> list[Candidate]:
    """By probability; a replaced rule after the successor that answers as well, or whenever what holds now is asked."""
    ranked = sorted(candidates, key=lambda one: (-one.probability, one.rule.id))
    if asked.past or (asked.asks_of_the_past and not asked.asks_of_now):
        return latest_first(ranked, asked)
    share = _SUCCESSOR_SHARE_NOW if asked.asks_of_now else _SUCCESSOR_SHARE
    held = {one.rule.id: one for one in ranked}
    for one in sorted(ranked, key=lambda one: one.rule.in_force_from or date.min):
        now = held[one.rule.id]
        if standing(one.rule, asked.as_of) is not Standing.SUPERSEDED:
            continue
        after = [held[newer] for newer in one.rule.superseded_by if newer in held]
        best = max(after, key=lambda other: other.probability, default=None)
        if best is not None and best.probability >= share * now.probability:
            held[best.rule.id] = replace(best, probability=max(best.probability, now.probability))
            held[one.rule.id] = replace(now, probability=now.probability * _REPLACED)
    ranked = sorted(held.values(), key=lambda one: (-one.probability, one.rule.id))
    return latest_first(ranked, asked)


def latest_first(ranked: Sequence[Candidate], asked: Understood) -> list[Candidate]:
    """Where a question asks how things stand, the last record of a matter before earlier ones that are not much
    likelier: a count of licences is of its day alone."""
    if not ranked or ranked[0].rule.stage is not Stage.EVENT or not asks_how_it_stands(asked):
        return list(ranked)
    best = ranked[0]
    share = _LATEST_SHARE_NOW if asked.asks_of_now else _LATEST_SHARE
    of_matter = [
        one for one in ranked
        if one.rule.topic == best.rule.topic and one.rule.stage is Stage.EVENT
        and one.probability >= share * best.probability
    ]  # fmt: skip
    latest = max(of_matter, key=lambda one: one.rule.in_force_from or date.min)
    told = replace(latest, probability=math.nextafter(best.probability, 1.0)) if latest is not best else best
    return [told, *(one for one in ranked if one is not latest)]
