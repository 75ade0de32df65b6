"""Search: a question in, ranked records out.

1. The scope is applied first, inside both indexes: what is out of scope never takes a place.
2. Each language's passages are ranked apart, by vector and by keywords. In one pool a small multilingual encoder
   crowds the top with the asker's own language.
3. A record (a rule, or a source's section) takes its best passage in each list: a rule is found through its
   statement or through any question it is known to answer.
4. Within a language, cosines and BM25 scores are each scaled to their list's own spread and joined.
5. The languages are joined, the other language's list counting a little less than the asker's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.fuse import ranked, scaled, weighted
from knowledge.glossary import Glossary
from knowledge.library import Library
from knowledge.passage import Hit, Scope
from knowledge.words import has_han, terms

VECTOR_WEIGHT = 0.4
KEYWORD_WEIGHT = 0.6
"""The best of some 80 settings on three public sets (see evals/retrieval), which are also what they were measured on.

The mean is above the better list on each of them, significantly so on one."""
OTHER_LANGUAGE_WEIGHT = 0.9
"""Chosen on half of `evals.retrieval.cross_language`: the best there where a rule stands in both languages. A greater
one finds more of what stands in the other language only, and loses on the shipped cases."""
_DEPTH = 40
"""Records taken from each list."""
_WAYS_IN = 3
"""A rule has several ways in; look so many times deeper that they do not crowd out other records."""


@dataclass(slots=True)
class _Found:
    """A record on its way up: the number of its best passage in a language, and what speaks for it."""

    number: int
    language: str
    cosine: float = math.nan
    keyword: float = 0.0


@dataclass(frozen=True, slots=True)
class _Asked:
    """A query as it is searched: its vector, and its terms in either language."""

    vector: NDArray[np.float32]
    terms: dict[str, list[str]]


def search(
    library: Library,
    query: str,
    scope: Scope | None = None,
    limit: int = 10,
    other_weight: float = OTHER_LANGUAGE_WEIGHT,
) -> list[Hit]:
    """The best records for a query, best first, at most one hit per rule and per section.

    `other_weight` is what the list of the language not asked in counts (`evals.retrieval.cross_language` measures it).
    """
    scope = scope or Scope()
    own = "zh" if has_han(query) else "en"
    asked = _Asked(library.embedder.embed_query(query), expanded(query, library.glossary))
    found: dict[str, _Found] = {}
    best: dict[str, float] = {}
    for language in ("en", "zh"):
        weight = 1.0 if language == own else other_weight
        for key, score in _pool(library, language, asked, scope, found).items():
            best[key] = max(best.get(key, 0.0), weight * score)
    ids = library.catalogue.roster.ids
    chosen = [(ids[found[key].number], found[key], score) for key, score in ranked(best)[:limit]]
    passages = library.catalogue.passages([passage_id for passage_id, _, _ in chosen]) if chosen else {}
    return [
        Hit(passages[passage_id], score, one.cosine, one.keyword, one.language, rank)
        for rank, (passage_id, one, score) in enumerate(chosen, 1)
    ]


def _pool(library: Library, language: str, asked: _Asked, scope: Scope, found: dict[str, _Found]) -> dict[str, float]:
    """The records of one language with their joined scores; what speaks for them is kept in `found`."""
    roster = library.catalogue.roster
    cosines: dict[str, float] = {}
    for number, cosine in library.nearest.find(roster, language, asked.vector, scope, _DEPTH * _WAYS_IN):
        key = roster.keys[number]
        if key not in cosines and len(cosines) < _DEPTH:
            cosines[key] = cosine
            held = found.setdefault(key, _Found(number, language))
            if math.isnan(held.cosine) or cosine > held.cosine:
                held.number, held.language, held.cosine = number, language, cosine
    words: dict[str, float] = {}
    for number, score in library.catalogue.find_by_words(language, asked.terms[language], scope, _DEPTH):
        key = roster.keys[number]
        words.setdefault(key, score)
        held = found.setdefault(key, _Found(number, language))
        held.keyword = max(held.keyword, score)
    return weighted([(VECTOR_WEIGHT, scaled(cosines)), (KEYWORD_WEIGHT, scaled(words))])


def expanded(query: str, glossary: Glossary) -> dict[str, list[str]]:
    """The query's terms, and those of the glossary's equivalents of what it names, by the language to search."""
    own = terms(query)
    found = {"en": list(own), "zh": list(own)}
    for named in glossary.named_in(query):
        for equivalent in glossary.equivalents[named.group]:
            if equivalent.text != named.text:
                found[equivalent.language] += equivalent.terms
    return {language: list(dict.fromkeys(held)) for language, held in found.items()}
