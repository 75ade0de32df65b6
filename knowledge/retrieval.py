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
from knowledge.words import fold, has_han, terms

VECTOR_WEIGHT = 0.4
KEYWORD_WEIGHT = 0.6
"""The best of some 80 settings on three public sets (see evals/retrieval), which are also what they were measured on.

The mean is above the better list on each of them, significantly so on one."""
OTHER_LANGUAGE_WEIGHT = 0.8
_DEPTH = 40
"""Records taken from each list."""
_WAYS_IN = 3
"""A rule has several ways in; look so many times deeper that they do not crowd out other records."""
_ANYTHING = Scope()


@dataclass(slots=True)
class _Found:
    """A record on its way up: its best passage in a language, and what speaks for it."""

    passage_id: str
    language: str
    cosine: float = math.nan
    keyword: float = 0.0


def search(library: Library, query: str, scope: Scope | None = None, limit: int = 10) -> list[Hit]:
    """The best records for a query, best first, at most one hit per rule and per section."""
    scope = scope or Scope()
    own = "zh" if has_han(query) else "en"
    vector = library.embedder.embed_query(query)
    found: dict[str, _Found] = {}
    best: dict[str, float] = {}
    for language in ("en", "zh"):
        weight = 1.0 if language == own else OTHER_LANGUAGE_WEIGHT
        for key, score in _pool(library, language, query, vector, scope, found).items():
            best[key] = max(best.get(key, 0.0), weight * score)
    chosen = [(key, found[key], score) for key, score in ranked(best)[:limit]]
    passages = library.catalogue.passages([one.passage_id for _, one, _ in chosen]) if chosen else {}
    return [
        Hit(passages[one.passage_id], score, one.cosine, one.keyword, one.language, rank)
        for rank, (_, one, score) in enumerate(chosen, 1)
    ]


def _pool(
    library: Library, language: str, query: str, vector: NDArray[np.float32], scope: Scope, found: dict[str, _Found]
) -> dict[str, float]:
    """The records of one language with their joined scores; what speaks for them is kept in `found`."""
    cosines: dict[str, float] = {}
    for passage_id, cosine in _nearest(library, language, vector, scope):
        key = _key(library, passage_id)
        if key not in cosines and len(cosines) < _DEPTH:
            cosines[key] = cosine
            held = found.setdefault(key, _Found(passage_id, language))
            if math.isnan(held.cosine) or cosine > held.cosine:
                held.passage_id, held.language, held.cosine = passage_id, language, cosine
    words: dict[str, float] = {}
    query_terms = expanded(query, library.glossary, language)
    for passage_id, score in library.catalogue.find_by_words(language, query_terms, scope, _DEPTH):
        key = _key(library, passage_id)
        words.setdefault(key, score)
        held = found.setdefault(key, _Found(passage_id, language))
        held.keyword = max(held.keyword, score)
    return weighted([(VECTOR_WEIGHT, scaled(cosines)), (KEYWORD_WEIGHT, scaled(words))])


def _nearest(library: Library, language: str, vector: NDArray[np.float32], scope: Scope) -> list[tuple[str, float]]:
    """The nearest passages in scope.

    A filter costs the index more the more passages pass it (13 times the search at 4,000), while most scopes leave
    few out: so a few more are taken without one, then many more where that promises enough, and the filter is asked
    only where most passages are out of scope.
    """
    depth = _DEPTH * _WAYS_IN
    for reach in (depth + depth // 2, 8 * depth):
        nearest = library.vectors.find_nearest(language, vector, _ANYTHING, reach)
        inside = library.catalogue.ids_in_scope([passage_id for passage_id, _ in nearest], scope)
        found = [one for one in nearest if one[0] in inside]
        if len(found) >= depth or len(nearest) < reach:
            return found[:depth]
        if len(found) < depth // 5:
            break
    return library.vectors.find_nearest(language, vector, scope, depth)


def expanded(query: str, glossary: Glossary, language: str) -> list[str]:
    """The query's terms, and those of the glossary's equivalents, in the language, of what it names."""
    found = terms(query)
    for named in glossary.named_in(query):
        for equivalent in glossary.groups[named.group]:
            if fold(equivalent) != named.text and has_han(equivalent) == (language == "zh"):
                found += terms(equivalent)
    return list(dict.fromkeys(found))


def _key(library: Library, passage_id: str) -> str:
    """The record that a passage stands for: its rule, or the section itself."""
    record = passage_id.rpartition("#")[0]
    return record if record in library.rules else passage_id
