"""The one place where the parts of the assistant meet."""

from __future__ import annotations

from assistant.answering import Assistant
from assistant.chat_model import open_chat_model
from assistant.model_settings import ModelSettings
from assistant.settings import EXTRACTIVE, AssistantSettings
from knowledge.embed import open_embedder
from knowledge.library import open_library
from knowledge.settings import KnowledgeSettings


def open_assistant(
    knowledge: KnowledgeSettings, settings: AssistantSettings, model: ModelSettings | None = None
) -> Assistant:
    """An assistant over the built library, with a chat model where the settings name one.

    `model` None: from the environment. Raises LibraryMissing, LibraryBroken, EmbedderError or ModelRefused saying what
    to run or to set.
    """
    chat = None if settings.model == EXTRACTIVE else open_chat_model(settings.model, model or ModelSettings())
    library = open_library(knowledge.library_dir, open_embedder(knowledge), knowledge.chroma)
    return Assistant(library, settings, chat)
