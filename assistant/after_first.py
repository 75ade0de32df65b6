"""What is found for a later part of a question: read with what the first part is about.

"When does the licence start? Is there a transition?" asks for the transition of that licence; "When was HashKey
licensed? And OSL?" asks when OSL was. So a part is read alone, with the subject of the first before it, with what it
names in place of that subject, and joined to the first; the surest reading is taken. Where the part has no subject of
its own, what answers must be akin to the first: on its topic, or with its subject.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from assistant.asked_kind import read_asked
from assistant.content import asked_units
from assistant.exchange import Reading, has_pronoun, readings, with_another
from assistant.first_part import First, is_akin, is_first, lacks, names_of, probability_of_first, share_of_new
from assistant.follow import Follow
from assistant.following import Look, find_followed, names_anything
from assistant.followup import Standalone
from assistant.found import Candidate, Found
from assistant.measure import meets_all, read_question
from assistant.odds import log_odds, probability_of
from assistant.rule_index import RuleIndex
from assistant.understand import Understood, read_instead
from knowledge.words import fold, has_han

May = Callable[[Candidate], bool]

_LEAST = 0.3
"""Probability from which a rule that the first part was not answered with answers a part that hangs on it."""
_ALONE = 0.5
"""The same where the first part has no answer."""
_AS_NEAR = 0.75
"""Share of the surest rule's probability from which the first part's is told for a part, too."""
_SURE = 0.6
"""Probability from which no further reading is looked up."""
_JOINED, _UNLIKELY = 0.6, 0.001
"""How much the part joined to the first counts, beside the part by itself; and the least that the latter gives."""
_READINGS = 2
_SURELY_TOLD = 0.5
"""Probability from which the first part's rule tells a part, whatever its words."""
_NEW = 0.6
"""Share of what is new in a part that a rule must have which is not as sure as that."""
_OF_THE_SAME = re.compile(
    r"分别|各自|各|后来|其后|改[成为](?:了|咗)?|每一?[次个家只间批期]?|叫|名称|改(?:咗|了|过)?(?:未|没有)?|变(?:咗|了|过)?(?:未|没有)?|还?有效|生效|成立"
    r"|(?i:\b(?:each|respectively|so|still|valid|true|names?|named|appl(?:y|ies)|in force)\b)"
)
"""What asks of the very thing that the first part is answered with: its names, whether it still holds."""
_COMPARED = re.compile(
    r"(?i)\bcompared? (?:with|to|against) ([^?,]+)|^(?:那|咁)?(?:同|和|与|跟|比起|相比)(.{2,14}?)(?:比|相比|比较)"
)
"""What another thing is compared with, in a later part."""
_HANGS = re.compile(
    r"\b(?:it|its|they|them|their|that|those|these|this|there|he|she|one|ones|each)\b"
    r"|^(?:and |but |so |or )?(?:how (?:much|many|long|big|large|often)|why|when|where|since when)\b"
    r"|^\W*(?:那么?|又|还|仲|而家|依家|现在|目前|分别|各|每|后来|其后|之后|点样|怎|如何|点解|为何|为什么|何时|几|多少|什么|谁"
    r"|哪|边|咩|有没有|有冇|有无|是|系|需|要|可|能|会|使|应|罚|收|同|和|与|跟)"
)
"""A part that leaves its subject out."""


@dataclass(frozen=True, slots=True)
class _Option:
    asked: Understood
    found: Found

    @property
    def probability(self) -> float:
        return self.found.candidates[0].probability if self.found.candidates else 0.0


def find_after(
    look: Look, index: RuleIndex, first: First, part: Understood, piece: str, enough: float
) -> tuple[Understood, Found]:
    """A later part as it is read, and what is found for it; nothing where what was told already does not tell it.

    `piece` is the part by itself, as it is searched.
    """
    shown = (first.best.rule.id,) if first.best else part.shown
    part = replace(part, shown=shown)
    asks_itself = part.standalone.follow in (Follow.ALONE, Follow.FRAGMENT, Follow.DATE)
    if not asks_itself or not asked_units(piece):
        return find_followed(look, index, part, enough)
    if first.best and not asked_units(_OF_THE_SAME.sub(" ", piece)):
        return _told_by_first(first, part)
    options = _options(look, index, first, part, piece)
    best, other = _surest(options), _surest([_Option(one.asked, _without(one.found, first)) for one in options])
    if first.best is None:
        return best.asked, best.found
    again = max((probability_of_first(one.found, first) for one in options), default=0.0)
    again_told = again >= max(enough, _AS_NEAR * best.probability)
    if best.probability >= enough and not again_told and not is_first(first, best.found.candidates[0]):
        return best.asked, best.found
    beside = other.probability > 0.0 and share_of_new(index, first, piece, first.best.place) < _LEAST
    if beside or (again < enough and lacks(index, first.best, first, piece)):
        return other.asked, other.found
    return _told_by_first(first, part)


def _told_by_first(first: First, part: Understood) -> tuple[Understood, Found]:
    """The first part's rule again, for a part that it tells, too."""
    return replace(first.asked, shown_text=part.shown_text), replace(first.found, sections=())


