"""Bring the tables up to date when the state is opened; safe where several processes do so at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from assistant.state.database import Database
from assistant.state.errors import StateMismatch

if TYPE_CHECKING:
    from alembic.config import Config

NEWEST = "0001"
"""The last revision in `assistant/migrations`: tables that have it are left alone, without loading Alembic."""
_SCRIPTS = Path(__file__).resolve().parent.parent / "migrations"
_LOCK = 0x686B7661
"""Key of the advisory lock under which PostgreSQL's tables are changed: `hkva` in ASCII."""


async def migrate(database: Database) -> None:
    """Run what is missing, in one transaction under a lock. Raises StateMismatch where the tables are newer."""
    await database.write(_upgrade)


def make_config(connection: Connection) -> Config:
    """Alembic's configuration for an open connection; there is no ini file."""
    from alembic.config import Config  # here, as in `_bring_up`, because few starts need it

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    found = _find_revision(connection)
    if found != NEWEST:
        _bring_up(connection, found)


def _bring_up(connection: Connection, found: str | None) -> None:
    from alembic import command
    from alembic.script import ScriptDirectory
    from alembic.util.exc import CommandError

    config = make_config(connection)
    if found is not None:
        try:
            ScriptDirectory.from_config(config).get_revision(found)
        except CommandError as error:
            raise StateMismatch(
                f"The state database is at revision {found}, which this version does not know."
                " Upgrade hkva, or set HKVA_STATE_URL to another database."
            ) from error
    command.upgrade(config, "head")


def _find_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision
