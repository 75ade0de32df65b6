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
from knowledge.passage import Hit
from knowledge.rule import Language, Rule
from knowledge.words import to_traditional

_MOST_RULES, _MOST_SECTIONS = 8, 2
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
    asked: Understood,
    likely: Sequence[Rule],
    sections: Sequence[Hit],
    library: Library,
    calls: Calls,
    without: Composed,
    turns: Sequence[Turn] = (),
    question: str = "",
) -> AsyncIterator[Delta | Cited | Modelled]:
    """The checked pieces of the answer, then `Modelled`.

    `without` is the model-free answer to the same question: what it cites is shown to the model first, then the
    `likely` rules and the `sections` found, best first. `question` is what the model is asked, where that is more than
    the question understood. Raises ModelError; see above.
    """
    given = False
    try:
        exhibits = make_exhibits(
            library, citations_of(asked, likely, sections, library, without.citations), asked.language
        )
        history = await history_of(turns, calls) if turns else ""
        request = Request(question or asked.text, asked.language, asked.as_of, exhibits, history)
        async for event in generate_answer(request, calls):
            if isinstance(event, Written):
                composed = _composed(event, asked, likely, library)
                if not event.text:
                    yield Delta(composed.text)
                yield Modelled(composed, event.usage, event.prompts)
            else:
                given = True
                yield event
    except ModelError as error:
        if given or calls.settings.model_on_failure == "fail":
            raise
        composed = _failed(without, error, asked)
        for piece in _events(composed):
            yield piece
        yield Modelled(composed, calls.usage)


def _failed(without: Composed, error: ModelError, asked: Understood) -> Composed:
    """The model-free answer with a note that the model failed."""
    message = _FAILED["en" if asked.language == "en" else "zh"].format(reason=error)
    note = Note(NoteCode.MODEL_FAILED, to_traditional(message) if asked.language == "zh-Hant" else message)
    return replace(without, notes=(note, *without.notes))


def citations_of(
    asked: Understood,
    likely: Sequence[Rule],
    sections: Sequence[Hit],
    library: Library,
    told: Sequence[Citation] = (),
) -> list[Citation]:
    """What is shown to the model: what is told without it, the likeliest rules, the nearest sections.

    Rules are shown whole; sections only in the answer's language, since their wording could not be checked in another.
    """
    language: Language = asked.language
    ids = dict.fromkeys([*(one.id for one in told if one.kind == "rule"), *(rule.id for rule in likely)])
    citations: list[Citation] = []
    for rule in [library.rules[one] for one in ids][:_MOST_RULES]:
        whole = (0, len(rule.statement[language]))
        citations.append(cite_rule(1, rule, whole, language, asked.as_of, library.sources))
    pool = "en" if language == "en" else "zh"
    passages = {one.id: one for one in told if one.kind == "passage"}
    for hit in sections:
        passage = hit.passage
        if passage.language == pool and passage.record not in passages and len(passages) < _MOST_SECTIONS:
            span = (passage.start, passage.end)
            passages[passage.record] = cite_passage(1, passage, span, language, library.sources[passage.record])
    return [replace(one, number=number) for number, one in enumerate([*citations, *passages.values()], 1)]


def _composed(written: Written, asked: Understood, likely: Sequence[Rule], library: Library) -> Composed:
    if not written.text:
        return refuse(Outcome.INSUFFICIENT, asked, likely[:_NEARBY])
    cited = [(citation.number, library.rules[citation.id]) for citation in written.citations if citation.kind == "rule"]
    return Composed(Outcome.ANSWERED, written.text, written.citations, make_notes(asked, cited, library.rules))


def _events(composed: Composed) -> list[Delta | Cited]:
    return [*(Cited(citation) for citation in composed.citations), Delta(composed.text)]
