"""From a question to what it is answered with: taken apart, understood, searched, verified, decided. Synchronous."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from assistant.after_first import find_after
from assistant.answer import Note, NoteCode, Outcome
from assistant.asked_kind import Asked
from assistant.asked_language import read_asked_language
from assistant.checked import checked
from assistant.choose import find
from assistant.compose import Composed, Told, choose_rules, compose, refuse
from assistant.domain import is_elsewhere, is_in_domain
from assistant.first_part import first_of
from assistant.follow import Follow
from assistant.following import find_followed
from assistant.followup import points_only
from assistant.found import Candidate, Found
from assistant.held_then import tells_of_then
from assistant.lineage import holding_now, told_beside, told_in_order
from assistant.on_the_answer import language_wished
from assistant.parts import split_clauses, split_questions, without_orders
from assistant.passages import Carried, carried, of_articles, of_own_documents
from assistant.phrases import say, say_day
from assistant.polar_words import NearPolar
from assistant.question import Question, Turn
from assistant.rule_index import RuleIndex
from assistant.series import asks_of_all, series_of
from assistant.settings import AssistantSettings
from assistant.sourcing import compose_sources
from assistant.spoken import to_written
from assistant.understand import Understood, understand
from assistant.verify import Verifier
from assistant.yes_no import asks_whether_it_holds, lead_of, rules_for_now, rules_on
from knowledge.library import Library
from knowledge.passage import Hit
from knowledge.rule import Rule, Stage, Standing, standing
from knowledge.words import has_han

_NEARBY = 2
_RULING_SHARE = 0.8
"""Share of the likeliest rule's probability from which another is told in its place for its ruling."""
_SURER, _FAR_SURER = 1.5, 3.0
"""How much likelier than what held then a rule must be to be told as one that had not begun: where yes or no is asked,
and where anything else is."""
_RULINGS = 8
"""How many of the likeliest rules are asked for a ruling on a yes/no question."""

Polars = Mapping[int, Sequence[NearPolar]]
"""Yes/no questions by the place of their rule."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A question read and looked up, and its answer without a chat model. `found` is of the first question in it."""

    asked: Understood
    found: Found
    composed: Composed
    confidence: float


