"""Answers and questions as JSON and back. Pure; one shape for what is stored and what is sent."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import TypeAdapter

from assistant.answer import Answer
from assistant.question import Question


def answer_to_json(answer: Answer) -> dict[str, Any]:
    """The answer as JSON values, keys in the order of its fields; the text stands under `text`."""
    shape: dict[str, Any] = _answers().dump_python(answer, mode="json")
    return shape


def write_answer(answer: Answer) -> str:
    """The answer as JSON text."""
    return _answers().dump_json(answer).decode()


def read_answer(text: str) -> Answer:
    """The answer again, equal to the one written. Keys that we do not know are ignored.

    Raises pydantic's ValidationError for anything else that is no answer.
    """
    return _answers().validate_json(text)


def write_question(question: Question) -> str:
    """The question as JSON text."""
    return _questions().dump_json(question).decode()


def read_question(text: str) -> Question:
    """The inverse of `write_question`."""
    return _questions().validate_json(text)


@cache
def _answers() -> TypeAdapter[Answer]:
    return TypeAdapter(Answer)


@cache
def _questions() -> TypeAdapter[Question]:
    return TypeAdapter(Question)
