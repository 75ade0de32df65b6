"""`hkva serve` and `hkva mcp`: answering others, over HTTP and over standard streams."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer

from assistant.settings import AssistantSettings
from knowledge.settings import KnowledgeSettings
from server.environment import refuse_unknown_settings
from server.settings import ServerSettings, read_settings


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; HKVA_HOST else.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help="Port; 0 takes a free one.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="Processes that answer; HKVA_WORKERS else.")
    ] = None,
) -> None:
    """Serve the chat page and the HTTP interface."""
    from server.main import serve as serve_until_told  # here, because it loads all that `hkva --help` can do without

    refuse_unknown_settings()
    given: dict[str, Any] = {"host": host, "port": port, "workers": workers}
    changes = {name: value for name, value in given.items() if value is not None}
    settings = read_settings(ServerSettings).model_copy(update=changes)
    serve_until_told(read_settings(KnowledgeSettings), read_settings(AssistantSettings), settings)


def mcp() -> None:
    """Serve the Model Context Protocol over standard input and output."""
    from server.logs import configure_logs
    from server.mcp import make_mcp
    from server.opening import make_service

    refuse_unknown_settings()
    settings = read_settings(ServerSettings)
    configure_logs(settings.log_form, settings.log_level)
    service = make_service(read_settings(KnowledgeSettings), read_settings(AssistantSettings))

    async def run() -> None:
        async with service.running():
            await make_mcp(service).run_stdio_async()

    asyncio.run(run())
