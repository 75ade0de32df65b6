"""From settings to a service: the one place where the server's parts meet."""

from __future__ import annotations

from pathlib import Path

from assistant.answering import Assistant
from assistant.assembly import open_assistant
from assistant.settings import AssistantSettings
from assistant.state.store import open_state, url_in
from knowledge.embed import open_embedder
from knowledge.library import open_library
from knowledge.settings import KnowledgeSettings
from server.metrics import Metrics
from server.service import Service

_READY_S = 0.3
"""In so long a server that has opened its library is ready. Reading beside it would make it wait for Python's lock."""


def make_service(knowledge: KnowledgeSettings, assistant: AssistantSettings, counters: Path | None = None) -> Service:
    """A service that opens nothing before it runs; `counters` is the folder that it shares with other processes."""
    return Service(
        knowledge,
        open_assistant=lambda: _opened(knowledge, assistant),
        open_library=lambda: open_library(knowledge.library_dir, open_embedder(knowledge), knowledge.chroma),
        open_state=lambda: open_state(assistant.state_url or url_in(knowledge.data_dir)),
        today=lambda: assistant.day,
        metrics=Metrics(counters),
    )


def _opened(knowledge: KnowledgeSettings, settings: AssistantSettings) -> Assistant:
    """The assistant, which in a moment reads in the background what its first question would wait for."""
    opened = open_assistant(knowledge, settings)
    opened.warm(_READY_S)
    return opened
