"""What is past its time is forgotten, once an hour while we serve."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from assistant.state.errors import StateUnavailable
from server.service import Service

_LOG = structlog.get_logger(__name__)
EVERY_S = 3_600.0


@asynccontextmanager
async def keep_tidy(service: Service, retention_days: int | None) -> AsyncIterator[None]:
    """Forget sessions unused for `retention_days` (None keeps them) and other old rows, now and every hour."""
    task = asyncio.create_task(_tidy(service, retention_days))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _tidy(service: Service, retention_days: int | None) -> None:
    while True:
        try:
            forgotten = await service.state.tidy(retention_days)
            _LOG.info("tidied", sessions_forgotten=forgotten)
        except StateUnavailable as error:
            _LOG.warning("not_tidied", reason=str(error))
        await asyncio.sleep(EVERY_S)
