"""The answer without a chat model: the statements that answer, as one text with markers. Pure.

The direct answer comes first: the statement of the rule that most likely answers, led by yes or no where the rule
gives a ruling on just that question. Further rules follow only where they are about as likely to answer and say
something new. Nothing is rephrased, so that every sentence stands in the record it cites.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.answer import Citation, Note, NoteCode, Outcome
from assistant.asked_date import months_named
from assistant.asked_kind import Asked
from assistant.citing import cite_passage, cite_rule
from assistant.content import held_terms
from assistant.follow import Follow
from assistant.found import Candidate
from assistant.notes import make_notes
from assistant.passages import Carried
from assistant.phrases import inner, say, say_day
from assistant.understand import Understood
from knowledge.rule import Language, Rule, Stage, Standing, standing
from knowledge.sentence import sentences
from knowledge.source import Source

FURTHER = 0.6
"""Probability from which a second rule is told."""
FURTHER_SHARE = 0.7
"""Share of the best rule's probability from which it is."""
_MOST, _MOST_LISTED = 2, 4
_WORDS, _CHARACTERS = 120, 220
_SAME = 0.75
"""Share of a statement's terms already told from which it says nothing new."""
_SINCE = re.compile(r"(?:Since|After|From)\b|(?:自|由|从|從)[^，,]{4,20}起")
"""How a sentence begins that tells what came later; a date ahead alone may be a deadline that was known."""
_END = re.compile(r"([.。!！?？;；]+[\"”’』」）)]*)$")


@dataclass(frozen=True, slots=True)
class Composed:
    """An answer's text with all that goes with it; `own` are sentences of ours that need no marker."""

    outcome: Outcome
    text: str
    citations: tuple[Citation, ...] = ()
    notes: tuple[Note, ...] = ()
    own: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    """What we put before a record's sentence: yes or no, or that it did not hold yet on the day asked for."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one question of the asker's is answered with: rules, or passages, or neither; `lead` begins the text."""

    asked: Understood
    rules: tuple[Rule, ...] = ()
    passages: tuple[Carried, ...] = ()
    lead: str = ""


def compose(tolds: Sequence[Told], rules: Mapping[str, Rule], sources: Mapping[str, Source]) -> Composed:
    """The answer to all questions asked, in their order; what is not answered is said in a closing line."""
    asked = tolds[0].asked
    pieces: list[str] = []
    own: list[str] = []
    since: list[str] = []
    citations: list[Citation] = []
    cited: list[tuple[int, Rule]] = []
    for told in tolds:
        begin = len(pieces)
        for rule in told.rules:
            if any(rule.id == one.id for one in citations):
                continue
            number = len(citations) + 1
            statement = rule.statement[asked.language]
            spans = sentences_then(rule, asked)
            spans = spans[:1] if told.asked.standalone.follow is Follow.SHORTER else spans
            citations.append(cite_rule(number, rule, (spans[0][0], spans[-1][1]), asked.language, asked.as_of, sources))
            cited.append((number, rule))
            pieces += [marked(statement[start:end], number, asked.language) for start, end in spans]
        for one in told.passages:
            number = len(citations) + 1
            span = (one.spans[0][0], one.spans[-1][1])
            source = sources[one.passage.record]
            citations.append(cite_passage(number, one.passage, span, asked.language, source))
            pieces += [marked(source.text[start:end], number, asked.language) for start, end in one.spans]
        if told.lead and len(pieces) > begin:
            pieces[begin] = told.lead + pieces[begin]
        begun = _since(told, cited)
        pieces[begin:begin] = begun
        since += begun
        if not told.rules and not told.passages and told.asked.shown_text:
            own.append(say("part_missing", asked.language, part=told.asked.shown_text.rstrip(" ?？")))
    notes = [*make_notes(asked, cited, rules), *(Note(NoteCode.NOT_FOUND, line) for line in own)]
    text = joined([*pieces, *own], asked.language)
    leads = (*(told.lead for told in tolds if told.lead), *since)
    return Composed(Outcome.ANSWERED, text, tuple(citations), tuple(notes), tuple(own), leads)


