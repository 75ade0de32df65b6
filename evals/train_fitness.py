"""Fit how sentences of documents are weighed as answers: `python -m evals.train_fitness`.

The digests are documents too. A question that a rule is known to answer is asked of the section that the rule quotes:
the quoted sentences answer it. The same section without them is one that does not say, however near it is.
What is printed goes into `assistant/fitness.py`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from assistant.deciding import read_question_text
from assistant.fitness import SIGNS, Section, signs, without_title
from assistant.measure import read_question
from assistant.rule_index import RuleIndex
from assistant.rule_terms import questions_of
from assistant.verify import open_verifier
from knowledge.build import passages_of_source
from knowledge.embed import open_embedder
from knowledge.library import Library, open_library
from knowledge.passage import Passage
from knowledge.rule import Rule
from knowledge.sentence import sentences
from knowledge.settings import KnowledgeSettings
from knowledge.words import has_han

_QUESTIONS = 260
_MOST_SENTENCES, _MOST_RIGHT = 7, 2
_PARTS = ("English", "简体中文")

Labelled = tuple[NDArray[np.float64], list[int]]


def main() -> None:
    """Make the data from the built library, fit, and print the weights."""
    settings = KnowledgeSettings()
    library = open_library(settings.library_dir, open_embedder(settings))
    index = RuleIndex(library, open_verifier().idf)
    questions = [(rule, ask) for rule in index.rules for ask in dict.fromkeys(questions_of(rule))]
    random.Random(3).shuffle(questions)
    rows: list[Labelled] = []
    for rule, ask in track(questions, "questions"):
        rows += pairs_of(library, index, rule, ask)
        if len(rows) >= 2 * _QUESTIONS:
            break
    features, labels = np.vstack([one for one, _ in rows]), np.concatenate([right for _, right in rows])
    scaler = StandardScaler().fit(features)
    fitted = LogisticRegression(max_iter=2_000).fit(scaler.transform(features), labels)
    weights = fitted.coef_[0] / scaler.scale_
    bias = float(fitted.intercept_[0] - weights @ scaler.mean_)
    Console().print(f"{len(labels)} sentences, {int(labels.sum())} right")
    Console().print(f"SIGNS {SIGNS}\nWEIGHTS {tuple(round(float(one), 3) for one in weights)}\nBIAS {bias:.3f}")
    library.close()


def pairs_of(library: Library, index: RuleIndex, rule: Rule, ask: str) -> Iterator[Labelled]:
    """The section that a rule quotes for a question, then without what is quoted; nothing where that is unclear."""
    passage = _quoted(library, rule, ask)
    if passage is None:
        return
    source = library.sources[passage.record]
    spans = [(passage.start + a, passage.start + b) for a, b in sentences(source.text[passage.start : passage.end])][
        :_MOST_SENTENCES
    ]
    places = [source.text.find(one.quote) for one in rule.evidence if one.source == source.id]
    right = [int(any(start <= place < end for place in places)) for start, end in spans]
    if not 0 < sum(right) <= _MOST_RIGHT or sum(right) == len(right):
        return
    texts = [source.text[start:end] for start, end in spans]
    yield _labelled(library, index, ask, passage, texts), right
    left = [text for text, is_right in zip(texts, right, strict=True) if not is_right]
    yield _labelled(library, index, ask, passage, left), [0] * len(left)


def _quoted(library: Library, rule: Rule, ask: str) -> Passage | None:
    """The passage that holds the quote nearest to the question, in its language."""
    quotes = [one for one in rule.evidence if has_han(one.quote) == has_han(ask) and one.source in library.sources]
    if not quotes:
        return None
    vector = library.embedder.embed_query(ask)
    best = max(quotes, key=lambda one: float(library.embedder.embed_query(one.quote) @ vector))
    source = library.sources[best.source]
    place = source.text.find(best.quote)
    return next((one for one, _ in passages_of_source(source) if one.start <= place < one.end), None)


def _labelled(library: Library, index: RuleIndex, ask: str, passage: Passage, texts: list[str]) -> NDArray[np.float64]:
    source = library.sources[passage.record]
    title = source.title_zh if has_han(ask) else source.title_en
    headings = [heading for heading in passage.locus.headings if heading not in _PARTS]
    section = Section(texts, title, headings)
    bare = without_title(read_question_text(index, ask), section.title)
    return signs(index, read_question(index, bare), bare, section, library.embedder.embed_query)


if __name__ == "__main__":
    main()