class Reader:
    """Decides on answers from one library version."""

    def __init__(self, library: Library, verifier: Verifier, settings: AssistantSettings) -> None:
        self.library = library
        self._index = RuleIndex(library, verifier.idf)
        self._verifier = verifier
        self._settings = settings

    def warm(self) -> None:
        """Read what the first questions would wait for: the vectors of either language, and the words of the rules."""
        for rule in self._index.rules[:1]:
            for title in rule.title.values():
                self.decide(self.understand(Question(title)))
        self._index.read_all()
        _keep_out_of_collections()

    def understand(self, question: Question) -> list[Understood]:
        """The questions in a question, each standing alone; a later one may hang on an earlier."""
        asked: list[Understood] = []
        turns = question.turns
        whole = read_asked_language(question.text, turns[-1].language if turns else None)
        parts = split_questions(without_orders(question.text))
        clauses = split_clauses(parts[0]) if len(parts) == 1 else None
        for part in clauses or parts:
            one = understand(replace(question, text=part, turns=turns), self._settings.day)
            wished = question.language or language_wished(question.text)
            if (one.language, whole) == ("zh-Hans", "zh-Hant") and not wished:
                one = replace(one, language=whole)  # of this part alone both scripts look alike
            asked.append(replace(one, text=read_question_text(self._index, one.text)))
            turns = (*turns, Turn(part, "", as_of=one.as_of if one.dated else None, language=one.language))
        return asked

    def decide(self, asked: Sequence[Understood]) -> Decided:
        """Look up and compose."""
        asked, found = self._find(asked)
        first = asked[0]
        if first.standalone.follow is Follow.SOURCE:
            composed = compose_sources(first, self.library.rules, self.library.sources)
            return Decided(first, found[0], composed, float(bool(composed.citations)))
        if all(one.standalone.follow is Follow.UNCLEAR for one in asked):
            return Decided(first, found[0], refuse(Outcome.UNCLEAR, first), 0.0)
        tolds = [self._told(one, its) for one, its in zip(asked, found, strict=True)]
        confidence = max(_confidence(one, its) for one, its in zip(tolds, found, strict=True))
        told = any(one.rules or one.passages for one in tolds)
        answer = compose(tolds, self.library.rules, self.library.sources) if told else None
        kept = checked(answer, first, self.library) if answer else None
        return Decided(first, found[0], kept or self._refused(first, found[0]), confidence)

    def _find(self, asked: Sequence[Understood]) -> tuple[list[Understood], list[Found]]:
        """What is found for each; a later one is read with what the first is about."""
        read: list[Understood] = []
        found: list[Found] = []
        enough = self._settings.answer_threshold
        for one in asked:
            if found:
                first = first_of(self._index, read[0], found[0], enough)
                piece = read_question_text(self._index, one.shown_text)
                one, its = find_after(self._look, self._index, first, one, piece, enough)
            else:
                one, its = find_followed(self._look, self._index, one, enough)
            read.append(one)
            found.append(its)
        return read, found

    def _look(self, asked: Understood) -> Found:
        return find(self.library, self._index, self._verifier, asked, self._settings.answer_threshold)

    def _told(self, asked: Understood, found: Found) -> Told:
        enough = self._settings.answer_threshold
        beside = self._beside(asked)
        if beside is not None:
            return Told(asked, beside)
        own = self._carried(asked, of_own_documents(found.sections, self.library.sources))
        if own and (own[0].named or own[0].probability > found.confidence):
            return Told(asked, passages=tuple(own[:1]))
        if len(found.sides) > 1 or (found.sides and found.sides[0].place != found.candidates[0].place):
            return Told(asked, self._sides(asked, found))
        if self._before_all(asked):
            return Told(asked)
        ruling = self._ruling(asked, found)
        if ruling is not None and (ruling.probability >= enough or not _begins_later(asked, found)):
            return Told(asked, (ruling.rule,), lead=self._lead(asked, found, ruling))
        if found.confidence >= enough and not _begins_later(asked, found):
            best = found.candidates[0]
            in_order = told_in_order(asked.text, best.rule, self.library.rules)
            if in_order and not asked.past:
                return Told(asked, in_order)
            if self._is_history(asked, best.rule):
                lead = self._lead(asked, found, best) if asks_whether_it_holds(asked) else ""
                return Told(asked, (holding_now(best.rule, self.library.rules), best.rule), lead=lead)
            lead = self._lead(asked, found, best)
            return Told(asked, self._series(asked, found) or tuple(choose_rules(found.candidates, asked)), lead=lead)
        if found.later:
            later = found.later[0].rule
            return Told(asked, (later, *self._before(later, found)), lead=_not_yet(asked, later))
        articles = self._carried(asked, of_articles(found.sections, self.library.sources))
        return Told(asked, passages=tuple(articles[:1]))

    def _beside(self, asked: Understood) -> tuple[Rule, ...] | None:
        """For a wish on the rules that were told: what came before or after them, or, where it is asked since when, the
        first of them; None for anything else."""
        follow = asked.standalone.follow
        if follow in (Follow.BEFORE, Follow.AFTER):
            return told_beside(follow, asked.shown, self.library.rules)
        if follow is Follow.SINCE and asked.shown and asked.shown[0] in self.library.rules:
            return (self.library.rules[asked.shown[0]],)
        return None

    def _before_all(self, asked: Understood) -> bool:
        """Whether the day asked for is before any of our records: nothing is held for it."""
        return asked.past and self._index.earliest is not None and asked.as_of < self._index.earliest

    def _sides(self, asked: Understood, found: Found) -> tuple[Rule, ...]:
        """The rule of each side; before one that no longer holds, though no other day is asked for, what holds now."""
        rules: dict[str, Rule] = {}
        for one in found.sides:
            now = holding_now(one.rule, self.library.rules) if self._is_history(asked, one.rule) else one.rule
            rules |= {now.id: now, one.rule.id: one.rule}
        return tuple(rules.values())

    def _series(self, asked: Understood, found: Found) -> tuple[Rule, ...]:
        """All of a series, where the question asks of each and a likely rule is one of it."""
        if not asks_of_all(asked.shown_text):
            return ()
        enough = self._settings.answer_threshold
        likely = [one.rule for one in found.candidates if one.probability >= enough]
        return next(filter(None, (series_of(rule, self.library.rules) for rule in likely)), ())

    def _is_history(self, asked: Understood, rule: Rule) -> bool:
        """Whether a rule no longer holds though the question asks for no other day: then what holds is told first."""
        told_of_now = not (asked.past or asked.asks_of_the_past)
        return told_of_now and standing(rule, asked.as_of) is Standing.SUPERSEDED

    def _carried(self, asked: Understood, sections: Sequence[Hit]) -> list[Carried]:
        return carried(self._index, asked, sections, self.library.sources, self.library.embedder.embed_query)

    def _ruling(self, asked: Understood, found: Found) -> Candidate | None:
        """The likeliest rule that has the very yes/no question; before one not much likelier that is on the matter."""
        if Asked.YES_NO not in asked.asked:
            return None
        enough = self._settings.answer_threshold
        least = _RULING_SHARE * found.confidence if found.confidence >= enough else 0.0
        polars = self._polars(asked, found)
        for one in found.candidates[:_RULINGS]:
            if one.probability < least or one.probability == 0.0 or self._is_history(asked, one.rule):
                continue
            if rules_on(asked, self._index, polars[one.place], _rivals(polars, one)):
                return one
        return None

    def _lead(self, asked: Understood, found: Found, best: Candidate) -> str:
        if asked.past and standing(best.rule, asked.as_of) is Standing.NOT_YET and not tells_of_then(best.rule, asked):
            return _not_yet(asked, best.rule)
        if Asked.YES_NO not in asked.asked or not rules_for_now(best.rule, asked):
            return ""
        polars = self._polars(asked, found)
        key = lead_of(asked, self._index, best.rule, polars[best.place], _rivals(polars, best))
        return say(key, asked.language) if key else ""

    def _polars(self, asked: Understood, found: Found) -> Polars:
        """The yes/no questions of the likeliest rules, by the rule's place."""
        places = [one.place for one in found.candidates[:_RULINGS]]
        return self._index.polars(places, "zh" if has_han(asked.text) else "en", found.vector)

    def _before(self, later: Rule, found: Found) -> list[Rule]:
        """What held before a rule began: what was replaced by its authority on that day, else the likeliest rule of the
        day if it is believed to answer."""
        for one in found.candidates:
            after = [self.library.rules[newer] for newer in one.rule.superseded_by if newer in self.library.rules]
            if any(
                newer.in_force_from == later.in_force_from and newer.authority == later.authority for newer in after
            ):
                return [one.rule]
        return [one.rule for one in found.candidates[:1] if one.probability >= self._settings.answer_threshold]

    def _refused(self, asked: Understood, found: Found) -> Composed:
        nearby = [one.rule for one in found.candidates[:_NEARBY]]
        known = is_in_domain(asked.text, self._index, found.vector)
        if not (known or is_elsewhere(asked.text, self._index)) and points_only(asked.shown_text):
            return refuse(Outcome.UNCLEAR, asked)
        if (known or found.later) and self._index.earliest and self._before_all(asked):
            return _nothing_then(asked, self._index.earliest)
        return refuse(Outcome.INSUFFICIENT if known else Outcome.OFF_TOPIC, asked, nearby)


