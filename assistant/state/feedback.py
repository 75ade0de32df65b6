"""What readers thought of answers: one verdict for each answer and reader, the last one given."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select

from assistant.state.answers import Answers
from assistant.state.database import Database
from assistant.state.tables import FEEDBACK

Rating = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Feedback:
    """A thumb and perhaps a comment."""

    answer_id: str
    owner: str
    rating: Rating
    comment: str
    given_at: datetime


class FeedbackBox:
    """The feedback table."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._answers = Answers(database)

    async def give(
        self, answer_id: str, *, owner: str, rating: Rating, comment: str = "", of: str | None = None
    ) -> Feedback:
        """Keep the reader's verdict in place of an earlier one.

        With `of`, the answer must be in a session of that owner. Raises NotFound where it is not held.
        """
        await self._answers.get(answer_id, owner=of)
        given = Feedback(answer_id, owner, rating, comment, self._database.clock())
        kept = {"rating": rating, "comment": json.dumps(comment), "given_at": given.given_at}
        query = self._database.insert(FEEDBACK).values(answer_id=answer_id, owner=owner, **kept)
        query = query.on_conflict_do_update(index_elements=["answer_id", "owner"], set_=kept)
        await self._database.write(lambda connection: connection.execute(query))
        return given

    async def list(self, *, since: datetime | None = None, rating: Rating | None = None) -> list[Feedback]:
        """Verdicts in the order in which they were given."""
        query = select(FEEDBACK).order_by(FEEDBACK.c.given_at, FEEDBACK.c.answer_id, FEEDBACK.c.owner)
        if since is not None:
            query = query.where(FEEDBACK.c.given_at >= since)
        if rating is not None:
            query = query.where(FEEDBACK.c.rating == rating)
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [Feedback(**{**row, "comment": json.loads(row["comment"])}) for row in rows]
