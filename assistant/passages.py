"""Answers out of passages, where no rule answers: the sentences that carry the answer, not the chunk. Pure.

There is no list of questions that a passage answers, so the words decide: nearly all that tells in the question must
stand in the passage or its headings, every name and figure of it among them, and most of it in one sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.asked_kind import Asked
from assistant.content import held_terms, is_name_like
from assistant.measure import Measured, met_units, read_question
from assistant.rule_index import RuleIndex
from assistant.understand import Understood
from knowledge.passage import Hit, Passage
from knowledge.quantities import quantities
from knowledge.sentence import sentences
from knowledge.source import Source, SourceKind

PASSAGE_COVERED = 0.8
"""Weighted share of the question's words that a passage with its headings must have."""
SENTENCE_COVERED = 0.5
"""Share that its best sentence must have."""
_MOST_SENTENCES = 2


@dataclass(frozen=True, slots=True)
class Carried:
    """Sentences of a passage that carry an answer, as spans of the source's text."""

    passage: Passage
    spans: tuple[tuple[int, int], ...]
    covered: float


def carried(index: RuleIndex, asked: Understood, hits: Sequence[Hit], sources: Mapping[str, Source]) -> list[Carried]:
    """The passages that answer, best first: of a person's own documents and of articles, in which not all is a rule."""
    question = read_question(index, asked.text, asked.phrase, asked.standalone.focus)
    if not question.units:
        return []
    found = []
    for hit in hits:
        source = sources[hit.passage.record]
        if source.ingested or source.kind is SourceKind.ARTICLE:
            one = _carried(index, question, hit.passage, source)
            if one is not None:
                found.append(one)
    return sorted(found, key=lambda one: -one.covered)


def _carried(index: RuleIndex, question: Measured, passage: Passage, source: Source) -> Carried | None:
    about = f"{passage.text}\n{source.title_en}\n{source.title_zh}\n{source.publisher}"
    met = _met(index, question, about)
    missing = [unit for unit in question.units if unit not in met]
    if _share(question, met) < PASSAGE_COVERED or any(is_name_like(unit) and len(unit) > 3 for unit in missing):
        return None
    if question.numbers - quantities(f"{about} {source.published}".replace("-", " ")):
        return None
    scored = []
    text = source.text
    for start, end in sentences(text[passage.start : passage.end]):
        start, end = start + passage.start, end + passage.start
        sentence = text[start:end]
        share = _share(question, _met(index, question, sentence))
        if Asked.AMOUNT in question.asked and not quantities(sentence):
            share *= 0.5
        scored.append((share, start, end))
    scored.sort(key=lambda one: (-one[0], one[1]))
    if not scored or scored[0][0] < SENTENCE_COVERED:
        return None
    best = [one for one in scored[:_MOST_SENTENCES] if one[0] >= 0.8 * scored[0][0]]
    spans = tuple(sorted((start, end) for _, start, end in best))
    return Carried(passage, spans, _share(question, met) + scored[0][0])


def _met(index: RuleIndex, question: Measured, text: str) -> set[str]:
    return met_units(question, held_terms(text), index.glossary.groups_in(text))


def _share(question: Measured, met: set[str]) -> float:
    return sum(question.weights[unit] for unit in met) / (sum(question.weights.values()) or 1.0)
