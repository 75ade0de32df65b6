"""Ingestions: how far the taking in of documents has come, for whoever asked for it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import RowMapping, insert, select, update

from assistant.errors import NotFound
from assistant.state.database import Database, new_id
from assistant.state.tables import INGESTIONS

Progress = Literal["waiting", "running", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Ingestion:
    """One request. `documents` has a JSON object for each document; `library` is the version that holds them."""

    id: str
    owner: str
    state: Progress
    done: int
    total: int
    documents: tuple[Mapping[str, Any], ...]
    message: str
    library: str | None
    created_at: datetime
    changed_at: datetime


class Ingestions:
    """The ingestions table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, *, owner: str, total: int) -> str:
        """A new ingestion, waiting; its id."""
        now = self._database.clock()
        row = {"id": new_id("ing"), "owner": owner, "state": "waiting", "done": 0, "total": total}
        query = insert(INGESTIONS).values(**row, documents="[]", message="", created_at=now, changed_at=now)
        await self._database.write(lambda connection: connection.execute(query))
        return str(row["id"])

    async def progress(self, ingestion_id: str, *, done: int, total: int, message: str = "") -> None:
        """Say how far it is."""
        await self._change(ingestion_id, state="running", done=done, total=total, message=message)

    async def finish(self, ingestion_id: str, *, documents: Sequence[Mapping[str, Any]], library: str) -> None:
        """Say that it is over, and what became of each document."""
        rows = json.dumps([dict(document) for document in documents])
        number = len(documents)
        await self._change(
            ingestion_id, state="done", documents=rows, library=library, done=number, total=number, message=""
        )

    async def fail(self, ingestion_id: str, message: str) -> None:
        """Say that it failed as a whole, and why."""
        await self._change(ingestion_id, state="failed", message=message)

    async def touch(self, ingestion_id: str) -> None:
        """Say that it is still under way."""
        await self._change(ingestion_id)

    async def fail_abandoned(self, silent_s: float) -> int:
        """Say that those have failed of which nothing was heard for so long: whoever did them has ended."""
        now, message = self._database.clock(), "The server stopped before it was done. Send it again."
        silent = INGESTIONS.c.changed_at < now - timedelta(seconds=silent_s)
        query = update(INGESTIONS).where(INGESTIONS.c.state.in_(("waiting", "running")), silent)
        query = query.values(state="failed", message=message, changed_at=now)
        return await self._database.write(lambda connection: connection.execute(query).rowcount)

    async def get(self, ingestion_id: str, *, owner: str | None = None) -> Ingestion:
        """The ingestion. Raises NotFound where it is not held or, with `owner`, is another's."""
        query = select(INGESTIONS).where(INGESTIONS.c.id == ingestion_id)
        row = await self._database.read(lambda connection: connection.execute(query).mappings().first())
        if row is None or owner not in (None, row["owner"]):
            raise NotFound(f"No ingestion {ingestion_id[:80]} is held for you.")
        return _ingestion_from(row)

    async def list(self, *, owner: str | None = None, limit: int = 100) -> list[Ingestion]:
        """The last ingestions, newest first."""
        query = select(INGESTIONS).order_by(INGESTIONS.c.created_at.desc(), INGESTIONS.c.id).limit(limit)
        if owner is not None:
            query = query.where(INGESTIONS.c.owner == owner)
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [_ingestion_from(row) for row in rows]

    async def _change(self, ingestion_id: str, **values: Any) -> None:
        query = update(INGESTIONS).where(INGESTIONS.c.id == ingestion_id)
        query = query.values(**values, changed_at=self._database.clock())
        if await self._database.write(lambda connection: connection.execute(query).rowcount) == 0:
            raise NotFound(f"No ingestion {ingestion_id[:80]} is held.")


def _ingestion_from(row: RowMapping) -> Ingestion:
    return Ingestion(**{**row, "documents": tuple(json.loads(row["documents"]))})
