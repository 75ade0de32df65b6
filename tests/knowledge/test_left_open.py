"""Questions that rules leave open, in a built library."""

from __future__ import annotations

from collections.abc import Callable
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


def test_nearest_open_question_is_found_by_rule_and_language(
    tmp_path: Path, embedder: E5Embedder, make_corpus: Callable[..., Corpus], make_rule: Callable[..., Rule]
) -> None:
    left_open: dict[str, tuple[str, ...]] = {
        "permit-fee": ("Who signs the permit?", "Can the fee be refunded?", "许可证由谁签发？")
    }
    corpus = replace(make_corpus([make_rule(), make_rule(id="net-fee")]), left_open=left_open)
    build_library(tmp_path / "library", corpus, embedder)
    with closing(open_library(tmp_path / "library", embedder)) as library:
        assert library.left_open is not None
        asked = embedder.embed_query("Can the fee be refunded?")
        found = library.left_open.nearest(["net-fee", "permit-fee"], asked)
        english, chinese = found[1]
        assert english == pytest.approx(1.0, abs=1e-3)
        assert 0.5 < chinese < english
        assert np.isnan(found[0]).all()
        assert np.isnan(library.left_open.nearest(["net-fee"], asked)).all()
        searched = library.catalogue.roster.ids
        assert not [one for one in searched if "open" in one]


def test_corpus_that_does_not_say_what_is_left_open_has_none(
    tmp_path: Path, embedder: E5Embedder, make_corpus: Callable[..., Corpus], make_rule: Callable[..., Rule]
) -> None:
    build_library(tmp_path / "library", make_corpus([make_rule()]), embedder)
    with closing(open_library(tmp_path / "library", embedder)) as library:
        assert library.left_open is None


def test_rebuild_embeds_only_open_questions_that_are_new(
    tmp_path: Path, embedder: E5Embedder, make_corpus: Callable[..., Corpus], make_rule: Callable[..., Rule],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    first = replace(make_corpus([make_rule()]), left_open={"permit-fee": ("Who signs the permit?",)})
    build_library(tmp_path / "library", first, embedder)
    asked: list[str] = []
    whole = embedder.embed_query

    def noted(text: str) -> NDArray[np.float32]:
        asked.append(text)
        return whole(text)

    monkeypatch.setattr(embedder, "embed_query", noted)
    later: dict[str, tuple[str, ...]] = {"permit-fee": ("Who signs the permit?", "Who stamps it?")}
    build_library(tmp_path / "library", replace(first, left_open=later, digest="later"), embedder)
    assert asked == ["Who stamps it?"]
