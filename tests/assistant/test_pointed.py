"""Which citation a question on the source points to."""

from __future__ import annotations

import pytest

from assistant.pointed import number_pointed
from assistant.question import Turn

TURN = Turn("…?", "A platform needs capital [1]. It needs insurance [1]. A bank needs neither [2].", ("a", "b"))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("source for the second point?", 1),
        ("第二点的来源", 1),
        ("第3句嘅出處", 2),
        ("where does point 3 come from", 2),
        ("source 2", 2),
        ("[2]?", 2),
        ("source of the last point?", 2),
        ("source?", None),
    ],
)
def test_a_point_is_a_statement_and_a_number_a_citation(text: str, number: int | None) -> None:
    assert number_pointed(text, TURN) == number


def test_point_beyond_the_statements_is_a_citation_of_that_number() -> None:
    assert number_pointed("第五点的来源", TURN) == 5
    assert number_pointed("第二点的来源", None) == 2
