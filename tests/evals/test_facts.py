"""A fact is found whatever the notation, the script or the spelling, and never inside another figure."""

from __future__ import annotations

import pytest

from evals.facts import has_figure, holds, tokens
from knowledge.quantities import quantities

SAME = (
    ("HK$5 million", "不低于500万港元"),
    ("HK$5 million", "最低繳足股本為五百萬港元。"),
    ("HK$5 million", "a paid-up capital of HKD 5,000,000"),
    ("500万港元", "HK$5 million"),
    ("HK$1.6 billion", "HK$1,600 million"),
    ("HK$25,000,000", "HK$25m"),
    ("USD 2.1 billion", "約21億美元"),
    ("US$1", "one US dollar"),
    ("5 million", "HK$5,000,000"),
    ("2 November 2023", "Nov 2, 2023"),
    ("2 November 2023", "2023年11月2日"),
    ("2023-11-02", "on the 2nd of November 2023"),
    ("November 2023", "on 2 November 2023"),
    ("2023", "2023年11月2日"),
    ("31 May", "2024年5月31日"),
    ("12 months", "at least twelve months' expenses"),
    ("12 months", "十二個月"),
    ("98%", "百分之98"),
    ("98%", "98 per cent"),
    ("50%", "五成"),
    ("冷存储", "98%嘅客戶資產要冷存儲"),
    ("tokenised", "tokenized securities"),
    ("asset manager", "asset managers"),
    ("Type 9 licence", "a type 9 license"),
    ("e-HKD", "eHKD"),
    ("seed && Hong Kong", "Seeds and private keys stay in Hong Kong"),
)
OTHER = (
    ("5", "15"),
    ("5", "2.5"),
    ("HK$5 million", "US$5 million"),
    ("HK$5 million", "HK$5.5 million"),
    ("HK$3 million", "HK$13 million"),
    ("2 November 2023", "November 2023"),
    ("2 November 2023", "12 November 2023"),
    ("98%", "98"),
    ("98%", "9.8%"),
    ("12 months", "12 years"),
    ("may", "dismay"),
    ("热存储", "冷存储"),
    ("seed && Singapore", "Seeds and private keys stay in Hong Kong"),
)


@pytest.mark.parametrize(("fact", "text"), SAME)
def test_fact_is_found_in_another_notation(fact: str, text: str) -> None:
    assert holds((fact,), text)


@pytest.mark.parametrize(("fact", "text"), OTHER)
def test_fact_is_not_found_in_something_else(fact: str, text: str) -> None:
    assert not holds((fact,), text)


def test_any_form_of_a_fact_will_do() -> None:
    assert holds(("cold wallet", "cold storage"), "kept in cold storage")
    assert not holds((), "an empty fact has no form that could hold")


def test_markers_do_not_part_a_fact_or_count_as_figures() -> None:
    assert holds(("cold storage",), "kept in cold [1] storage")
    assert not holds(("3",), "kept in cold storage [3].")


def test_a_fact_carries_a_figure_only_where_every_form_does() -> None:
    assert has_figure(("HK$5 million", "五百万港元"))
    assert has_figure(("twelve months",))
    assert not has_figure(("12 months", "a year or so"))
    assert not has_figure(("cold storage",))


@pytest.mark.parametrize(
    "text", ["HK$5 million", "1,234,567", "500万", "3.25", "7亿", "2,500萬", "1.6 billion", "20 thousand", "8m"]
)
def test_values_agree_with_those_that_the_answers_are_checked_with(text: str) -> None:
    """`knowledge.quantities` reads the same figures by its own way: a second implementation."""
    (token,) = tokens(text)
    assert token.rpartition(":")[2] in quantities(text)
