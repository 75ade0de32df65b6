"""Serve over HTTP until told to end; streams under way are finished first."""

from __future__ import annotations

import asyncio
import socket

import uvicorn

from assistant.settings import AssistantSettings
from assistant.state.store import open_state
from knowledge.settings import KnowledgeSettings
from server.app import make_app
from server.auth import check_binding
from server.bots.opening import make_bots
from server.bots.settings import BotSettings
from server.console import make_output
from server.errors import BadSettings
from server.logs import configure_logs
from server.opening import make_service, state_url_of
from server.settings import ServerSettings, read_settings
from server.tracing import make_tracer_provider

SAYS = "hkva serves at "
_EXAMPLE = """Try: curl {address}/v1/chat -H 'Content-Type: application/json' \\
       -d '{{"question": "What is the minimum paid-up share capital of a licensed platform?"}}'"""


def serve(knowledge: KnowledgeSettings, assistant: AssistantSettings, settings: ServerSettings) -> None:
    """Serve until a signal ends it. Raises BadSettings and StateError before anything listens."""
    configure_logs(settings.log_form, settings.log_level)
    asyncio.run(_check(knowledge, assistant, settings))
    service = make_service(knowledge, assistant)
    tracer_provider = make_tracer_provider(settings.otlp_endpoint) if settings.otlp_endpoint else None
    app = make_app(service, settings, make_bots(service, read_settings(BotSettings)), tracer_provider)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        lifespan="on",
        timeout_graceful_shutdown=settings.shutdown_grace_s,
    )
    with listen(settings.host, settings.port) as listener:
        host, port = listener.getsockname()[:2]
        address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        output = make_output()
        output.print(f"{SAYS}{address}", markup=False)
        output.print(_EXAMPLE.format(address=address), markup=False)
        try:
            uvicorn.Server(config).run(sockets=[listener])
        finally:
            if tracer_provider is not None:
                tracer_provider.shutdown()


async def _check(knowledge: KnowledgeSettings, assistant: AssistantSettings, settings: ServerSettings) -> None:
    """Open the state once, so that what is wrong with it is said in a line; refuse to serve the world without a key."""
    async with open_state(state_url_of(knowledge, assistant)) as state:
        await check_binding(settings.host, state.keys)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises BadSettings saying what to set."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=2_048)
    except OSError as error:
        raise BadSettings(
            f"Cannot listen on {host}:{port} ({error.strerror}). Set HKVA_PORT to a free port, or HKVA_HOST."
        ) from error
