"""Answers out of passages: the sentences that carry the answer, not the chunk. Pure but for the embedder.

There is no list of questions that a passage answers, so each sentence of the nearest passages is weighed on its own
(`fitness`). Asked are only texts that rules do not tell whole: a person's own documents, and articles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.fitness import Embed, Section, fitness, is_named
from assistant.follow import Follow
from assistant.rule_index import RuleIndex
from assistant.spoken import to_written
from assistant.understand import Understood
from knowledge.passage import Hit, Passage
from knowledge.sentence import sentences
from knowledge.source import Source, SourceKind

FIT = 0.45
"""Probability from which a sentence is told as the answer."""
_FIT_ARTICLE = 0.7
"""The same in an article: what is right in one is mostly a rule, and would have answered."""
_SECOND = 0.5
"""Share of the best sentence's probability from which the next best of its passage is told too."""
_MOST_PASSAGES = 3


@dataclass(frozen=True, slots=True)
class Carried:
    """Sentences of a passage that carry an answer, as spans of the source's text, and how probably they do.

    `named` where the question names the document, so that nothing else can be meant.
    """

    passage: Passage
    spans: tuple[tuple[int, int], ...]
    probability: float
    named: bool


def of_own_documents(hits: Sequence[Hit], sources: Mapping[str, Source]) -> list[Hit]:
    """The nearest sections of a person's own documents."""
    return [hit for hit in hits if sources[hit.passage.record].ingested][:_MOST_PASSAGES]


def of_articles(hits: Sequence[Hit], sources: Mapping[str, Source]) -> list[Hit]:
    """The nearest sections of the corpus's articles, in which not all is a rule."""
    return [hit for hit in hits if sources[hit.passage.record].kind is SourceKind.ARTICLE][:_MOST_PASSAGES]


def carried(
    index: RuleIndex, asked: Understood, hits: Sequence[Hit], sources: Mapping[str, Source], embed: Embed
) -> list[Carried]:
    """The passages that answer, best first."""
    for text in dict.fromkeys(_ways(asked)):
        found = [_carried(index, text, hit.passage, sources[hit.passage.record], embed) for hit in hits]
        fit = [one for one in found if one is not None]
        if fit:
            return sorted(fit, key=lambda one: -one.probability)
    return []


def _ways(asked: Understood) -> list[str]:
    """The question as it was put, then as it is searched: its spelling is put right after the rules' words only."""
    alone = asked.standalone.follow is Follow.ALONE and asked.shown_text
    return [to_written(asked.shown_text), asked.text] if alone else [asked.text]


def _carried(index: RuleIndex, text: str, passage: Passage, source: Source, embed: Embed) -> Carried | None:
    spans = [
        (passage.start + start, passage.start + end)
        for start, end in sentences(source.text[passage.start : passage.end])
    ]
    title = f"{source.title} {source.publisher}"
    section = Section([source.text[start:end] for start, end in spans], title, passage.locus.headings)
    least = FIT if source.ingested else _FIT_ARTICLE
    probabilities = fitness(index, text, section, embed, least)
    ranked = sorted(zip(probabilities, spans, strict=True), key=lambda one: (-one[0], one[1]))
    if not ranked or ranked[0][0] < least:
        return None
    best = float(ranked[0][0])
    told = [span for probability, span in ranked[:2] if probability >= _SECOND * best]
    return Carried(passage, tuple(sorted(told)), best, is_named(index, text, title))
