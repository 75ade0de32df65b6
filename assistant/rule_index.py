"""The rules of a library as the verifier sees them: exact cosines and the terms of each, held in memory.

A library holds hundreds of rules and any number of passages; only the rules are held here. Cosines of all rules to a
question cost one product of a matrix and a vector.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from assistant.content import held_terms
from assistant.homophones import Homophones
from assistant.kept_terms import KeptTerms
from assistant.polar_words import NearPolar, PolarWords
from assistant.rule_terms import RuleTerms, questions_of, read_terms, shared, stated_in
from assistant.rule_vectors import RuleVectors
from assistant.spelling import Spelling
from assistant.texts_read import TextsRead
from knowledge.build import passages_of_rule
from knowledge.catalogue import OPEN_END, OPEN_FROM
from knowledge.library import Library
from knowledge.passage import Scope
from knowledge.rule import Rule, Stage, first_day

_LANGUAGES = ("en", "zh")
_SELDOM = 1.0
"""How much less telling than the rarest a term is that more than three rules have."""
_SCOPES = 32
"""Scopes of which it is remembered which rules are in them: most questions have the same."""


@dataclass(frozen=True, slots=True)
class Cosines:
    """Cosines of one question to every rule, arrays of shape (rules,): its statement and its nearest question."""

    stated: dict[str, NDArray[np.float32]]
    asked: dict[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class _Placed:
    """The passages of all rules by language, the place of each rule's first among them, and their vectors."""

    passage_ids: Mapping[str, list[str]]
    begins: Mapping[str, NDArray[np.int64]]
    vectors: RuleVectors


