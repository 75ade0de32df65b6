"""From settings to the application that one process serves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI

from assistant.settings import AssistantSettings
from knowledge.settings import KnowledgeSettings
from server.app import make_app
from server.bots.opening import make_bots
from server.bots.settings import BotSettings
from server.opening import make_service
from server.settings import ServerSettings, read_settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider


def make_served(
    knowledge: KnowledgeSettings, assistant: AssistantSettings, settings: ServerSettings, counters: Path | None
) -> FastAPI:
    """The application; `counters` is the folder that it shares with other processes. Raises BadSettings."""
    service = make_service(knowledge, assistant, counters)
    return make_app(service, settings, make_bots(service, read_settings(BotSettings)), _tracer_provider(settings))


def _tracer_provider(settings: ServerSettings) -> TracerProvider | None:
    if not settings.otlp_endpoint:
        return None
    from server.tracing import make_tracer_provider  # here, because it loads gRPC

    return make_tracer_provider(settings.otlp_endpoint)
