from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.quantities import quantities


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HK$5 million", "500万港元"),
        ("HK$5,000,000", "5,000,000港元"),
        ("HK$1.25 billion", "12.5亿港元"),
        ("about 2,700 victims", "逾2,700名受害人"),
        ("on 2 November 2023", "于2023年11月2日"),
        ("November 2, 2023", "2023年11月2日"),
        ("the 3rd of May 2024", "2024年5月3日"),
        ("in June 2025", "2025年6月"),
        ("12 months", "12个月"),
        ("HK$100 bn", "1000億港元"),
        ("１０％", "10%"),
        ("0.50", "0.5"),
        ("98%", "98%"),
    ],
)
def test_same_amount_or_date_is_the_same_in_both_languages(one: str, other: str) -> None:
    assert quantities(one) == quantities(other) != frozenset()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("firms may march on", set()),
        ("paragraph 7.26.1", {"7.26.1"}),
        ("5 m of cable", {"5000000"}),
        ("5 minutes", {"5"}),
        ("2023-24 Budget", {"2023", "24"}),
        ("no figures", set()),
        ("1.5 million in May 2024", {"1500000", "5", "2024"}),
    ],
)
def test_words_that_resemble_months_and_scales_are_read_with_care(text: str, expected: set[str]) -> None:
    assert quantities(text) == expected


@given(st.integers(0, 10**12))
def test_grouping_does_not_change_a_number(number: int) -> None:
    assert quantities(f"{number:,}") == quantities(str(number)) == {str(number)}


@given(st.text(max_size=100))
def test_any_text_is_read_without_failing(text: str) -> None:
    assert all(figure.replace(".", "").isalnum() for figure in quantities(text))
