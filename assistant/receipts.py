"""An answer asked again: what would be said today, and why it differs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from assistant.answer import Answer, Citation, NoteCode
from assistant.conversation import MAX_TURNS, Answerer
from assistant.events import fold
from assistant.question import Question
from assistant.state.answers import StoredAnswer
from assistant.state.store import State


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is said otherwise. `what` is a stable code, `record` the rule or source that it is about."""

    what: str
    message: str
    record: str | None = None


@dataclass(frozen=True, slots=True)
class Replay:
    """Both answers, how they differ, and what changed between them that may be why."""

    stored: StoredAnswer
    new: Answer
    differences: tuple[Difference, ...]
    causes: tuple[Difference, ...]

    @property
    def same(self) -> bool:
        """Whether the same would be said."""
        return not self.differences


async def replay(
    assistant: Answerer, state: State, answer_id: str, *, owner: str | None = None, today: bool = False
) -> Replay:
    """Ask a stored answer's question again, with the turns that it had then. Nothing is stored.

    It is asked for the date that the answer was for, so that only what we hold can differ; with `today` it is asked as
    it was put, and a question without a date is then about this day. Raises NotFound and the assistant's errors.
    """
    stored = await state.answers.get(answer_id, owner=owner)
    turns = await state.answers.load_turns(stored.session_id, limit=MAX_TURNS, before=stored.number)
    question = replace(stored.question, turns=(turns + stored.question.turns)[-MAX_TURNS:])
    new = await fold(assistant.stream(question))
    if not today and new.as_of != stored.answer.as_of:
        new = await fold(assistant.stream(_dated(question, stored)))
    return Replay(stored, new, tuple(differences(stored.answer, new)), tuple(causes(stored.answer, new)))


def _dated(question: Question, stored: StoredAnswer) -> Question:
    return replace(question, as_of=stored.answer.as_of)


def causes(old: Answer, new: Answer) -> Iterator[Difference]:
    """What the two answers were made with, where that differs."""
    if old.receipt.library != new.receipt.library:
        yield Difference("library", f"The library was {old.receipt.library} and is {new.receipt.library}.")
    if old.receipt.model != new.receipt.model:
        yield Difference("model", f"The model was {old.receipt.model} and is {new.receipt.model}.")
    if old.receipt.prompts != new.receipt.prompts:
        yield Difference("prompts", "The prompts were others.")
    if old.receipt.settings != new.receipt.settings:
        yield Difference("settings", "The settings were others.")
    if old.as_of != new.as_of:
        yield Difference("as_of", f"It was asked for {old.as_of} and is asked for {new.as_of}.")


def differences(old: Answer, new: Answer) -> Iterator[Difference]:
    """What the two answers say otherwise; markers' numbers and the times taken don't count."""
    if old.outcome != new.outcome:
        yield Difference("outcome", f"The outcome was {old.outcome} and is {new.outcome}.")
    before = {citation.id: citation for citation in old.citations}
    after = {citation.id: citation for citation in new.citations}
    for record in sorted(before.keys() - after.keys()):
        yield Difference("citation_removed", f"{before[record].title} is no longer cited.", record)
    for record in sorted(after.keys() - before.keys()):
        yield Difference("citation_added", f"{after[record].title} is cited now.", record)
    for record in sorted(before.keys() & after.keys()):
        yield from _citation_differences(before[record], after[record])
    yield from _note_differences(old, new)
    if old.text != new.text:
        yield Difference("text", "The text is worded otherwise.")


def _citation_differences(old: Citation, new: Citation) -> Iterator[Difference]:
    if old.standing != new.standing:
        by = f" by {new.superseded_by}" if new.superseded_by else ""
        message = f"{new.title} was {_words(old.standing)} and is {_words(new.standing)}{by}."
        yield Difference("standing", message, new.id)
    elif old.superseded_by != new.superseded_by:
        yield Difference("superseded_by", f"{new.title} is superseded by {new.superseded_by or 'nothing'}.", new.id)
    if (old.quote, old.evidence) != (new.quote, new.evidence):
        yield Difference("quote", f"Another run of {new.title} is quoted.", new.id)


def _note_differences(old: Answer, new: Answer) -> Iterator[Difference]:
    before = {note.code for note in old.notes} - {NoteCode.AS_OF}
    after = {note.code for note in new.notes} - {NoteCode.AS_OF}
    for code in sorted(before - after):
        yield Difference("note_removed", f"The note '{_words(code)}' is gone.")
    for code in sorted(after - before):
        yield Difference("note_added", f"The note '{_words(code)}' is new.")


def _words(code: str) -> str:
    return str(code).replace("_", " ")
