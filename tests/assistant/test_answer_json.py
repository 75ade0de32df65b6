from __future__ import annotations

import dataclasses
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from assistant.answer import Answer, Citation
from assistant.answer_json import (
    answer_to_json,
    read_answer,
    read_question,
    write_answer,
    write_question,
)
from assistant.question import Limits, Question, Turn

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
_CITATIONS = st.builds(Citation, number=st.integers(1, 9), title=_TEXT, quote=_TEXT)
_ANSWERS = st.builds(
    Answer,
    text=_TEXT,
    as_of=st.dates(),
    citations=st.lists(_CITATIONS, max_size=2).map(tuple),
    confidence=st.floats(0, 1),
)


def test_json_holds_every_field_under_its_own_name(answer: Answer) -> None:
    shape = answer_to_json(answer)
    assert list(shape) == [field.name for field in dataclasses.fields(Answer)]
    assert shape["as_of"] == "2026-11-23"
    assert shape["citations"][0]["standing"] == "in_force"
    assert json.loads(json.dumps(shape)) == shape


def test_answer_comes_back_equal(answer: Answer) -> None:
    assert read_answer(write_answer(answer)) == answer


@given(_ANSWERS)
def test_any_answer_comes_back_equal(any_answer: Answer) -> None:
    assert read_answer(write_answer(any_answer)) == any_answer


def test_answer_of_an_older_version_is_read_with_defaults_and_one_of_a_newer_without_its_new_keys(
    answer: Answer,
) -> None:
    shape = answer_to_json(answer)
    del shape["confidence"]
    shape["mood"] = "cheerful"
    assert read_answer(json.dumps(shape)) == dataclasses.replace(answer, confidence=0.0)


def test_what_is_no_answer_is_refused() -> None:
    with pytest.raises(ValidationError):
        read_answer('{"id": "ans_1"}')


def test_question_comes_back_equal() -> None:
    turn = Turn("earlier", "said [1]", ("rule-x",), date(2024, 1, 2), "zh-Hant")
    question = Question("q\x00 问", date(2025, 1, 1), "zh-Hans", Limits(frozenset({"a", "b"})), (turn,))
    assert read_question(write_question(question)) == question
