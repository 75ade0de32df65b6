"""Rules read word by word beside a question."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from assistant.choose import Looked, look, scope_of
from assistant.likelihood import READ, likelihood, match
from assistant.measure import FEATURES
from assistant.question import Question
from assistant.rule_index import RuleIndex
from assistant.understand import understand
from assistant.verify import open_verifier
from knowledge.build import build_library
from knowledge.e5_embedder import E5Embedder
from knowledge.library import Library, open_library
from knowledge.register import read_corpus
from knowledge.settings import KnowledgeSettings

TODAY = date(2026, 11, 23)


def _looked(library: Library, index: RuleIndex, text: str) -> Looked:
    asked = understand(Question(text), TODAY)
    return look(library, index, asked, scope_of(asked))


@pytest.mark.parametrize(
    ("held", "left_open"),
    [
        ("When did the HKMA announce Project Ensemble?", "Which auditor checked Project Ensemble?"),
        ("金管局何时公布Ensemble项目？", "Ensemble项目由哪家核数师审核？"),
    ],
)
def test_a_question_that_no_statement_answers_scores_below_one_that_is_answered(
    library: Library, index: RuleIndex, held: str, left_open: str
) -> None:
    best = []
    for text in (held, left_open):
        looked = _looked(library, index, text)
        probabilities = likelihood(library, index, open_verifier(), text, looked.places, looked.features)
        best.append(probabilities.max())
    assert best[0] > 2 * best[1]


def test_what_was_not_read_word_by_word_counts_as_the_worst_that_was(library: Library, index: RuleIndex) -> None:
    text = "Who licenses trading platforms?"
    looked = _looked(library, index, text)
    assert len(looked.places) > READ
    measured = np.linspace(0.9, 0.1, len(looked.places))
    scores = match(library, index, text, looked.places, measured)
    assert scores is not None
    assert set(scores[READ:]) == {scores[:READ].min()}


def test_without_token_vectors_the_measures_decide_alone(
    library: Library, index: RuleIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "Who licenses trading platforms?"
    looked = _looked(library, index, text)
    monkeypatch.setattr(library, "tokens", None)
    verifier = open_verifier()
    decided = likelihood(library, index, verifier, text, looked.places, looked.features)
    assert decided.tolist() == verifier.probability(looked.features).tolist()


def test_a_question_that_a_rule_is_known_to_leave_open_is_less_likely_to_be_answered_by_it(
    library: Library, index: RuleIndex, small_knowledge: KnowledgeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_open = read_corpus(small_knowledge.corpus_dir).left_open
    rule_id = next(iter(left_open))
    lower = []
    for text in left_open[rule_id][:10]:
        looked, place = _looked(library, index, text), index.place[rule_id]
        if place not in looked.places:
            continue
        row, weighed = looked.places.index(place), []
        for known in (True, False):
            with monkeypatch.context() as patched:
                if not known:
                    patched.setattr(library, "left_open", None)
                found = likelihood(library, index, open_verifier(), text, looked.places, looked.features)
                weighed.append(found[row])
        lower.append(weighed[0] < weighed[1])
    assert len(lower) > 4
    assert sum(lower) > 0.8 * len(lower)


def test_the_question_of_a_rule_that_is_nearest_is_read_with_it(library: Library, index: RuleIndex) -> None:
    rule = next(rule for rule in index.rules if len(rule.asks_en) > 1)
    for number, ask in enumerate(rule.asks_en, 1):
        vector = library.embedder.embed_query(ask)
        assert index.nearest_asks([index.place[rule.id]], "en", vector) == [f"{rule.id}#en-{number}"]


def test_a_rule_without_questions_is_read_with_its_statement(
    tmp_path: Path, embedder: E5Embedder, small_knowledge: KnowledgeSettings
) -> None:
    whole = read_corpus(small_knowledge.corpus_dir)
    rule = next(iter(whole.rules.values()))
    bare = replace(rule, asks_en=(), asks_zh=(), polar=(), supersedes=(), superseded_by=())
    sources = {one.source: whole.sources[one.source] for one in rule.evidence}
    build_library(tmp_path / "library", replace(whole, rules={rule.id: bare}, sources=sources), embedder)
    with closing(open_library(tmp_path / "library", embedder)) as library:
        index, text = RuleIndex(library, open_verifier().idf), rule.title["en"]
        assert index.nearest_asks([0], "en", embedder.embed_query(text)) == [f"{rule.id}#en"]
        scores = match(library, index, text, [0], np.array([0.5]))
        assert scores is not None
        assert np.isfinite(scores).all()


def test_a_question_that_one_rule_leaves_open_is_less_likely_to_be_answered_by_another() -> None:
    probabilities, scores = np.array([0.5, 0.5]), np.array([0.0, 0.0])
    features = np.full((2, len(FEATURES)), 0.85)
    near = np.array([[0.9, 0.85, 0.9, 0.85], [0.9, 0.85, 0.9, 0.85]])
    beside = near.copy()
    beside[1, [1, 3]] = 0.97
    verifier = open_verifier()
    plain, warned = (verifier.joined(probabilities, scores, one, features) for one in (near, beside))
    assert warned[0] < plain[0]
    unknown = np.full_like(near, np.nan)
    assert np.isfinite(verifier.joined(probabilities, scores, unknown, features)).all()
