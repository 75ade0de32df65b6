"""Fixtures that several packages' tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from filelock import FileLock

from knowledge.build import build_library
from knowledge.e5_embedder import E5Embedder
from knowledge.e5_prepare import prepare_e5
from knowledge.settings import KnowledgeSettings
from tests.small_corpus import write_small_corpus

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def models_dir() -> Path:
    """The default embedder's files, made once per checkout (7 s) and kept in `build/`; a lock guards parallel runs."""
    folder = ROOT / "build" / "test-models"
    prepare_e5(folder)
    return folder


@pytest.fixture(scope="session")
def embedder(models_dir: Path) -> E5Embedder:
    """The default embedder, open."""
    return E5Embedder(models_dir)


@pytest.fixture
def settings_with_models(models_dir: Path, tmp_path: Path) -> KnowledgeSettings:
    """Settings of an empty data folder of this test's own, whose default embedder is prepared."""
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    (data_dir / "models").symlink_to(models_dir, target_is_directory=True)
    return KnowledgeSettings(data_dir=data_dir, embedder="bundled")


@pytest.fixture(scope="session")
def small_knowledge(
    models_dir: Path, embedder: E5Embedder, tmp_path_factory: pytest.TempPathFactory
) -> KnowledgeSettings:
    """Settings whose library is built from a small part of the shipped corpus (see `small_corpus`).

    Only for reading: it is shared by all tests and kept in `build/`, where a rebuild of the same records costs little.
    """
    corpus_dir = tmp_path_factory.mktemp("corpus")
    corpus = write_small_corpus(ROOT / "knowledge" / "corpus", corpus_dir / "corpus")
    data_dir = ROOT / "build" / "test-small"
    data_dir.mkdir(parents=True, exist_ok=True)
    with FileLock(data_dir / ".fixture-lock"):
        if not (data_dir / "models").exists():
            (data_dir / "models").symlink_to(models_dir, target_is_directory=True)
        build_library(data_dir / "library", corpus, embedder)
    return KnowledgeSettings(data_dir=data_dir, corpus_dir=corpus_dir / "corpus", embedder="bundled")