def read_question_text(index: RuleIndex, text: str) -> str:
    """The text as it is searched: slips of the keyboard put right, spoken Cantonese written."""
    return index.homophones.corrected(index.spelling.corrected(to_written(text)))


def _confidence(told: Told, found: Found) -> float:
    """The probability that the likeliest of what is told answers; where no rule is told, of the likeliest rule."""
    ids = {rule.id for rule in told.rules}
    among = (*found.candidates, *found.sides, *found.later)
    return max((one.probability for one in among if one.rule.id in ids), default=found.confidence)


def _keep_out_of_collections() -> None:
    """Leave what is held now out of garbage collections, which would go through all of it (a tenth of a second) every
    few hundred questions. What a library that was exchanged left behind is collected first."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _rivals(polars: Polars, best: Candidate) -> list[NearPolar]:
    """Those of all rules but one."""
    return [polar for place, its in polars.items() if place != best.place for polar in its]


def _nothing_then(asked: Understood, earliest: date) -> Composed:
    """The refusal of a question about a day before any record."""
    day, first = say_day(asked.as_of, asked.language), say_day(earliest, asked.language)
    own = say("nothing_then", asked.language, day=day, earliest=first)
    return Composed(Outcome.INSUFFICIENT, own, notes=(Note(NoteCode.NOT_FOUND, own),), own=(own,))


def _begins_later(asked: Understood, found: Found) -> bool:
    """Whether what is asked of began only after the day asked for: far surer than what held then."""
    surest = max((one.probability for one in found.later), default=0.0)
    return surest > (_SURER if Asked.YES_NO in asked.asked else _FAR_SURER) * found.confidence


def _not_yet(asked: Understood, rule: Rule) -> str:
    begins = rule.in_force_from or rule.known_from
    key = "not_yet_then" if rule.stage is Stage.MADE else "not_known_then"
    day = say_day(asked.as_of, asked.language)
    return say(key, asked.language, day=day, begins=say_day(begins, asked.language) if begins else "")
