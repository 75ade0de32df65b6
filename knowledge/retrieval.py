"""Search: a question in, ranked records out.

1. The scope is applied first, inside both indexes: what is out of scope never takes a place.
2. Each language's passages are ranked apart, by vector and by keywords. In one pool a small multilingual encoder
   crowds the top with the asker's own language.
3. A record (a rule, or a source's section) takes its best passage in each list: a rule is found through its
   statement or through any question it is known to answer.
4. What speaks for a record is absolute, never a share of its list's best: how far the question leans towards it beyond
   what its language shares (`nearest`), and its BM25 score. So a list without a good answer does not fill the top.
5. A record of the asker's language counts by lean and words. The other language has next to no words in common with
   the question: its records count by their lean alone, but for names, figures and the glossary's equivalents, and get
   in advance what a record of the asker's language gets for the words that any passage happens to share.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.fuse import ranked, saturated, weighted
from knowledge.glossary import Glossary
from knowledge.library import Library
from knowledge.passage import Hit, Scope
from knowledge.vectors import LANGUAGES
from knowledge.words import has_han, terms

KEYWORD_WEIGHT = 0.25
"""What keywords count beside a lean, in the asker's language. The best on three public sets of one language."""


@dataclass(frozen=True, slots=True)
class Merge:
    """What speaks for a record of the other language: its lean, its keywords, and what it gets in advance.

    From the chances that a record of either language answers, fitted on half of `evals.retrieval.cross_language` and
    of a public set in two languages. Where every record stands in both languages an advance only takes places from
    others, and a caller that knows so leaves it out.
    """

    lean: float = 1.3
    keyword: float = 0.12
    advance: float = 0.11


MERGE = Merge()
_DEPTH = 40
"""Records taken from each list."""
_WAYS_IN = 3
"""A rule has several ways in; look so many times deeper that they do not crowd out other records."""
_NAMING = 2
_CHANCE = 0.72
"""The BM25 score of a best match by chance, over the logarithm of a language's passages: 5 at 1,000."""


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
    merge: Merge = MERGE,
) -> list[Hit]:
    """The best records for a query, best first, at most one hit per rule and per section.

    `merge` is what the language not asked in counts (`evals.retrieval.cross_language` measures it).
    """
    scope = scope or Scope()
    own = _language_of(query)
    asked = _Asked(library.embedder.embed_query(query), expanded(query, library.glossary))
    found: dict[str, _Found] = {}
    best: dict[str, float] = {}
    for language in sorted(LANGUAGES, key=lambda one: one != own):
        leans, words = _pool(library, language, asked, scope, found, apart=language != own)
        if language == own:
            joined = weighted([(1.0, leans), (KEYWORD_WEIGHT, words)])
        else:
            advance = dict.fromkeys(leans | words, merge.advance)
            joined = weighted([(merge.lean, leans), (merge.keyword, words), (1.0, advance)])
        for key, score in joined.items():
            best.setdefault(key, score)  # what stands in both languages counts by the asker's own
    ids = library.catalogue.roster.ids
    chosen = [(ids[found[key].number], found[key], score) for key, score in ranked(best)[:limit]]
    passages = library.catalogue.passages([passage_id for passage_id, _, _ in chosen]) if chosen else {}
    return [
        Hit(passages[passage_id], score, one.cosine, one.keyword, one.language, rank)
        for rank, (passage_id, one, score) in enumerate(chosen, 1)
    ]


def _pool(
    library: Library, language: str, asked: _Asked, scope: Scope, found: dict[str, _Found], *, apart: bool
) -> tuple[dict[str, float], dict[str, float]]:
    """The leans and the keyword shares of one language's records; what speaks for them is kept in `found`."""
    roster = library.catalogue.roster
    near: dict[str, tuple[int, float]] = {}
    for number, cosine in library.nearest.find(roster, language, asked.vector, scope, _DEPTH * _WAYS_IN):
        if len(near) == _DEPTH:
            break
        key = roster.keys[number]
        if key not in near:
            near[key] = number, cosine
            held = found.setdefault(key, _Found(number, language))
            if math.isnan(held.cosine) or cosine > held.cosine:
                held.number, held.language, held.cosine = number, language, cosine
    words: dict[str, float] = {}
    for number, score in library.catalogue.find_by_words(language, asked.terms[language], scope, _DEPTH):
        key = roster.keys[number]
        words.setdefault(key, score)
        held = found.setdefault(key, _Found(number, language))
        held.keyword = max(held.keyword, score)
    leans = _leans(library, language, asked, near, apart=apart)
    return dict.fromkeys(words, min(leans.values(), default=0.0)) | leans, saturated(
        words, _CHANCE * math.log1p(library.vectors.count(language))
    )


def _leans(
    library: Library, language: str, asked: _Asked, near: Mapping[str, tuple[int, float]], *, apart: bool
) -> dict[str, float]:
    """How far the question leans towards each record, its passage's own distance counting where it is `apart`.

    Within the asker's language plain cosines rank better, so there all passages are taken to be as far off.
    """
    if not near:
        return {}
    roster = library.catalogue.roster
    centre = library.nearest.centre(roster, language, len(asked.vector))
    shared = float(centre.vector @ asked.vector)
    distances = [centre.spread] * len(near)
    if apart:
        distances = library.nearest.distances(roster, language, [number for number, _ in near.values()], centre)
    return {
        key: (cosine - shared) / distance for (key, (_, cosine)), distance in zip(near.items(), distances, strict=True)
    }


def expanded(query: str, glossary: Glossary) -> dict[str, list[str]]:
    """The query's terms by the language to search, with those of the glossary's equivalents of what it names."""
    own = _language_of(query)
    found = {language: terms(query if language == own else _said_alike(query)) for language in LANGUAGES}
    for named in glossary.named_in(query):
        for equivalent in glossary.equivalents[named.group]:
            if equivalent.text != named.text:
                found[equivalent.language] += equivalent.terms
    return {language: list(dict.fromkeys(held)) for language, held in found.items()}


def _said_alike(query: str) -> str:
    """What of a query may stand in a text of the other language as it is: names and figures.

    Plain English words are rare in Chinese passages, so BM25 takes them for telling, and they lead to whatever quotes
    an English title. A query of a word or two is a name.
    """
    words = query.split()
    if has_han(query) or len(words) <= _NAMING:
        return query
    marked = [word[1:] if number == 0 else word for number, word in enumerate(words)]
    return " ".join(
        word
        for word, seen in zip(words, marked, strict=True)
        if any(letter.isupper() or letter.isdigit() for letter in seen) or word[0].isdigit()
    )


def _language_of(query: str) -> str:
    return "zh" if has_han(query) else "en"
