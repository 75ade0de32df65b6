"""Answers, each stored whole in one transaction, and the turns that a session is remembered by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, Update, insert, select, update

from assistant.answer import Answer
from assistant.answer_json import read_answer, read_question, write_answer, write_question
from assistant.errors import NotFound
from assistant.question import Question, Turn
from assistant.state.database import Database
from assistant.state.sessions import UNKNOWN_SESSION, add_session
from assistant.state.tables import ANSWERS, INBOX, SESSIONS

_HONG_KONG = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer as it was given. `question` holds only the turns that its caller sent along, not the session's."""

    session_id: str
    number: int
    """Its place in the session, from 1."""
    owner: str
    channel: str
    created_at: datetime
    question: Question
    answer: Answer

    def to_turn(self) -> Turn:
        """What a later question of the session gets to know of it."""
        today = self.created_at.astimezone(_HONG_KONG).date()
        dated = self.question.as_of is not None or self.answer.as_of != today
        return Turn(
            question=self.question.text,
            answer=self.answer.text,
            cited=tuple(citation.id for citation in self.answer.citations),
            as_of=self.answer.as_of if dated else None,
            language=self.answer.language,
        )


class Answers:
    """The answers table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def store(
        self,
        session_id: str,
        question: Question,
        answer: Answer,
        *,
        lease: str | None = None,
        event: tuple[str, str] | None = None,
        opens: tuple[str, str] | None = None,
    ) -> None:
        """Store the answer as the session's next turn and give back its turn, in one transaction.

        `opens` (owner, channel) stores the session itself with it, which it is the first answer of.
        `event` (platform, event id) notes the answer with a bot's message, so that it is not asked again after a
        crash. Raises NotFound where the session was forgotten meanwhile; StateUnavailable.
        """
        now = self._database.clock()
        row = {"id": answer.id, "session_id": session_id, "created_at": now, "outcome": answer.outcome.value}
        row |= {"library": answer.receipt.library, "question": write_question(question), "answer": write_answer(answer)}
        count = update(SESSIONS).where(SESSIONS.c.id == session_id)
        count = count.values(turns=SESSIONS.c.turns + 1, last_used_at=now)
        after: list[Update] = []
        if lease is not None:
            mine = (SESSIONS.c.id == session_id, SESSIONS.c.lease == lease)
            after.append(update(SESSIONS).where(*mine).values(lease=None, leased_until=None))
        if event is not None:
            noted = update(INBOX).where(INBOX.c.platform == event[0], INBOX.c.event_id == event[1])
            after.append(noted.values(answer_id=answer.id))

        def work(connection: Connection) -> None:
            if opens is not None:
                add_session(connection, self._database, *opens, thread=None, session_id=session_id)
            number = connection.scalar(count.returning(SESSIONS.c.turns))
            if number is None:
                raise NotFound(UNKNOWN_SESSION)
            connection.execute(insert(ANSWERS).values(**row, number=number))
            for query in after:
                connection.execute(query)

        await self._database.write(work)

    async def get(self, answer_id: str, *, owner: str | None = None) -> StoredAnswer:
        """The answer. Raises NotFound where it is not held or, with `owner`, is in another's session."""
        query = _answers().where(ANSWERS.c.id == answer_id)
        row = await self._database.read(lambda connection: connection.execute(query).mappings().first())
        if row is None or owner not in (None, row["owner"]):
            raise NotFound(f"No answer {answer_id[:80]} is held for you. It may have been forgotten since.")
        return _answer_from(row)

    async def list(self, session_id: str, *, limit: int = 100, before: int | None = None) -> list[StoredAnswer]:
        """The last answers of a session, oldest first; `before` leaves out those from that number on."""
        query = _answers().where(ANSWERS.c.session_id == session_id)
        if before is not None:
            query = query.where(ANSWERS.c.number < before)
        query = query.order_by(ANSWERS.c.number.desc()).limit(limit)
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [_answer_from(row) for row in reversed(rows)]

    async def load_turns(self, session_id: str, *, limit: int, before: int | None = None) -> tuple[Turn, ...]:
        """The session's last turns, oldest first."""
        return tuple(stored.to_turn() for stored in await self.list(session_id, limit=limit, before=before))


def _answers() -> Select[Any]:
    columns = (ANSWERS.c.session_id, ANSWERS.c.number, ANSWERS.c.created_at, ANSWERS.c.question, ANSWERS.c.answer)
    return select(*columns, SESSIONS.c.owner, SESSIONS.c.channel).join(SESSIONS)


def _answer_from(row: RowMapping) -> StoredAnswer:
    fields = dict(row)
    question, answer = read_question(fields.pop("question")), read_answer(fields.pop("answer"))
    return StoredAnswer(**fields, question=question, answer=answer)
