"""`hkva ask` and `hkva chat`: answers on the command line, with numbered sources."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.answer import Answer
from assistant.errors import BadQuestion
from assistant.question import Question, Turn
from assistant.settings import AssistantSettings
from knowledge.rule import Language
from knowledge.settings import KnowledgeSettings
from server.console import make_errors, make_output
from server.settings import read_settings

if TYPE_CHECKING:
    from assistant.answering import Assistant

_MAX_TURNS = 6
_HELP = "Ask in English or Chinese. /as-of YYYY-MM-DD sets the date, /new begins anew, /quit ends."


class AnswerLanguage(StrEnum):
    """Language of the answer."""

    AUTO = "auto"
    EN = "en"
    ZH_HANS = "zh-Hans"
    ZH_HANT = "zh-Hant"

    def to_language(self) -> Language | None:
        """None for the question's own."""
        wanted: dict[str, Language] = {"en": "en", "zh-Hans": "zh-Hans", "zh-Hant": "zh-Hant"}
        return wanted.get(self.value)


_AsOf = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="As the rules stood on this day.")]
_InLanguage = Annotated[AnswerLanguage, typer.Option(help="Language of the answer; auto is the question's own.")]


def ask(
    question: Annotated[str, typer.Argument(help="The question, in English or Chinese.")],
    as_of: _AsOf = None,
    language: _InLanguage = AnswerLanguage.AUTO,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Answer one question with its sources."""
    asked = Question(question, as_of.date() if as_of else None, language.to_language())
    with _opened() as assistant:
        answer = asyncio.run(assistant.ask(asked))
    if as_json:
        from server.wire import answer_out

        shown = answer_out(answer, "").model_dump(mode="json", exclude={"session_id"})
        make_output().print_json(json.dumps(shown, ensure_ascii=False))
        return
    _print(answer)


def chat(as_of: _AsOf = None, language: _InLanguage = AnswerLanguage.AUTO) -> None:
    """Ask one question after another; later ones may refer to earlier ones."""
    errors = make_errors()
    day = as_of.date() if as_of else None
    turns: tuple[Turn, ...] = ()
    with _opened() as assistant, asyncio.Runner() as runner:
        errors.print(_HELP, markup=False)
        for line in _lines():
            try:
                if line == "/new":
                    turns = ()
                elif line.startswith("/as-of"):
                    day = _day_of(line)
                elif line.startswith("/"):
                    errors.print(_HELP, markup=False)
                else:
                    question = Question(line, day, language.to_language(), turns=turns)
                    answer = runner.run(assistant.ask(question))
                    _print(answer)
                    turns = (*turns, _turn(question, answer))[-_MAX_TURNS:]
            except BadQuestion as error:
                errors.print(str(error), markup=False)


@contextmanager
def _opened() -> Iterator[Assistant]:
    # Imported here: it loads the index and the model's runtime, which `hkva --help` should not wait for.
    from assistant.assembly import open_assistant

    assistant = open_assistant(read_settings(KnowledgeSettings), read_settings(AssistantSettings))
    try:
        yield assistant
    finally:
        assistant.close()
        assistant.library.close()


def _lines() -> Iterator[str]:
    """What is typed, line by line, until the end of input or /quit."""
    errors = make_errors()
    while True:
        try:
            errors.print("> ", end="", markup=False)
            line = input().strip()
        except EOFError:
            return
        if line == "/quit":
            return
        if line:
            yield line


def _day_of(line: str) -> date | None:
    text = line.removeprefix("/as-of").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise BadQuestion(f"{text!r} is no date. Write /as-of YYYY-MM-DD, or /as-of alone for today.") from error


def _turn(question: Question, answer: Answer) -> Turn:
    cited = tuple(citation.id for citation in answer.citations)
    return Turn(question.text, answer.text, cited, question.as_of, answer.language)


def _print(answer: Answer) -> None:
    from server.visible import sources_text

    make_output().print(answer.text + sources_text(answer), markup=False)
