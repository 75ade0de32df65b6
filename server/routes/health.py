"""Whether we live, whether we can answer, and what was counted."""

from __future__ import annotations

import asyncio
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel

from server.deps import ServiceDep
from server.errors import NotReady
from server.problems import documented

router = APIRouter(tags=["health"])

_METRICS = {"description": "The counters.", "content": {"text/plain": {"schema": {"type": "string"}}}}


class Alive(BaseModel):
    """We live."""

    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    """We can answer."""

    status: Literal["ready"] = "ready"
    library: str
    rules: int
    sources: int


@router.get("/healthz")
async def healthz() -> Alive:
    """Whether the process lives; true also while the library is missing."""
    return Alive()


@router.get("/readyz", responses={503: documented()[503]})
async def readyz(service: ServiceDep) -> Ready:
    """Whether questions can be answered; 503 names what is missing."""
    library = service.library
    await asyncio.to_thread(library.check)
    await service.state.check()
    return Ready(library=library.version, rules=len(library.rules), sources=len(library.sources))


@router.get("/metrics", response_class=Response, responses={200: _METRICS, **documented()})
async def metrics(service: ServiceDep) -> Response:
    """Counters in Prometheus' text format."""
    try:
        folder = service.library.folder
    except NotReady:
        folder = None
    return Response(service.metrics.render(folder), headers={"Content-Type": CONTENT_TYPE_LATEST})
