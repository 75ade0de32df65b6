"""Feedback becomes draft cases: what a reader thought was wrong, to be reviewed and completed by a person."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from assistant.state.answers import StoredAnswer
from assistant.state.feedback import Feedback
from assistant.state.store import State
from evals.case import Case, Expect

DRAFT = "draft"
"""Tag of a case that nobody has reviewed. Such a case expects nothing of the answer's content yet."""
_TURNS = 6


async def harvest(state: State, since: datetime | None = None) -> list[Case]:
    """A draft case for each answer that got a thumb down or a comment, in the order in which they were given.

    The case asks the same question in the same session; its source tells what was answered and what was said of it.
    """
    drafts: dict[str, Case] = {}
    for given in await state.feedback.list(since=since):
        if given.rating == "down" or given.comment.strip():
            stored = await state.answers.get(given.answer_id)
            drafts[given.answer_id] = await _draft(state, stored, given, drafts.get(given.answer_id))
    return list(drafts.values())


async def _draft(state: State, stored: StoredAnswer, given: Feedback, earlier: Case | None) -> Case:
    said = f"{given.rating} on {given.given_at.date().isoformat()}: {given.comment.strip() or 'no comment'}"
    if earlier is not None:
        return replace(earlier, source=f"{earlier.source} | {said}")
    turns = await state.answers.load_turns(stored.session_id, limit=_TURNS, before=stored.number)
    asked = tuple(turn.question for turn in (*turns, *stored.question.turns))
    cited = ", ".join(citation.id for citation in stored.answer.citations) or "nothing"
    answered = re.sub(r"\s+", " ", stored.answer.text).strip()
    return Case(
        id=f"feedback-{stored.answer.id.removeprefix('ans_')[:12]}",
        question=stored.question.text,
        language=stored.answer.language,
        category="feedback",
        expect=Expect(),
        turns=asked[-_TURNS:],
        as_of=stored.question.as_of,
        tags=frozenset({DRAFT}),
        source=f"answered ({stored.answer.outcome.value}, citing {cited}): {answered} | {said}",
    )
