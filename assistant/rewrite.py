"""Follow-ups rewritten by the chat model so that they stand alone, and long histories made short.

A rewriting is a search query, never an answer, and is held to what was said: it may bring in no figure and no name
that neither the question nor the turns have. Where it does, or the model fails, the model-free rewriting stays.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.calls import Calls
from assistant.errors import ModelError
from assistant.evidence import as_data
from assistant.history import recent, to_history
from assistant.instructions import instructs
from assistant.names import missing_names
from assistant.numerals import spelled
from assistant.prompts import read_prompt
from assistant.question import Turn
from knowledge.quantities import quantities
from knowledge.words import has_han, visible

_LONGEST = 500
_SUMMARY = 1_000


async def rewritten(question: str, turns: Sequence[Turn], calls: Calls) -> str | None:
    """The question as it reads on its own; None where the model gives none that can be used."""
    history = to_history(turns, calls.settings.model_history_characters)
    prompt = read_prompt("rewrite").fill(history=history, question=as_data(question))
    try:
        reply = await calls.complete([("human", prompt)])
    except ModelError:
        return None
    text = visible(reply).strip().strip('"“”「」')
    said = "\n".join([question, *(f"{turn.question}\n{turn.answer}" for turn in turns)])
    return text if _is_usable(text, question, said) else None


async def history_of(turns: Sequence[Turn], calls: Calls) -> str:
    """The turns as the model sees them: the last ones whole, those before them in short where there are any."""
    budget = calls.settings.model_history_characters
    kept = recent(turns, budget - _SUMMARY)
    older = turns[: len(turns) - len(kept)]
    if not older or len(to_history(turns, budget)) == len(to_history(turns, 10 * budget)):
        return to_history(turns, budget)
    prompt = read_prompt("summary").fill(history=to_history(older, 4 * budget))
    try:
        summary = visible(await calls.complete([("human", prompt)])).strip()
    except ModelError:
        summary = ""
    if instructs(summary) or not _holds_to(summary, "\n".join(f"{turn.question}\n{turn.answer}" for turn in older)):
        summary = ""
    return to_history(kept, budget, (summary or _questions(older))[:_SUMMARY])


def _is_usable(text: str, question: str, said: str) -> bool:
    if not 0 < len(text) <= _LONGEST or "\n" in text or has_han(text) != has_han(question):
        return False
    return not instructs(text) and _holds_to(text, said)


def _holds_to(text: str, said: str) -> bool:
    figures = (quantities(text) | spelled(text)) - quantities(said) - spelled(said)
    return not figures and not missing_names(text, said)


def _questions(turns: Sequence[Turn]) -> str:
    return " ".join(turn.question for turn in turns)
