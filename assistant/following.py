"""Which reading of a follow-up the records answer best.

A fragment is read with what it names in place of what the question before it named, and joined to that question; a
question that names nothing is read alone and joined. Each reading is looked up, and the surest is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from assistant.asked_for import names_in
from assistant.asked_names import ranks_in
from assistant.choose import Found
from assistant.content import asked_units
from assistant.exchange import readings
from assistant.follow import Follow
from assistant.measure import met_units, read_question
from assistant.rule_index import RuleIndex
from assistant.understand import Understood, after_the_turns, read_instead

Look = Callable[[Understood], Found]
Weigh = Callable[[Understood, Found], Found]

_SURER = 1.25
"""How much surer than any answer a reading must be, as the surest of several is taken."""


def find_followed(
    look: Look, weigh: Weigh, index: RuleIndex, asked: Understood, enough: float
) -> tuple[Understood, Found]:
    """The question as it is read, and what is found for it, what was told before weighed by what is new.

    A fragment that only asks ("Why?", "點解嘅?") is most likely answered by what was told already: nothing shown
    counts for less.
    """
    if asked.standalone.follow is Follow.INSTEAD:
        return asked, _of_the_rank(look(asked), index, asked)
    if asked.standalone.follow is Follow.FRAGMENT:
        names = bool(asked_units(asked.standalone.focus))
        asked = asked if names else replace(asked, shown=())
        read, found = _fragment(look, index, asked, enough) if names else (asked, look(asked))
        return _any_day(look, weigh, read, weigh(read, found), enough)
    found = look(asked)
    if asked.joined and not _names_anything(index, asked.text):
        joined = after_the_turns(asked)
        its = look(joined)
        if its.confidence >= found.confidence or found.confidence < enough:
            return joined, its
    return asked, found


def _fragment(look: Look, index: RuleIndex, asked: Understood, enough: float) -> tuple[Understood, Found]:
    """The surest of the readings in which one thing takes the place of another; where none is answered, joined.

    Joined it is held to the same: where the fragment only names something, what answers must have that.
    """
    joined = look(asked)
    best: tuple[Understood, Found] | None = None
    for reading in readings(asked.standalone.before, asked.standalone.focus, index.glossary):
        if best is None and _has(index, joined, reading.thing):
            best = asked, joined
        one = read_instead(asked, reading)
        found = look(one)
        surer = best is None or found.confidence > best[1].confidence
        if surer and found.confidence >= _SURER * enough and _has(index, found, reading.thing):
            best = one, found
    return best or (asked, joined)


def _has(index: RuleIndex, found: Found, thing: str) -> bool:
    """Whether the likeliest rule has all that a thing is named with."""
    if not found.candidates:
        return False
    named = read_question(index, thing)
    terms = index.terms_of(found.candidates[0].place)
    return set(named.units) <= met_units(named, terms.all, terms.all_groups)


def _any_day(look: Look, weigh: Weigh, asked: Understood, found: Found, enough: float) -> tuple[Understood, Found]:
    """Where nothing answers on the day of the turn before, which a follow-up only took over: today."""
    if found.confidence >= enough or not asked.day_kept:
        return asked, found
    today = replace(asked, as_of=asked.today, dated=False, day_kept=False)
    its = weigh(today, look(today))
    return (today, its) if its.confidence >= enough else (asked, found)


def _of_the_rank(found: Found, index: RuleIndex, asked: Understood) -> Found:
    """Without the rules that the turn before showed for another rank and that do not have the one asked for now."""
    ranks = ranks_in(asked.text)
    kept = tuple(
        one for one in found.candidates if one.rule.id not in asked.shown or ranks <= index.terms_of(one.place).ranks
    )
    return replace(found, candidates=kept)


def _names_anything(index: RuleIndex, text: str) -> bool:
    return bool(names_in(text)) or any(index.glossary.named_in(text))
