"""The one place where the parts of the assistant meet."""

from __future__ import annotations

from assistant.answering import Assistant
from assistant.settings import AssistantSettings
from knowledge.embed import open_embedder
from knowledge.library import open_library
from knowledge.settings import KnowledgeSettings


def open_assistant(knowledge: KnowledgeSettings, settings: AssistantSettings) -> Assistant:
    """An assistant over the built library; raises LibraryMissing, LibraryBroken or EmbedderError saying what to run."""
    library = open_library(knowledge.library_dir, open_embedder(knowledge))
    return Assistant(library, settings)
