"""Serve over HTTP until told to end; streams under way are finished first."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from starlette.types import ASGIApp

from assistant.settings import AssistantSettings
from assistant.state.store import open_state, url_in
from knowledge.settings import KnowledgeSettings
from server.accepting import WAITING
from server.auth import check_binding
from server.console import make_output
from server.errors import BadSettings
from server.logs import configure_logs
from server.settings import ServerSettings
from server.workers import serve_alone, serve_together

_LOG = structlog.get_logger(__name__)
SAYS = "hkva serves at "
_EXAMPLE = """Try: curl {address}/v1/chat -H 'Content-Type: application/json' \\
       -d '{{"question": "What is the minimum paid-up share capital of a licensed platform?"}}'"""


def serve(knowledge: KnowledgeSettings, assistant: AssistantSettings, settings: ServerSettings) -> None:
    """Serve until a signal ends it. Raises BadSettings and StateError, but for a bot's before anything listens."""
    configure_logs(settings.log_form, settings.log_level)
    asyncio.run(_check(knowledge, assistant, settings))
    options: dict[str, Any] = {
        "log_config": None, "access_log": False, "server_header": False, "ws": "none", "lifespan": "on",
        "timeout_graceful_shutdown": settings.shutdown_grace_s,
    }  # fmt: skip
    worker = _Worker(knowledge, assistant, settings)
    alone = worker(None) if settings.workers == 1 else None
    with listen(settings.host, settings.port) as listener:
        _say(listener, settings.workers)
        if alone is not None:
            serve_alone(alone, listener, **options)
        else:
            serve_together(worker, listener, settings.workers, **options)


@dataclass(frozen=True, slots=True)
class _Worker:
    """Makes the application of a process. What it is made of is loaded there, and not where others are watched over."""

    knowledge: KnowledgeSettings
    assistant: AssistantSettings
    settings: ServerSettings

    def __call__(self, counters: Path | None) -> ASGIApp:
        from server.worker import make_served

        configure_logs(self.settings.log_form, self.settings.log_level)
        return make_served(self.knowledge, self.assistant, self.settings, counters)


def _say(listener: socket.socket, workers: int) -> None:
    host, port = listener.getsockname()[:2]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    output = make_output()
    output.print(f"{SAYS}{address}", markup=False)
    output.print(_EXAMPLE.format(address=address), markup=False)
    _LOG.info("serving", address=address, workers=workers)


async def _check(knowledge: KnowledgeSettings, assistant: AssistantSettings, settings: ServerSettings) -> None:
    """Open the state once, so that what is wrong with it is said in a line; refuse to serve the world without a key."""
    async with open_state(assistant.state_url or url_in(knowledge.data_dir)) as state:
        await check_binding(settings.host, state.keys)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises BadSettings saying what to set."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=WAITING)
    except OSError as error:
        raise BadSettings(
            f"Cannot listen on {host}:{port} ({error.strerror}). Set HKVA_PORT to a free port, or HKVA_HOST."
        ) from error
