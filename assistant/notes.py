"""What a reader must know beside an answer: standing, replacement, dispute, confidence. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from assistant.answer import Note, NoteCode
from assistant.held_then import tells_of_then
from assistant.phrases import inner, say, say_day
from assistant.understand import Understood
from knowledge.rule import Dispute, Language, Rule, Stage, Standing, standing

_CLAIMANT = re.compile("article|author|column|piece|文章|作者|該文|该文", re.IGNORECASE)
_DISPUTED = frozenset({"differs", "imprecise"})


def make_notes(asked: Understood, cited: Sequence[tuple[int, Rule]], rules: Mapping[str, Rule]) -> tuple[Note, ...]:
    """The notes for cited rules, each with its number in the answer; the same message once."""
    notes = [*_reading(asked)]
    for number, rule in cited:
        notes += _on_standing(asked, number, rule, rules)
        notes += _on_changes(asked, rule, rules)
        if rule.confidence in ("low", "medium"):
            key = "low_confidence" if rule.confidence == "low" else "medium_confidence"
            notes.append(Note(NoteCode.LOW_CONFIDENCE, say(key, asked.language, number=number)))
        for dispute in rule.disputes:
            if dispute.verdict in _DISPUTED:
                notes.append(Note(NoteCode.DISPUTED, _dispute(dispute, asked.language)))
    return tuple(dict.fromkeys(notes))


def _reading(asked: Understood) -> Iterator[Note]:
    if not asked.dated:
        return
    day = say_day(asked.as_of, asked.language)
    if asked.phrase:
        yield Note(NoteCode.AS_OF, say("as_of_read", asked.language, day=day, phrase=asked.phrase))
    else:
        yield Note(NoteCode.AS_OF, say("as_of", asked.language, day=day))


def _on_standing(asked: Understood, number: int, rule: Rule, rules: Mapping[str, Rule]) -> Iterator[Note]:
    language = asked.language
    stands = standing(rule, asked.as_of)
    if stands is Standing.SUPERSEDED:
        after = _successor(rule, rules)
        title = after.title[language] if after else ""
        day = _day(rule.in_force_to, language)
        key = "superseded" if day else "superseded_undated"
        yield Note(NoteCode.SUPERSEDED, say(key, language, number=number, day=day, title=inner(title)))
    elif stands is Standing.LAPSED:
        yield Note(NoteCode.LAPSED, say("lapsed", language, number=number, day=_day(rule.in_force_to, language)))
    elif stands is Standing.PROPOSED:
        yield Note(NoteCode.PROPOSED, say("proposed", language, number=number))
    elif stands is Standing.NOT_YET and not tells_of_then(rule, asked):
        day = _day(rule.in_force_from, language)
        begins = "not_yet" if rule.stage is Stage.MADE else "later"
        key = begins if day else "not_yet_undated"
        yield Note(NoteCode.NOT_YET, say(key, language, number=number, day=day))


def _on_changes(asked: Understood, rule: Rule, rules: Mapping[str, Rule]) -> Iterator[Note]:
    """What has become of a rule told for a past day."""
    ended = rule.in_force_to
    if not asked.past or ended is None or not asked.as_of < ended <= asked.today:
        return
    after = _successor(rule, rules)
    day = say_day(ended, asked.language)
    if after is None:
        yield Note(NoteCode.CHANGED_SINCE, say("ended_since", asked.language, day=day))
    else:
        title = after.title[asked.language]
        yield Note(NoteCode.CHANGED_SINCE, say("changed_since", asked.language, day=day, title=inner(title)))


def _successor(rule: Rule, rules: Mapping[str, Rule]) -> Rule | None:
    held = [rules[one] for one in rule.superseded_by if one in rules]
    return min(held, key=lambda one: one.in_force_from or date.max) if held else None


def _dispute(dispute: Dispute, language: Language) -> str:
    """Both sides; a claim that does not name who makes it is given as an article's."""
    claim = dispute.claim[language]
    if _CLAIMANT.search(claim) is None:
        claim = say("claimed", language, claim=claim)
    return say("disputed", language, claim=claim, note=dispute.note[language]).strip()


def _day(day: date | None, language: Language) -> str:
    return say_day(day, language) if day else ""
