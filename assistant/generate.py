"""An answer with a chat model: records and question in, checked sentences out as they are written.

1. The records that fit the budget are shown, numbered; the reply is streamed.
   A record that gives orders to a model is not shown at all.
2. Markers are resolved and each sentence is checked against the records that it cites, before anyone sees it.
3. A reply that breaks off is gone on with once. A reply of which nothing stands is asked for once more, with what was
   wrong with it. If still nothing stands, the records do not answer the question.
4. With the checker set, nothing is let out before a second call has judged each sentence.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date

from assistant.answer import Citation
from assistant.calls import Calls, Message, Usage
from assistant.check import Finding, check_text
from assistant.cite import CitationScanner
from assistant.errors import ModelError, ModelRefused
from assistant.events import Cited, Delta
from assistant.evidence import Exhibit, as_data, to_prompt, within
from assistant.instructions import instructs
from assistant.judge import judged
from assistant.prompts import Prompt, read_prompt
from assistant.release import Released, SentenceGate
from knowledge.rule import Language

LANGUAGE_NAMES: dict[Language, str] = {
    "en": "English",
    "zh-Hans": "Simplified Chinese (简体中文)",
    "zh-Hant": "Traditional Chinese as written in Hong Kong (繁體中文)",
}
_INSUFFICIENT = "INSUFFICIENT"
_MOST_FINDINGS = 12


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be answered. `question` stands alone (follow-ups are rewritten before); `history` is for tone only."""

    question: str
    language: Language
    as_of: date
    exhibits: tuple[Exhibit, ...]
    history: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """The end of an answer. Joined deltas equal `text`, cited citations equal `citations`.

    An empty `text` means that the records do not answer the question, or that nothing of what the model wrote could
    be shown; `cut` says what was wrong with the sentences that were left out.
    """

    text: str
    citations: tuple[Citation, ...]
    cut: tuple[Finding, ...]
    usage: Usage
    prompts: tuple[str, ...]


async def generate_answer(request: Request, calls: Calls) -> AsyncIterator[Delta | Cited | Written]:
    """The answer as it is checked, and `Written` at its end.

    Raises ModelError where the model fails; what was given until then is checked, but not the whole answer.
    """
    whole = calls.settings.model_release == "whole" or calls.settings.model_checker
    writer = _Writer(request, calls)
    if whole:
        async for _ in writer.released():
            pass
        text, citations, cut = await _checked(request, calls, writer)
        for citation in citations:
            yield Cited(citation)
        if text:
            yield Delta(text)
    else:
        async for piece in writer.released():
            for citation in piece.cited:
                yield Cited(citation)
            yield Delta(piece.text)
        text, citations, cut = writer.gate.text, writer.gate.citations, tuple(writer.findings)
    _refuse_unsupported(text, citations, request.exhibits)
    yield Written(text, citations, cut, calls.usage, tuple(prompt.digest for prompt in writer.prompts))


async def _checked(
    request: Request, calls: Calls, writer: _Writer
) -> tuple[str, tuple[Citation, ...], tuple[Finding, ...]]:
    text, citations, cut = writer.gate.text, writer.gate.citations, tuple(writer.findings)
    if not text or not calls.settings.model_checker:
        return text, citations, cut
    text, citations, found = await judged(text, citations, request.exhibits, calls)
    writer.prompts.append(read_prompt("judge"))
    return text, citations, (*cut, *found)


def _refuse_unsupported(text: str, citations: Sequence[Citation], exhibits: Sequence[Exhibit]) -> None:
    """The last look at the whole text; a finding here means that the gate let out what it should not have."""
    records = {exhibit.citation.id: exhibit.texts for exhibit in exhibits}
    findings = check_text(text, citations, records)
    if findings:
        raise ModelRefused(f"The answer failed its last check ({findings[0].code}). Ask again.")


class _Writer:
    """The course of one answer: the prompts sent, the gate, and what is let out."""

    def __init__(self, request: Request, calls: Calls) -> None:
        self._request = request
        self._calls = calls
        quiet = [exhibit for exhibit in request.exhibits if not instructs(exhibit.shown)]
        self._shown = within(quiet, calls.settings.model_evidence_characters)
        self._raw = ""
        self.gate = SentenceGate(self._shown, request.language)
        self.findings: list[Finding] = [
            Finding("instructs", "", f"{exhibit.citation.id} gives orders to a model and was not shown to it.")
            for exhibit in request.exhibits
            if exhibit not in quiet
        ]
        self.prompts: list[Prompt] = []

    async def released(self) -> AsyncIterator[Released]:
        """The pieces let out, in order. Raises ModelError."""
        if not self._shown:
            return
        asked = self._first()
        async for piece in self._reply(asked, go_on=True):
            yield piece
        if self.gate.text or _INSUFFICIENT in self._raw:
            return
        findings = "\n".join(f"- {one.sentence!r}: {one.message}" for one in self.gate.findings[:_MOST_FINDINGS])
        prompt = self._prompt("again")
        again = prompt.fill(findings=findings or "- It was empty.", language=LANGUAGE_NAMES[self._request.language])
        said: Message = ("ai", self._raw or "(nothing)")
        self._begin_anew()
        async for piece in self._reply([*asked, said, ("human", again)], go_on=False):
            yield piece

    async def _reply(self, asked: list[Message], *, go_on: bool) -> AsyncIterator[Released]:
        try:
            async for piece in self._once(asked):
                yield piece
        except ModelError as error:
            if not go_on or not self._raw or (isinstance(error, ModelRefused) and not self._calls.was_cut):
                raise
            for piece in self.gate.break_off():
                yield piece
        else:
            return
        if self.gate.text:
            said: list[Message] = [("ai", self.gate.written), ("human", self._prompt("go_on").fill())]
            asked = [*asked, *said]
        else:
            self._begin_anew()
        async for piece in self._once(asked):
            yield piece

    async def _once(self, asked: list[Message]) -> AsyncIterator[Released]:
        scanner = CitationScanner({exhibit.citation.number for exhibit in self._shown})
        async for text in self._calls.stream(asked):
            self._raw += text
            for piece in self.gate.feed(scanner.feed(text)):
                yield piece
        for piece in [*self.gate.feed(scanner.flush()), *self.gate.flush()]:
            yield piece
        self.findings = [*self.findings, *self.gate.findings]

    def _begin_anew(self) -> None:
        self._raw = ""
        self.gate = SentenceGate(self._shown, self._request.language)

    def _first(self) -> list[Message]:
        request = self._request
        name, day = LANGUAGE_NAMES[request.language], request.as_of.isoformat()
        system = self._prompt("answer").fill(language=name, as_of=day)
        human = self._prompt("request").fill(
            history=request.history,
            evidence=to_prompt(self._shown),
            question=as_data(request.question),
            language=name,
            as_of=day,
        )
        return [("system", system), ("human", human)]

    def _prompt(self, name: str) -> Prompt:
        prompt = read_prompt(name)
        if prompt not in self.prompts:
            self.prompts.append(prompt)
        return prompt
