"""The token vectors of rules' statements and questions, in a built library and across builds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge.build import build_library
from knowledge.e5_embedder import E5Embedder
from knowledge.library import open_library
from knowledge.register import Corpus
from knowledge.rule import Rule


class VectorsOnly:
    """An embedder that gives no token vectors, like a sentence-transformers model."""

    def __init__(self, embedder: E5Embedder) -> None:
        self.name, self.dimension = embedder.name, embedder.dimension
        self.embed_query, self.embed_passages = embedder.embed_query, embedder.embed_passages


def test_each_statement_and_each_question_has_the_vectors_of_its_tokens(
    tmp_path: Path, embedder: E5Embedder, make_corpus: Callable[..., Corpus], make_rule: Callable[..., Rule]
) -> None:
    asked = make_rule(asks_en=("What does a permit cost?",), asks_zh=("许可证收费多少？",))
    build_library(tmp_path / "library", make_corpus([asked]), embedder)
    with closing(open_library(tmp_path / "library", embedder)) as library:
        rule = library.rules["permit-fee"]
        assert library.tokens is not None
        for language, key in (("en", "en"), ("zh", "zh-Hans")):
            texts = [f"{rule.title[key]}. {rule.statement[key]}", rule.asks_en[0] if key == "en" else rule.asks_zh[0]]  # type: ignore[index]
            _, expected = embedder.passage_tokens(texts)
            for passage, tokens in zip((f"permit-fee#{language}", f"permit-fee#{language}-1"), expected, strict=True):
                assert np.abs(library.tokens.get(passage) - tokens).max() < 0.02


def test_a_rebuild_reads_only_the_texts_that_changed(
    tmp_path: Path, embedder: E5Embedder, make_corpus: Callable[..., Corpus], make_rule: Callable[..., Rule],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    root = tmp_path / "library"
    build_library(root, make_corpus([make_rule(), make_rule(id="net-fee")]), embedder)
    read: list[str] = []
    whole = embedder.passage_tokens

    def noted(
        texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> tuple[NDArray[np.float32], list[NDArray[np.float16]]]:
        read.extend(texts)
        return whole(texts, progress)

    monkeypatch.setattr(embedder, "passage_tokens", noted)
    other = replace(make_rule(id="net-fee"), title={"en": "Net fee", "zh-Hans": "渔网收费", "zh-Hant": "漁網收費"})
    build_library(root, make_corpus([make_rule(), other], digest="2"), embedder)
    assert [text.split(".")[0] for text in read] == ["Net fee", "渔网收费"]


def test_an_embedder_without_token_vectors_builds_a_library_without_them(
    tmp_path: Path, embedder: E5Embedder, make_corpus: Callable[..., Corpus]
) -> None:
    other = VectorsOnly(embedder)
    build_library(tmp_path / "library", make_corpus(), other)
    with closing(open_library(tmp_path / "library", other)) as library:
        assert library.tokens is None


def test_what_was_read_token_by_token_is_not_embedded_again(
    tmp_path: Path, embedder: E5Embedder, make_corpus: Callable[..., Corpus], make_rule: Callable[..., Rule],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    embedded: list[str] = []
    whole = embedder.embed_passages

    def noted(texts: Sequence[str], progress: Callable[[int], None] | None = None) -> NDArray[np.float32]:
        embedded.extend(texts)
        return whole(texts, progress)

    monkeypatch.setattr(embedder, "embed_passages", noted)
    rule = make_rule(asks_en=("What does a permit cost?",), asks_zh=("许可证收费多少？",))
    build_library(tmp_path / "library", make_corpus([rule]), embedder)
    assert not {*rule.asks_en, *rule.asks_zh} & {*embedded}
    with closing(open_library(tmp_path / "library", embedder)) as library:
        held = library.vectors.get("en", ["permit-fee#en-1"])[0]
        assert float(held @ whole([rule.asks_en[0]])[0]) > 0.999
