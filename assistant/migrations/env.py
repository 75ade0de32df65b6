"""Run by Alembic for every command: uses the connection that `assistant.state.migrate` hands over."""

from __future__ import annotations

from alembic import context

from assistant.state.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
