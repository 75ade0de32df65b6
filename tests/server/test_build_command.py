from __future__ import annotations

import time

import pytest

import knowledge.embed
from knowledge.errors import EmbedderError
from knowledge.library import read_current
from knowledge.settings import KnowledgeSettings
from server.commands.build import build_from_corpus


def test_unchanged_input_costs_under_three_seconds_and_opens_no_model(
    small_knowledge: KnowledgeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: KnowledgeSettings) -> None:
        raise EmbedderError("opened")

    monkeypatch.setattr(knowledge.embed, "open_embedder", refuse)
    begun = time.process_time()
    assert build_from_corpus(small_knowledge) == read_current(small_knowledge.library_dir)
    assert time.process_time() - begun < 3
    with pytest.raises(EmbedderError, match="opened"):
        build_from_corpus(small_knowledge, force=True)
