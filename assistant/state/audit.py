"""The audit trail: what was done to keys, sessions and documents, by whom. Append-only and chained.

Every entry holds the digest of the one before it, so that a change, a gap or a swap anywhere breaks the chain from
there on. Cutting off the end leaves a chain that is whole: keep the last digest elsewhere and compare. Entries name
ids, never what was asked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select, text

from assistant.state.database import Database
from assistant.state.tables import AUDIT

_LOCK = 0x61756469
"""Key of the advisory lock under which PostgreSQL numbers entries: `audi` in ASCII."""
_PAGE = 500


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the trail. `entry` is JSON text with number, at, by, what, subject, detail and previous."""

    entry: str
    digest: str

    def to_json(self) -> str:
        """One line of an export."""
        return json.dumps({"digest": self.digest, "entry": json.loads(self.entry)}, ensure_ascii=False)


class Audit:
    """The audit table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, *, by: str, what: str, subject: str = "", detail: Mapping[str, Any] | None = None) -> None:
        """Add an entry of its own; what changes our own tables adds its entry in the same transaction."""
        await self._database.write(lambda connection: add_entry(connection, self._database, by, what, subject, detail))

    async def export(self) -> AsyncIterator[AuditEntry]:
        """Every entry, oldest first."""
        after = 0
        while True:
            query = select(AUDIT).where(AUDIT.c.number > after).order_by(AUDIT.c.number).limit(_PAGE)
            rows = await self._fetch(query)
            for row in rows:
                yield AuditEntry(row["entry"], row["digest"])
            if len(rows) < _PAGE:
                return
            after = rows[-1]["number"]

    async def _fetch(self, query: Any) -> Any:
        return await self._database.read(lambda connection: connection.execute(query).mappings().all())

    async def verify(self, head: str | None = None) -> list[str]:
        """What is wrong with the stored trail; see `check_trail`."""
        return check_trail([entry async for entry in self.export()], head)


def add_entry(
    connection: Connection,
    database: Database,
    by: str,
    what: str,
    subject: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add an entry within a transaction that is being written."""
    if not database.is_sqlite:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    last = select(AUDIT.c.number, AUDIT.c.digest).where(
        AUDIT.c.number == select(func.max(AUDIT.c.number)).scalar_subquery()
    )
    number, previous = connection.execute(last).first() or (0, "")
    entry = _canonical(
        {
            "number": number + 1,
            "at": database.clock().isoformat(),
            "by": by,
            "what": what,
            "subject": subject,
            "detail": dict(detail or {}),
            "previous": previous,
        }
    )
    connection.execute(insert(AUDIT).values(number=number + 1, entry=entry, digest=_digest(entry)))


def read_trail(lines: Iterable[str]) -> list[AuditEntry]:
    """The entries of an export. Raises ValueError for a line that is none."""
    entries = []
    for line in lines:
        if line.strip():
            data = json.loads(line)
            if not isinstance(data, dict) or not isinstance(data.get("entry"), dict):
                raise ValueError("A line of the export is no entry")
            entries.append(AuditEntry(_canonical(data["entry"]), str(data.get("digest"))))
    return entries


def check_trail(entries: Iterable[AuditEntry], head: str | None = None) -> list[str]:
    """One finding for each break: changed entries, gaps, and an end that is not `head` where one is given."""
    findings, previous = [], ""
    for number, each in enumerate(entries, start=1):
        held = json.loads(each.entry)
        if each.digest != _digest(each.entry):
            findings.append(f"Entry {number} was changed: its digest is another.")
        if held.get("number") != number:
            findings.append(f"Entry {number} is missing: {held.get('number')} stands in its place.")
        if held.get("previous") != previous:
            findings.append(f"Entry {number} does not follow from the one before it.")
        previous = each.digest
    if head is not None and previous != head:
        findings.append(
            f"The trail ends with {previous or 'nothing'}, not with {head}: its end was cut off or added to."
        )
    return findings


def _canonical(entry: Mapping[str, Any]) -> str:
    return json.dumps(entry, sort_keys=True, separators=(",", ":"))


def _digest(entry: str) -> str:
    return hashlib.sha256(entry.encode()).hexdigest()
