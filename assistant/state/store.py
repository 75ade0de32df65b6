"""The state: one database with everything that is kept between questions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text

from assistant.state.answers import Answers
from assistant.state.database import Clock, Database, utc_now
from assistant.state.feedback import FeedbackBox
from assistant.state.inbox import Inbox
from assistant.state.keys import Keys
from assistant.state.migrate import migrate
from assistant.state.sessions import Sessions


class State:
    """Every table under its own name. Open it with `open_state`."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.sessions = Sessions(database)
        self.answers = Answers(database)
        self.feedback = FeedbackBox(database)
        self.inbox = Inbox(database)
        self.keys = Keys(database)

    async def check(self) -> None:
        """Raises StateUnavailable where the database does not answer."""
        await self.database.read(lambda connection: connection.execute(text("SELECT 1")).all())


@asynccontextmanager
async def open_state(url: str, clock: Clock = utc_now) -> AsyncIterator[State]:
    """The state at `sqlite:///path` or `postgresql://user@host/name`, its tables brought up to date first.

    Raises StateError where the URL is of another kind, StateUnavailable where the database can't be reached,
    StateMismatch where a newer version of this program wrote it.
    """
    database = Database(url, clock)
    try:
        await migrate(database)
        yield State(database)
    finally:
        await database.close()
