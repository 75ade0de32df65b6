"""Which reading of a follow-up the records answer best.

A follow-up is read alone, after each question that it may hang on, after the title of what was told last, and with what
it names in place of what the question before it named. Each reading is looked up, and what they find is pooled.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from assistant.asked_for import names_in
from assistant.asked_names import ranks_in
from assistant.content import asked_units
from assistant.exchange import READINGS, readings
from assistant.follow import Follow
from assistant.found import Found
from assistant.lineage import successors
from assistant.pooled import HANGING, NAMING, STANDING, Read, Way, Weights, pooled
from assistant.rule_index import RuleIndex
from assistant.understand import Understood, read_after, read_alone, read_instead

Look = Callable[[Understood], Found]

_STANDS = 0.7
"""Confidence from which a question that names what it is about is answered as it stands."""


def find_followed(look: Look, index: RuleIndex, asked: Understood, enough: float) -> Read:
    """The question as it is read, and what is found for it.

    A fragment that only asks ("Why?", "點解嘅?") is most likely answered by what was told already: nothing shown
    counts for less.
    """
    follow = asked.standalone.follow
    if follow is Follow.INSTEAD:
        return asked, _of_the_rank(look(asked), index, asked.shown, ranks_in(asked.text))
    if follow is Follow.NOW:
        return asked, _holding_first(look(asked), index, asked, enough)
    if follow is Follow.DATE:
        return _of_the_day(look, asked, enough)
    if follow is Follow.FRAGMENT:
        names = bool(asked_units(asked.standalone.focus))
        if not names:
            asked = replace(asked, shown=())
            return _any_day(lambda one: (one, look(one)), asked, enough)
        weights = NAMING if names_anything(index, asked.standalone.focus) else HANGING
        return _any_day(lambda one: _pooled(look, index, one, weights, enough), asked, enough)
    if follow is not Follow.ALONE or not asked.earlier:
        return asked, look(asked)
    if not names_anything(index, asked.text):
        return _pooled(look, index, asked, NAMING, enough)
    found = look(asked)
    return (asked, found) if found.confidence >= _STANDS else _pooled(look, index, asked, STANDING, enough)


def _pooled(look: Look, index: RuleIndex, asked: Understood, weights: Weights, enough: float) -> Read:
    """The reading that finds the likeliest rule; where none is believed, the one that keeps most of the thread."""
    read = {
        way: [(one, look(one)) for one in ones] for way, ones in _ways(index, asked).items() if weights.of(way) and ones
    }
    rules = [index.rules[index.place[one]] for one in asked.shown if one in index.place]
    one, found = pooled(read, weights, {rule.topic for rule in rules}, asked.shown)
    if found.confidence >= enough:
        return one, found
    whole = read.get(Way.JOINED, read[Way.ALONE])[-1]
    return whole[0], replace(whole[1], candidates=found.candidates, sides=())


def _ways(index: RuleIndex, asked: Understood) -> dict[Way, list[Understood]]:
    """The follow-up in all its readings."""
    focus = asked.standalone.focus or asked.text
    befores = dict.fromkeys((*asked.earlier, " ".join(asked.earlier)))
    titles = [index.rules[index.place[one]].title[asked.language] for one in asked.shown[:1] if one in index.place]
    most = READINGS // max(len(asked.earlier), 1)
    exchanged = [one for before in asked.earlier for one in readings(before, focus, index.glossary)[:most]]
    return {
        Way.ALONE: [read_alone(asked)],
        Way.JOINED: [read_after(asked, before) for before in befores],
        Way.TITLED: [read_after(asked, title) for title in titles],
        Way.EXCHANGED: [read_instead(asked, reading) for reading in exchanged],
    }


def _any_day(read: Callable[[Understood], Read], asked: Understood, enough: float) -> Read:
    """Where nothing answers on the day of the turn before, which a follow-up only took over, or only what was told
    then: today."""
    one, found = read(asked)
    new = not found.candidates or found.candidates[0].rule.id not in asked.shown
    if not asked.day_kept or (found.confidence >= enough and new):
        return one, found
    today, its = read(replace(asked, as_of=asked.today, dated=False, day_kept=False))
    return (today, its) if its.confidence >= max(enough, found.confidence) else (one, found)


def _of_the_day(look: Look, asked: Understood, enough: float) -> Read:
    """The last question for another day; where nothing answers it then, together with the one that it hung on."""
    found = look(asked)
    if found.confidence >= enough or len(asked.earlier) < 2:
        return asked, found
    joined = replace(asked, text=f"{asked.earlier[-2]} {asked.text}")
    its = look(joined)
    return (joined, its) if its.confidence >= enough else (asked, found)


def _holding_first(found: Found, index: RuleIndex, asked: Understood, enough: float) -> Found:
    """For what holds now: what replaced the rule that was told is as likely as anything else that answers."""
    told = [index.rules[index.place[one]] for one in asked.shown[:1] if one in index.place]
    rules = {rule.id: rule for rule in index.rules}
    after = frozenset(one for rule in told for one in successors(rule, rules))
    best = max((one for one in found.candidates if one.rule.id in after), key=lambda one: one.probability, default=None)
    if best is None or best.probability < enough:
        return found
    best = replace(best, probability=max(best.probability, found.candidates[0].probability))
    return replace(found, candidates=(best, *(one for one in found.candidates if one.place != best.place)))


def _of_the_rank(found: Found, index: RuleIndex, shown: Collection[str], ranks: frozenset[str]) -> Found:
    """Without the rules that were shown for another rank and that do not have the one asked for now."""
    kept = tuple(
        one for one in found.candidates if one.rule.id not in shown or ranks <= index.terms_of(one.place).ranks
    )
    return replace(found, candidates=kept)


def names_anything(index: RuleIndex, text: str) -> bool:
    """Whether a text names anything: with a name of its own, or by a term of the glossary."""
    return bool(names_in(text)) or any(index.glossary.named_in(text))
