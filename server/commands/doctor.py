"""`hkva doctor`: what is missing, and what to run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import typer

from knowledge.errors import KnowledgeError
from knowledge.settings import KnowledgeSettings
from server.console import make_output
from server.environment import refuse_unknown_settings
from server.errors import ServerError
from server.settings import ServerSettings, read_settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: `well` or not, and in words."""

    name: str
    well: bool
    message: str


def doctor() -> None:
    """Check the settings, the embedder and the library, and say what to run."""
    findings = list(examine())
    output = make_output()
    for one in findings:
        output.print(f"{'ok  ' if one.well else 'FAIL'}  {one.name}: {one.message}", markup=False)
    if not all(one.well for one in findings):
        raise typer.Exit(1)


def examine() -> Iterator[Finding]:
    """Look at each part in the order in which they build on each other."""
    yield _finding("settings", _look_at_settings)
    yield _finding("corpus", _look_at_corpus)
    yield _finding("embedder", _look_at_embedder)
    yield _finding("library", _look_at_library)


def _finding(name: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, look())
    except (KnowledgeError, ServerError) as error:
        return Finding(name, False, str(error))


def _look_at_settings() -> str:
    refuse_unknown_settings()
    settings = read_settings(ServerSettings)
    return f"data at {read_settings(KnowledgeSettings).data_dir}, serving at {settings.host}:{settings.port}"


def _look_at_corpus() -> str:
    from knowledge.register import read_corpus

    corpus = read_corpus(read_settings(KnowledgeSettings).corpus_dir)
    return f"{len(corpus.rules)} rules, {len(corpus.sources)} sources"


def _look_at_embedder() -> str:
    from knowledge.embed import open_embedder

    return open_embedder(read_settings(KnowledgeSettings)).name


def _look_at_library() -> str:
    from knowledge.embed import open_embedder
    from knowledge.library import open_library

    settings = read_settings(KnowledgeSettings)
    library = open_library(settings.library_dir, open_embedder(settings), settings.chroma)
    try:
        held = (
            f"{len(library.rules)} rules, {len(library.sources)} sources, {library.catalogue.count_passages()} passages"
        )
    finally:
        library.close()
    return f"version {library.version}: {held}" + (f", vectors at {settings.chroma_url}" if settings.chroma_url else "")
