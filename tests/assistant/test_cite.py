"""Markers in a stream."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.cite import CitationScanner


def scanned(*pieces: str, known: tuple[int, ...] = (1, 2, 3)) -> str:
    scanner = CitationScanner(known)
    return "".join([*map(scanner.feed, pieces), scanner.flush()])


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Capital [1].", "Capital [1]."),
        ("Capital [1, 3].", "Capital [1][3]."),
        ("Capital [1；2、3].", "Capital [1][2][3]."),
        ("Capital [1-3].", "Capital [1][2][3]."),
        ("Capital [^2].", "Capital [2]."),
        ("资本【1】，股本［２］。", "资本[1]，股本[2]。"),
        ("Twice [1, 1].", "Twice [1]."),
        ("Unknown [9], half [2, 9].", "Unknown , half [2]."),
        ("Zero [0] and huge [999].", "Zero  and huge ."),
        ("Absurd [1-999].", "Absurd ."),
    ],
)
def test_markers_of_every_form_are_resolved_and_unknown_numbers_dropped(written: str, shown: str) -> None:
    assert scanned(written) == shown


def test_what_is_no_marker_stays_as_it_is() -> None:
    text = "A [link](x), [ ], [a1], an open [1"
    assert scanned(text) == text


def test_nothing_is_shown_of_a_marker_before_it_closes() -> None:
    scanner = CitationScanner({1})
    assert [scanner.feed(piece) for piece in ("Fee [", "1", "] is")] == ["Fee ", "", "[1] is"]


def test_characters_that_nobody_sees_are_dropped() -> None:
    assert scanned("Fee\u200b [\u20601\u202e]\U000e0041.") == "Fee [1]."


@given(
    st.lists(st.sampled_from(["[", "]", "【", "】", "1", "2", "9", ", ", "-", "^", "a", "。", "\n", "[1]", "\u200b"])),
    st.data(),
)
def test_any_cutting_of_the_stream_gives_the_same_text(parts: list[str], data: st.DataObject) -> None:
    text = "".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert scanned(*pieces) == scanned(text)
