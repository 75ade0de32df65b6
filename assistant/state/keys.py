"""Bearer keys: shown once, stored as digests, with scopes and limits.

A token holds 256 random bits, so a plain SHA-256 of it is enough: there is nothing to guess or to slow down.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, insert, or_, select, update

from assistant.errors import NotFound
from assistant.state.audit import add_entry
from assistant.state.database import Database, new_id
from assistant.state.tables import KEYS

_PREFIX = "hkva_"
_SEEN_EVERY = timedelta(minutes=1)


class KeyScope(StrEnum):
    """What a key may do: ask and read, add and remove documents, see and change everything."""

    CHAT = "chat"
    INGEST = "ingest"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its token. Limits are None where the server's own apply."""

    id: str
    label: str
    scopes: frozenset[KeyScope]
    requests_per_minute: int | None
    concurrent: int | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None

    def allows(self, scope: KeyScope) -> bool:
        """Whether the key may do this; `admin` may do everything."""
        return scope in self.scopes or KeyScope.ADMIN in self.scopes


class Keys:
    """The keys table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(
        self,
        label: str,
        scopes: Iterable[KeyScope],
        *,
        requests_per_minute: int | None = None,
        concurrent: int | None = None,
        expires_at: datetime | None = None,
        by: str = "local",
    ) -> tuple[Key, str]:
        """A new key and its token, which can't be had again. `by` goes into the audit trail, here as elsewhere."""
        token = _PREFIX + secrets.token_urlsafe(32)
        now = self._database.clock()
        key = Key(new_id("key"), label, frozenset(scopes), requests_per_minute, concurrent, now, expires_at, None, None)
        row = {"id": key.id, "digest": _digest(token), "label": label, "scopes": " ".join(sorted(key.scopes))}
        limits = {"requests_per_minute": requests_per_minute, "concurrent": concurrent, "expires_at": expires_at}
        query = insert(KEYS).values(**row, **limits, created_at=now)
        detail = {"label": label, "scopes": row["scopes"]}

        def work(connection: Connection) -> None:
            connection.execute(query)
            add_entry(connection, self._database, by, "key.created", key.id, detail)

        await self._database.write(work)
        return key, token

    async def find(self, token: str) -> Key | None:
        """The key of a token; None where it is unknown, revoked or expired. Notes its use once a minute."""
        now = self._database.clock()
        query = select(KEYS).where(KEYS.c.digest == _digest(token), _is_good(now))
        row = await self._database.read(lambda connection: connection.execute(query).mappings().first())
        if row is None:
            return None
        key = _key_from(row)
        if key.last_used_at is None or now - key.last_used_at >= _SEEN_EVERY:
            seen = update(KEYS).where(KEYS.c.id == key.id).values(last_used_at=now)
            await self._database.write(lambda connection: connection.execute(seen))
        return key

    async def list(self) -> list[Key]:
        """All keys, also revoked and expired ones, oldest first."""
        query = select(KEYS).order_by(KEYS.c.created_at, KEYS.c.id)
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [_key_from(row) for row in rows]

    async def count(self) -> int:
        """How many keys are good now."""
        query = select(func.count()).select_from(KEYS).where(_is_good(self._database.clock()))
        return await self._database.read(lambda connection: int(connection.scalar(query) or 0))

    async def revoke(self, key_id: str, *, by: str = "local") -> None:
        """Make a key useless from now on; a second time changes nothing. Raises NotFound."""
        held = select(KEYS.c.id).where(KEYS.c.id == key_id)
        query = update(KEYS).where(KEYS.c.id == key_id, KEYS.c.revoked_at.is_(None))
        query = query.values(revoked_at=self._database.clock())

        def work(connection: Connection) -> None:
            if connection.scalar(held) is None:
                raise NotFound(f"No key {key_id[:80]}. `hkva keys list` shows them.")
            if connection.execute(query).rowcount:
                add_entry(connection, self._database, by, "key.revoked", key_id)

        await self._database.write(work)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _is_good(now: datetime) -> ColumnElement[bool]:
    return and_(KEYS.c.revoked_at.is_(None), or_(KEYS.c.expires_at.is_(None), KEYS.c.expires_at > now))


def _key_from(row: RowMapping) -> Key:
    fields: dict[str, Any] = {name: value for name, value in row.items() if name != "digest"}
    fields["scopes"] = frozenset(KeyScope(scope) for scope in fields["scopes"].split())
    return Key(**fields)