def _since(told: Told, cited: Sequence[tuple[int, Rule]]) -> list[str]:
    """From when the rule told has applied, where that is asked: by its own day."""
    if told.asked.standalone.follow is not Follow.SINCE or not told.rules:
        return []
    number, rule = next((number, rule) for number, rule in cited if rule.id == told.rules[0].id)
    if rule.stage is not Stage.MADE or rule.in_force_from is None:
        return []
    language = told.asked.language
    return [marked(say("since", language, day=say_day(rule.in_force_from, language)), number, language)]


def sentences_then(rule: Rule, asked: Understood) -> list[tuple[int, int]]:
    """The sentences of a rule's statement, as spans; for a past day without those at its end that tell of later."""
    spans = sentences(rule.statement[asked.language])
    if not asked.past or standing(rule, asked.as_of) is Standing.NOT_YET:
        return spans
    day = (asked.as_of.year, asked.as_of.month)
    while len(spans) > 1 and _SINCE.match(rule.statement[asked.language], *spans[-1]):
        named = months_named(rule.statement[asked.language][spans[-1][0] : spans[-1][1]], asked.today)
        if all((year, month or 1) <= day for year, month in named):
            break
        spans.pop()
    return spans


def choose_rules(candidates: Sequence[Candidate], asked: Understood) -> list[Rule]:
    """The rules to tell: the best, and those about as likely that say something new, within the length allowed."""
    best = candidates[0]
    if asked.standalone.follow in (Follow.SHORTER, Follow.SINCE):
        return [best.rule]
    many = bool({Asked.LIST, Asked.COMPARISON, Asked.CHANGE} & asked.asked)
    chosen = [best.rule]
    said = held_terms(best.rule.statement["en"])
    length = _length(best.rule.statement[asked.language], asked.language)
    for one in candidates[1:]:
        if len(chosen) >= (_MOST_LISTED if many else _MOST):
            break
        if one.probability < max(FURTHER, FURTHER_SHARE * best.probability):
            break
        terms = held_terms(one.rule.statement["en"])
        more = _length(one.rule.statement[asked.language], asked.language)
        if len(terms & said) / (len(terms) or 1) >= _SAME or (not many and length + more > 1.0):
            continue
        chosen.append(one.rule)
        said |= terms
        length += more
    return chosen


def refuse(outcome: Outcome, asked: Understood, nearby: Sequence[Rule] = ()) -> Composed:
    """A refusal: what kind it is, and for a question of ours what is held nearby."""
    own = [say(outcome.value, asked.language)]
    if nearby and outcome is Outcome.INSUFFICIENT:
        quoted = "“{}”" if asked.language == "en" else "《{}》"
        titles = (", " if asked.language == "en" else "、").join(
            quoted.format(inner(rule.title[asked.language])) for rule in nearby
        )
        own.append(say("nearby", asked.language, titles=titles))
    notes = (Note(NoteCode.NOT_FOUND, own[0]),) if outcome is Outcome.INSUFFICIENT else ()
    return Composed(outcome, joined(own, asked.language), notes=notes, own=tuple(own))


def marked(sentence: str, number: int, language: Language) -> str:
    """The sentence with its marker before the final mark."""
    gap = " " if language == "en" else ""
    if _END.search(sentence):
        return _END.sub(rf"{gap}[{number}]\1", sentence)
    return f"{sentence}{gap}[{number}]"


def joined(pieces: Sequence[str], language: Language) -> str:
    """Sentences as one text."""
    return (" " if language == "en" else "").join(pieces)


def _length(text: str, language: Language) -> float:
    """The length as a share of what an answer may have."""
    return len(text.split()) / _WORDS if language == "en" else len(text) / _CHARACTERS
