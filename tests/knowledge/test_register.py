"""The shipped corpus keeps its own rules."""

from __future__ import annotations

from knowledge.findings import check_corpus
from knowledge.register import read_corpus
from knowledge.settings import KnowledgeSettings


def test_shipped_corpus_has_no_findings() -> None:
    corpus = read_corpus(KnowledgeSettings().corpus_dir)
    assert [str(finding) for finding in check_corpus(corpus)] == []
    assert len(corpus.rules) >= 450
