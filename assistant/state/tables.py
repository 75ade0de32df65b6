"""The tables as queries see them. `assistant/migrations` makes them; a test holds the two together.

Texts that come from outside are kept in JSON columns, whose escapes hold any character that a database might refuse.
Times are aware and in UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class UtcTime(TypeDecorator[datetime]):
    """An aware time in UTC, also where the database keeps no zones (SQLite)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times rather than guess their zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """The stored time, aware."""
        if value is None:
            return None
        stored: datetime = value
        return stored.replace(tzinfo=UTC) if dialect.name == "sqlite" else stored.astimezone(UTC)


METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("thread", Text),
    Column("turns", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("last_used_at", UtcTime, nullable=False),
    Column("lease", Text),
    Column("leased_until", UtcTime),
    UniqueConstraint("channel", "thread"),
    Index(None, "owner", "last_used_at"),
    Index(None, "last_used_at"),
)

ANSWERS = Table(
    "answers",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("session_id", Text, ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("library", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    UniqueConstraint("session_id", "number"),
    Index(None, "created_at"),
)

FEEDBACK = Table(
    "feedback",
    METADATA,
    Column("answer_id", Text, ForeignKey("answers.id", ondelete="CASCADE"), primary_key=True),
    Column("owner", Text, primary_key=True),
    Column("rating", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("given_at", UtcTime, nullable=False),
    Index(None, "given_at"),
)

INBOX = Table(
    "inbox",
    METADATA,
    Column("platform", Text, primary_key=True),
    Column("event_id", Text, primary_key=True),
    Column("message", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("lease", Text),
    Column("attempts", Integer, nullable=False),
    Column("answer_id", Text),
    Column("posting", Boolean, nullable=False),
    Column("reply", Text),
    Index(None, "state", "due_at"),
)

KEYS = Table(
    "keys",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("label", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("requests_per_minute", Integer),
    Column("concurrent", Integer),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
    Column("last_used_at", UtcTime),
    Column("revoked_at", UtcTime),
)

INGESTIONS = Table(
    "ingestions",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("documents", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("library", Text),
    Column("created_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Index(None, "owner", "created_at"),
)

AUDIT = Table(
    "audit",
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("entry", Text, nullable=False),
    Column("digest", Text, nullable=False),
)

COUNTS = Table(
    "counts",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("ends_at", UtcTime, nullable=False),
    Index(None, "ends_at"),
)

SLOTS = Table(
    "slots",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("holder", Text, primary_key=True),
    Column("ends_at", UtcTime, nullable=False),
)
