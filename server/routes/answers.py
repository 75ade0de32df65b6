"""What was answered: sessions, answers with their receipts, and what readers thought of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, status
from pydantic import Field

from assistant.receipts import replay
from assistant.state.answers import StoredAnswer
from assistant.state.sessions import Session
from server.deps import CallerDep, ServiceDep
from server.problems import documented
from server.wire import ANSWER_PATTERN, SESSION_PATTERN, AnswerOut, Request, Shown, Text, answer_out

router = APIRouter(tags=["answers"])

SessionId = Annotated[str, Path(pattern=SESSION_PATTERN)]
AnswerId = Annotated[str, Path(pattern=ANSWER_PATTERN)]


class SessionOut(Shown):
    """A conversation."""

    id: str
    channel: str
    turns: int
    created_at: datetime
    last_used_at: datetime


class TurnOut(Shown):
    """A question and its answer as it was given."""

    number: int = Field(description="Its place in the session, from 1.")
    question: str
    created_at: datetime
    answer: AnswerOut


class DifferenceOut(Shown):
    """One thing that is said otherwise, or one cause of it."""

    what: str
    message: str
    record: str | None


class ReplayOut(Shown):
    """Both answers, how they differ, and what changed between them."""

    same: bool
    stored: TurnOut
    new: AnswerOut
    differences: list[DifferenceOut]
    causes: list[DifferenceOut]


class FeedbackIn(Request):
    """What a reader thought of an answer; a second verdict takes the place of the first."""

    answer_id: Annotated[str, Field(pattern=ANSWER_PATTERN)]
    rating: Literal["up", "down"]
    comment: Annotated[Text, Field(max_length=4_000)] = ""


class FeedbackOut(Shown):
    """What was kept."""

    answer_id: str
    rating: str
    comment: str
    given_at: datetime


@router.get("/v1/sessions", responses=documented())
async def list_sessions(
    service: ServiceDep, caller: CallerDep, limit: Annotated[int, Query(ge=1, le=500)] = 50
) -> list[SessionOut]:
    """The caller's sessions, those last used first."""
    return [_session_out(one) for one in await service.state.sessions.list(owner=caller.owner, limit=limit)]


@router.get("/v1/sessions/{session_id}", responses=documented(404))
async def read_session(
    service: ServiceDep, caller: CallerDep, session_id: SessionId, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> list[TurnOut]:
    """The last questions and answers of a session, oldest first."""
    await service.state.sessions.get(session_id, owner=caller.sees)
    return [_turn_out(one) for one in await service.state.answers.list(session_id, limit=limit)]


@router.delete("/v1/sessions/{session_id}", status_code=status.HTTP_204_NO_CONTENT, responses=documented(404))
async def forget_session(service: ServiceDep, caller: CallerDep, session_id: SessionId) -> None:
    """Forget a session with its answers and what was thought of them."""
    await service.state.sessions.get(session_id, owner=caller.sees)
    await service.state.sessions.forget(session_id)


@router.get("/v1/answers/{answer_id}", responses=documented(404))
async def read_answer(service: ServiceDep, caller: CallerDep, answer_id: AnswerId) -> TurnOut:
    """An answer as it was given, with its question and its receipt."""
    return _turn_out(await service.state.answers.get(answer_id, owner=caller.sees))


@router.post("/v1/feedback", status_code=status.HTTP_201_CREATED, responses=documented(400, 404, 413))
async def give_feedback(body: FeedbackIn, service: ServiceDep, caller: CallerDep) -> FeedbackOut:
    """Say whether an answer was good."""
    given = await service.state.feedback.give(
        body.answer_id, owner=caller.owner, rating=body.rating, comment=body.comment, of=caller.sees
    )
    return FeedbackOut.model_validate(given)


def _session_out(session: Session) -> SessionOut:
    return SessionOut.model_validate(session)


def _turn_out(stored: StoredAnswer) -> TurnOut:
    return TurnOut(
        number=stored.number,
        question=stored.question.text,
        created_at=stored.created_at,
        answer=answer_out(stored.answer, stored.session_id),
    )


@router.post("/v1/answers/{answer_id}/replay", responses=documented(404, 502))
async def replay_answer(service: ServiceDep, caller: CallerDep, answer_id: AnswerId) -> ReplayOut:
    """Ask a stored answer's question again: would the same be said, and if not, why? Nothing is stored."""
    replayed = await replay(service.assistant, service.state, answer_id, owner=caller.sees)
    return ReplayOut(
        same=replayed.same,
        stored=_turn_out(replayed.stored),
        new=answer_out(replayed.new, replayed.stored.session_id),
        differences=[DifferenceOut.model_validate(one) for one in replayed.differences],
        causes=[DifferenceOut.model_validate(one) for one in replayed.causes],
    )