def _surest(options: Sequence[_Option]) -> _Option:
    """The likeliest; where none has a rule, the last: joined to the first."""
    return max(reversed(options), key=lambda one: one.probability)


def _options(look: Look, index: RuleIndex, first: First, part: Understood, piece: str) -> list[_Option]:
    """The part in each of its readings, with the rules that may answer it so; no more once one is sure."""
    options: list[_Option] = []
    by_itself: Found | None = None
    for asked, answers in _ways(index, first, part, piece):
        found = look(asked)
        if asked.standalone.follow is Follow.ALONE:
            by_itself = found
        elif asked.standalone.follow is Follow.FRAGMENT:
            found = _weighed(found, by_itself, first)
        options.append(_Option(asked, answers(found)))
        if options[-1].probability >= _SURE and not is_first(first, options[-1].found.candidates[0]):
            break
    return options


def _ways(
    index: RuleIndex, first: First, part: Understood, piece: str
) -> Iterator[tuple[Understood, Callable[[Found], Found]]]:
    """The readings of a part: each with what it leaves of what is found for it."""
    new = partial(_has_new, index, first, piece)
    akin = partial(_kept, first, lambda one: is_akin(index, first, one) and new(one))
    alone = replace(
        part, text=piece, standalone=Standalone(piece, Follow.ALONE), asked=read_asked(piece), earlier=(), shown=()
    )
    hangs = _HANGS.search(fold(piece)) is not None or not names_anything(index, piece)
    points = has_pronoun(piece)
    if not points:
        yield alone, akin if hangs else _all
    day = first.asked if part.standalone.follow is Follow.DATE and not first.asked.dated else part
    undated = replace(part, as_of=day.as_of, dated=day.dated, phrase=day.phrase)
    for reading in _readings(index, first, piece):
        yield read_instead(undated, reading), partial(_kept, first, _having(index, first, reading.thing, new))
    if points:
        yield alone, akin
    text = f"{first.asked.text} {piece}"
    joined = replace(
        part, text=text, asked=read_asked(piece), standalone=Standalone(text, Follow.FRAGMENT, focus=piece)
    )
    may = partial(_kept, first, new) if first.best else akin
    yield joined, may


def _weighed(joined: Found, by_itself: Found | None, first: First) -> Found:
    """What is found for a part joined to the first, the likelihood of the first's rule weighed with that for the part
    by itself: joined, a part resembles what the first is answered with, whatever it asks."""
    if by_itself is None or not joined.candidates or not is_first(first, joined.candidates[0]):
        return joined
    best = joined.candidates[0]
    alone = max(probability_of_first(by_itself, first), _UNLIKELY)
    odds = log_odds(np.array([best.probability, alone])) @ (_JOINED, 1 - _JOINED)
    weighed = replace(best, probability=float(probability_of(odds)))
    ranked = sorted([weighed, *joined.candidates[1:]], key=lambda one: (-one.probability, one.rule.id))
    return replace(joined, candidates=tuple(ranked))


def _all(found: Found) -> Found:
    return found


def _readings(index: RuleIndex, first: First, piece: str) -> list[Reading]:
    """The part with the subject of the first before it, or the first with what the part names."""
    before = first.asked.text
    compared = _COMPARED.search(piece)
    piece = compared[1] or compared[2] if compared else piece
    found = [*with_another(before, piece), *readings(before, piece, index.glossary)]
    subject = first.subject
    if subject and not found and fold(subject) not in fold(piece):
        found = [Reading(f"{subject}{piece}" if has_han(piece) else f"{subject}: {piece}", subject)]
    found.sort(key=lambda one: one.thing != subject)
    return found[:_READINGS]


def _having(index: RuleIndex, first: First, thing: str, new: May) -> May:
    """Whether a rule may answer a reading: it has the thing put in; where that is of the first part, also what is new,
    and what the first is about."""
    named = read_question(index, thing)
    of_first = fold(thing) in fold(first.asked.text)
    subject = thing == first.subject and not names_of(read_question(index, first.asked.text))

    def may(one: Candidate) -> bool:
        terms = index.terms_of(one.place)
        has = meets_all(named, frozenset(named.units), terms)
        return has and (not of_first or (new(one) and (subject or is_akin(index, first, one))))

    return may


def _has_new(index: RuleIndex, first: First, piece: str, one: Candidate) -> bool:
    """Whether a rule has most of what is new in a part, or is sure without, or is what the first is answered with."""
    sure = first.best is not None and one.probability >= _SURELY_TOLD
    return sure or is_first(first, one) or share_of_new(index, first, piece, one.place) >= _NEW


def _kept(first: First, may: May, found: Found) -> Found:
    """The rules that may answer; another than the first part has must be the surer."""
    least = _LEAST if first.best else _ALONE
    kept = [one for one in found.candidates if may(one) and (one.probability >= least or is_first(first, one))]
    return replace(found, candidates=tuple(kept))


def _without(found: Found, first: First) -> Found:
    """What is left where the first part's rule does not tell it."""
    if first.best is None:
        return found
    kept = tuple(one for one in found.candidates if one.place != first.best.place and one.probability >= _LEAST)
    return replace(found, candidates=kept, sides=(), later=())
