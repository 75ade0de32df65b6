"""Search: a question in, ranked records out.

1. The scope is applied first, inside both indexes: what is out of scope never takes a place.
2. Each language's passages are ranked apart, by vector and by keywords. In one pool a small multilingual encoder
   crowds the top with the asker's own language.
3. A record (a rule, or a source's section) takes its best passage in each list: a rule is found through its
   statement or through any question it is known to answer.
4. Within a language, cosines are scaled to the list's own spread and joined with scaled BM25.
5. The languages are joined, the other language's list counting a little less than the asker's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from knowledge.fuse import ranked, scaled, weighted
from knowledge.glossary import Glossary
from knowledge.library import Library
from knowledge.passage import Hit, Passage, Scope
from knowledge.words import fold, has_han, terms

VECTOR_WEIGHT = 0.5
KEYWORD_WEIGHT = 0.5
OTHER_LANGUAGE_WEIGHT = 0.8
_DEPTH = 60
_PER_RECORD = 4
"""A rule has several ways in; look deep enough that they do not crowd out other records."""


@dataclass(slots=True)
class _Found:
    passage: Passage
    cosine: float = math.nan
    keyword: float = 0.0


def search(library: Library, query: str, scope: Scope | None = None, limit: int = 10) -> list[Hit]:
    """The best records for a query, best first, at most one hit per rule and per section."""
    scope = scope or Scope()
    own = "zh" if has_han(query) else "en"
    vector = library.embedder.embed_query(query)
    query_terms = expanded(query, library.glossary)
    by_words = library.catalogue.find_by_words(query_terms, scope, _DEPTH * 2)
    pools: list[tuple[float, dict[str, float]]] = []
    found: dict[str, _Found] = {}
    for language in ("en", "zh"):
        nearest = library.vectors.find_nearest(language, vector, scope, _DEPTH * _PER_RECORD)
        passages = library.catalogue.passages([passage_id for passage_id, _ in nearest]) if nearest else {}
        cosines: dict[str, float] = {}
        for passage_id, cosine in nearest:
            key = _key(passages[passage_id])
            if key not in cosines and len(cosines) < _DEPTH:
                cosines[key] = cosine
                _take(found, key, passages[passage_id], cosine=cosine)
        words: dict[str, float] = {}
        for passage, score in by_words:
            if passage.language == language:
                words.setdefault(_key(passage), score)
                _take(found, _key(passage), passage, keyword=score)
        pool = weighted([(VECTOR_WEIGHT, scaled(cosines)), (KEYWORD_WEIGHT, scaled(words | {"": 0.0}))])
        pool.pop("", None)
        pools.append((1.0 if language == own else OTHER_LANGUAGE_WEIGHT, pool))
    best: dict[str, float] = {}
    for weight, pool in pools:
        for key, score in pool.items():
            best[key] = max(best.get(key, 0.0), weight * score)
    return [
        Hit(found[key].passage, score, found[key].cosine, found[key].keyword, found[key].passage.language, rank)
        for rank, (key, score) in enumerate(ranked(best)[:limit], 1)
    ]


def expanded(query: str, glossary: Glossary) -> list[str]:
    """The query's terms, and those of the glossary's equivalents of what it names."""
    found = terms(query)
    for named in glossary.named_in(query):
        for equivalent in glossary.groups[named.group]:
            if fold(equivalent) != named.text:
                found += terms(equivalent)
    return list(dict.fromkeys(found))


def _key(passage: Passage) -> str:
    return passage.id if passage.kind == "section" else passage.record


def _take(found: dict[str, _Found], key: str, passage: Passage, cosine: float = math.nan, keyword: float = 0.0) -> None:
    held = found.setdefault(key, _Found(passage))
    if not math.isnan(cosine) and (math.isnan(held.cosine) or cosine > held.cosine):
        held.cosine = cosine
        held.passage = passage
    held.keyword = max(held.keyword, keyword)