class RuleIndex:
    """All rules of one library version."""

    def __init__(self, library: Library, idf: Mapping[str, float]) -> None:
        self.rules = list(library.rules.values())
        self.place = {rule.id: n for n, rule in enumerate(self.rules)}
        self.glossary = library.glossary
        known = [rule.known_from for rule in self.rules]
        known += [first_day(source.published) for source in library.sources.values()]
        days = [day for day in known if day is not None]
        self.earliest, self.latest = min(days, default=None), max(days, default=None)
        """The first and the last day on which any record became known."""
        self.own_documents = any(source.ingested for source in library.sources.values())
        self._terms: dict[int, RuleTerms] = {}
        self._polar_rows: dict[tuple[int, str], tuple[int, ...]] = {}
        self._kept = KeptTerms(library.folder.parent.parent / "words", library.glossary)
        self.idf = idf
        self.rarest = max(idf.values(), default=1.0)
        self.texts = TextsRead(self.glossary, self.weight)
        self.polar_words = PolarWords(self.rules, self.terms_of, self.texts)
        self.homophones = Homophones(library.glossary.groups, idf)
        self._known = np.array([_ordinal(rule.known_from, OPEN_FROM) for rule in self.rules])
        self._ends = np.array([_ordinal(rule.in_force_to, OPEN_END) for rule in self.rules])
        self.in_scope = lru_cache(maxsize=_SCOPES)(self._in_scope)
        """Which rules a search with a scope may find, shape (rules,); read-only."""
        self._library = library

    @cached_property
    def spelling(self) -> Spelling:
        """The English words of the records; read when first asked for, as is what follows."""
        return Spelling(_english(rule) for rule in self.rules)

    @cached_property
    def _placed(self) -> _Placed:
        passage_ids: dict[str, list[str]] = {language: [] for language in _LANGUAGES}
        begins: dict[str, list[int]] = {language: [] for language in _LANGUAGES}
        for rule in self.rules:
            for language, ids in passage_ids.items():
                begins[language].append(len(ids))
            for passage, _ in passages_of_rule(rule):
                passage_ids[passage.language].append(passage.id)
        places = {language: np.array(held) for language, held in begins.items()}
        return _Placed(passage_ids, places, RuleVectors(self._library, passage_ids))

    def cosines(self, vector: NDArray[np.float32], without: frozenset[str] = frozenset()) -> Cosines:
        """Exact cosines; `without` are ids of passages taken as not held (training leaves a question out)."""
        stated: dict[str, NDArray[np.float32]] = {}
        asked: dict[str, NDArray[np.float32]] = {}
        for language in _LANGUAGES:
            scores = self._placed.vectors.cosines(language, vector)
            begins = self._placed.begins[language]
            stated[language] = scores[begins]
            questions = scores.copy()
            questions[begins] = -1.0
            if without:
                held_out = [n for n, passage in enumerate(self._placed.passage_ids[language]) if passage in without]
                questions[held_out] = -1.0
            asked[language] = np.maximum(np.maximum.reduceat(questions, begins), 0.6)
        return Cosines(stated, asked)

    def _in_scope(self, scope: Scope) -> NDArray[np.bool_]:
        chosen = np.ones(len(self.rules), dtype=bool)
        if scope.on is not None:
            day = scope.on.toordinal()
            chosen &= self._known <= day
            if scope.ended is not None:
                chosen &= (self._ends <= day) == scope.ended
        for n, rule in enumerate(self.rules):
            proposed = not scope.include_proposed and rule.stage in (Stage.PROPOSED, Stage.ANNOUNCED)
            elsewhere = (scope.topics and rule.topic not in scope.topics) or (
                scope.authorities and rule.authority not in scope.authorities
            )
            if proposed or elsewhere or rule.id in scope.without:
                chosen[n] = False
        chosen.flags.writeable = False
        return chosen

    def polars(self, places: Sequence[int], language: str, vector: NDArray[np.float32]) -> dict[int, list[NearPolar]]:
        """The yes/no questions of rules in one language, with their cosines to a question's vector."""
        cosines = self._placed.vectors.cosines(language, vector)
        return {
            place: [
                NearPolar(one, float(cosines[row]), place, number)
                for number, (one, row) in enumerate(
                    zip(self.rules[place].polar, self._rows_of_polars(place, language), strict=True)
                )
            ]
            for place in places
        }

    def _rows_of_polars(self, place: int, language: str) -> Sequence[int]:
        """The places of a rule's yes/no questions among the passages of a language."""
        held = self._polar_rows.get((place, language))
        if held is None:
            rule, begin = self.rules[place], int(self._placed.begins[language][place])
            asks = rule.asks_en if language == "en" else rule.asks_zh
            questions = [one.en if language == "en" else one.zh for one in rule.polar]
            row = {question: begin + n for n, question in enumerate(dict.fromkeys([*asks, *questions]), 1)}
            held = self._polar_rows[place, language] = tuple(row[question] for question in questions)
        return held

    def nearest_asks(self, places: Sequence[int], language: str, vector: NDArray[np.float32]) -> list[str]:
        """For each rule the passage of its question nearest to a question's vector; its statement's if it has none."""
        ids, begins = self._placed.passage_ids[language], self._placed.begins[language]
        scores = self._placed.vectors.cosines(language, vector)
        ends = [*begins[1:], len(ids)]
        return [
            ids[begin] if end == begin + 1 else ids[begin + 1 + int(scores[begin + 1 : end].argmax())]
            for begin, end in ((begins[place], ends[place]) for place in places)
        ]

    def successors(self, place: int) -> list[int]:
        """The rules that replaced a rule."""
        return [self.place[one] for one in self.rules[place].superseded_by if one in self.place]

    def terms_of(self, place: int) -> RuleTerms:
        """The words of a rule, read when first asked for."""
        held = self._terms.get(place)
        if held is None:
            rule = self.rules[place]
            held = self._terms[place] = shared(self._kept.find(rule) or read_terms(rule, self.glossary))
        return held

    def read_all(self) -> None:
        """Read the words of every rule, and keep them for the next process where some were not kept; and the sounds of
        the field's terms."""
        self.homophones.read_sounds()
        complete = all(self._kept.holds(rule) for rule in self.rules)
        read = [(rule, self.terms_of(place)) for place, rule in enumerate(self.rules)]
        if not complete:
            self._kept.keep(read)

    def passages_of_questions(self, place: int, numbers: Collection[int]) -> frozenset[str]:
        """Ids of the passages of some of a rule's questions, by their numbers in `rule_terms.questions_of`."""
        rule = self.rules[place]
        questions = questions_of(rule)
        chosen = {questions[n] for n in numbers}
        return frozenset(passage.id for passage, _ in passages_of_rule(rule) if passage.text in chosen)

    def likeness(self) -> NDArray[np.float32]:
        """Cosines between the English statements of all rules, shape (rules, rules)."""
        stated = self._placed.vectors.columns("en", self._placed.begins["en"])
        product: NDArray[np.float32] = stated.T @ stated
        return product

    def speaks_of(self, terms: Iterable[str]) -> bool:
        """Whether any of the terms stands in what a rule states, or in questions of more than a few rules: a word that
        people used once when they asked (a restaurant, a grandson) is none of the field's."""
        return any(self.idf.get(term, self.rarest) < self.rarest - _SELDOM or term in self._stated for term in terms)

    @cached_property
    def _stated(self) -> frozenset[str]:
        """The terms of all that the rules state."""
        return frozenset().union(*(self.terms_of(place).stated for place in range(len(self.rules))))

    def knows(self, terms: Iterable[str]) -> bool:
        """Whether any of the terms stands in any record."""
        return any(term in self.idf for term in terms)

    def weight(self, terms: Iterable[str]) -> float:
        """How telling a unit is: the least idf of its terms; the greatest there is where none is known."""
        known = [self.idf[term] for term in terms if term in self.idf]
        return min(known) if known else self.rarest


def _ordinal(day: date | None, otherwise: int) -> int:
    return otherwise if day is None else day.toordinal()


def _english(rule: Rule) -> str:
    return " ".join([rule.title["en"], rule.statement["en"], rule.instrument, *rule.asks_en])


def idf_of(rules: Iterable[Rule]) -> dict[str, float]:
    """How telling each term is: its inverse document frequency over rules with their questions."""
    held = [held_terms("\n".join([stated_in(rule), *questions_of(rule)])) for rule in rules]
    counts = Counter(term for terms in held for term in terms)
    return {term: math.log((len(held) + 1) / (count + 0.5)) for term, count in counts.items()}
