"""The state: one database with everything that is kept between questions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import URL, text

from assistant.state.answers import Answers
from assistant.state.audit import Audit
from assistant.state.database import Clock, Database, utc_now
from assistant.state.feedback import FeedbackBox
from assistant.state.inbox import Inbox
from assistant.state.ingestions import Ingestions
from assistant.state.keys import Keys
from assistant.state.limits import Limits
from assistant.state.migrate import migrate
from assistant.state.sessions import Sessions


def url_in(data_dir: Path) -> str:
    """The URL of the state where none is set: an SQLite file in the data folder."""
    return URL.create("sqlite", database=str(data_dir / "state.sqlite")).render_as_string()


class State:
    """Every table under its own name. Open it with `open_state`."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.sessions = Sessions(database)
        self.answers = Answers(database)
        self.feedback = FeedbackBox(database)
        self.inbox = Inbox(database)
        self.keys = Keys(database)
        self.ingestions = Ingestions(database)
        self.limits = Limits(database)
        self.audit = Audit(database)

    async def check(self) -> None:
        """Raises StateUnavailable where the database does not answer."""
        await self.database.read(lambda connection: connection.execute(text("SELECT 1")).all())

    async def tidy(self, retention_days: int | None) -> int:
        """Forget what is past its time: sessions unused for `retention_days` (None keeps them), the bots' messages
        after a day, old counts. How many sessions were forgotten. Meant to run once an hour.
        """
        await self.inbox.forget_old()
        await self.limits.forget_old()
        if retention_days is None:
            return 0
        return await self.sessions.forget_unused_since(self.database.clock() - timedelta(days=retention_days))


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
