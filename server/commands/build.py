"""`hkva build`: the library from the corpus, once; afterwards only what changed."""

from __future__ import annotations

from typing import Annotated

import typer

from knowledge.settings import KnowledgeSettings
from server.console import make_output, progress_bars
from server.settings import read_settings


def build(
    force: Annotated[bool, typer.Option("--force", help="Build again even where nothing changed.")] = False,
) -> None:
    """Build the library of rules and sources that answers are taken from."""
    settings = read_settings(KnowledgeSettings)
    version = build_from_corpus(settings, force=force)
    make_output().print(f"Library {version} is ready at {settings.library_dir}", markup=False)


def build_from_corpus(settings: KnowledgeSettings, *, force: bool = False) -> str:
    """Prepare the embedder and build what is missing, with progress bars; returns the library's version."""
    # Imported here: they load the index and the model's runtime, which `hkva --help` should not wait for.
    from knowledge.build import build_library, find_built
    from knowledge.embed import known_name, open_embedder, prepare_embedder
    from knowledge.register import read_corpus

    with progress_bars() as report:
        prepare_embedder(settings, report)
        report("read the corpus", 0, 1)
        corpus = read_corpus(settings.corpus_dir)
        report("read the corpus", 1, 1)
        name = known_name(settings)
        held = None if force or name is None else find_built(settings.library_dir, corpus, name, settings.chroma)
        if held is not None:
            return held
        embedder = open_embedder(settings)
        return build_library(settings.library_dir, corpus, embedder, report, force=force, server=settings.chroma)
