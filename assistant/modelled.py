"""The chat model's part in an answer: from what was found to an answer's parts, with the model-free answer behind it.

Understanding, search and the decision whether there is an answer at all are the same as without a model. If the model
fails before anything was shown, the settings say whether the model-free answer stands in for it or the error is
raised; after that the error is raised always, since what was shown is not the whole answer.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

from assistant.answer import Citation, Note, NoteCode, Outcome
from assistant.calls import Calls, Usage
from assistant.choose import Found
from assistant.citing import cite_passage, cite_rule
from assistant.compose import Composed, refuse
from assistant.errors import ModelError
from assistant.events import Cited, Delta
from assistant.evidence import make_exhibits
from assistant.generate import Request, Written, generate_answer
from assistant.notes import make_notes
from assistant.question import Turn
from assistant.rewrite import history_of
from assistant.understand import Understood
from knowledge.library import Library
from knowledge.rule import Language
from knowledge.words import to_traditional

_MOST_RULES, _MOST_SECTIONS = 8, 2
_LEAST = 0.05
"""Probability below which a rule is not shown to the model."""
_NEARBY = 2
_FAILED: dict[str, str] = {
    "en": "The chat model failed, so this is the answer without it. {reason}",
    "zh": "聊天模型出错，以下是不经模型的回答。{reason}",
}


@dataclass(frozen=True, slots=True)
class Modelled:
    """The end: the answer's parts, what it cost, and the digests of the prompts that shaped it."""

    composed: Composed
    usage: Usage
    prompts: tuple[str, ...] = ()


async def stream_with_model(
    asked: Understood, found: Found, library: Library, calls: Calls, without: Composed, turns: Sequence[Turn] = ()
) -> AsyncIterator[Delta | Cited | Modelled]:
    """The checked pieces of the answer, then `Modelled`. `without` is the model-free answer to the same question.

    Raises ModelError; see above for when.
    """
    given = False
    try:
        exhibits = make_exhibits(library, citations_of(asked, found, library), asked.language)
        history = await history_of(turns, calls) if turns else ""
        async for event in generate_answer(Request(asked.text, asked.language, asked.as_of, exhibits, history), calls):
            if isinstance(event, Written):
                composed = _composed(event, asked, found, library)
                if not event.text:
                    yield Delta(composed.text)
                yield Modelled(composed, event.usage, event.prompts)
            else:
                given = True
                yield event
    except ModelError as error:
        if given or calls.settings.model_on_failure == "fail":
            raise
        message = _FAILED["en" if asked.language == "en" else "zh"].format(reason=error)
        note = Note(NoteCode.MODEL_FAILED, to_traditional(message) if asked.language == "zh-Hant" else message)
        composed = replace(without, notes=(note, *without.notes))
        for piece in _events(composed):
            yield piece
        yield Modelled(composed, calls.usage)


def citations_of(asked: Understood, found: Found, library: Library) -> list[Citation]:
    """What is shown to the model: the likeliest rules, whole, then the nearest sections in the answer's language."""
    rules = [one.rule for one in found.candidates[:_MOST_RULES] if one.probability >= _LEAST]
    language: Language = asked.language
    citations = [
        cite_rule(number, rule, (0, len(rule.statement[language])), language, asked.as_of, library.sources)
        for number, rule in enumerate(rules, 1)
    ]
    pool = "en" if language == "en" else "zh"
    for hit in [one for one in found.sections if one.passage.language == pool][:_MOST_SECTIONS]:
        passage = hit.passage
        source = library.sources[passage.record]
        citations.append(cite_passage(len(citations) + 1, passage, (passage.start, passage.end), language, source))
    return citations


def _composed(written: Written, asked: Understood, found: Found, library: Library) -> Composed:
    if not written.text:
        return refuse(Outcome.INSUFFICIENT, asked, [one.rule for one in found.candidates[:_NEARBY]])
    cited = [(citation.number, library.rules[citation.id]) for citation in written.citations if citation.kind == "rule"]
    return Composed(Outcome.ANSWERED, written.text, written.citations, make_notes(asked, cited, library.rules))


def _events(composed: Composed) -> list[Delta | Cited]:
    return [*(Cited(citation) for citation in composed.citations), Delta(composed.text)]
