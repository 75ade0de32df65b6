"""Whether we live, and whether we can answer."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from server.deps import ServiceDep
from server.problems import documented

router = APIRouter(tags=["health"])


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
    return Ready(library=library.version, rules=len(library.rules), sources=len(library.sources))
