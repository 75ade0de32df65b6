"""Bring the tables up to date when the state is opened; safe where several processes do so at once."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, inspect, text

from assistant.state.database import Database
from assistant.state.errors import StateMismatch

_SCRIPTS = Path(__file__).resolve().parent.parent / "migrations"
_LOCK = 0x686B7661
"""Key of the advisory lock under which PostgreSQL's tables are changed: `hkva` in ASCII."""


async def migrate(database: Database) -> None:
    """Run what is missing, in one transaction under a lock. Raises StateMismatch where the tables are newer."""
    await database.write(_upgrade)


def make_config(connection: Connection) -> Config:
    """Alembic's configuration for an open connection; there is no ini file."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    config = make_config(connection)
    found = _find_revision(connection)
    scripts = ScriptDirectory.from_config(config)
    if found is not None:
        try:
            scripts.get_revision(found)
        except CommandError as error:
            raise StateMismatch(
                f"The state database is at revision {found}, which this version does not know."
                " Upgrade hkva, or set HKVA_STATE_URL to another database."
            ) from error
    if found != scripts.get_current_head():
        command.upgrade(config, "head")


def _find_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision
