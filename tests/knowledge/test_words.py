from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.words import fold, has_han, terms, to_simplified, to_traditional, visible


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("穩定幣", "稳定币"),
        ("ＶＡＴＰ", "vatp"),
        ("Stable\u200bcoin", "stablecoin"),
        ("虛擬資產交易平台", "虚拟资产交易平台"),
        ("SFC", "sfc"),
    ],
)
def test_scripts_widths_and_cases_are_compared_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("simplified", "hong_kong"),
    [
        ("虚拟资产", "虛擬資產"),
        ("稳定币", "穩定幣"),
        ("托管", "託管"),
        ("余伟文", "余偉文"),
        ("了解", "了解"),
        ("在这里", "在這裏"),
        ("最多只有2%", "最多只有2%"),
        ("银发〔2021〕237号", "銀發〔2021〕237號"),
        ("每周汇报", "每週匯報"),
        ("并为其发牌，并入集团", "並為其發牌，併入集團"),
    ],
)
def test_traditional_is_written_as_hong_kong_writes_it(simplified: str, hong_kong: str) -> None:
    assert to_traditional(simplified) == hong_kong
    assert to_simplified(hong_kong) == simplified


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("e-HKD", ["ehkd", "e", "hkd"]),
        ("稳定币发行", ["稳定", "定币", "币发", "发行"]),
        ("币", ["币"]),
        ("HK$5,000,000", ["hk", "5000000"]),
        ("para 7.26.1", ["para", "7261"]),
        ("Cap. 656", ["cap", "656"]),
        ("持牌VATP可用USDT买币", ["持牌", "vatp", "可用", "usdt", "买币"]),
        ("24小时", ["24", "小时"]),
        ("", []),
    ],
)
def test_terms_are_pairs_of_characters_and_words(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@given(st.text(max_size=80))
def test_terms_hold_nothing_that_a_keyword_query_would_trip_over(text: str) -> None:
    assert all(term and '"' not in term and not any(letter.isspace() for letter in term) for term in terms(text))


@given(st.text(alphabet="稳定币发行人须持牌ABC 12", max_size=40))
def test_question_in_either_script_has_the_terms_of_the_passage(text: str) -> None:
    assert terms(to_traditional(text)) == terms(text)


def test_chinese_is_told_from_other_scripts() -> None:
    assert has_han("SFC 证监会")
    assert not has_han("カタカナ, Ελληνικά, 12！")
    assert visible("a\u200b\u202eb\ufeff") == "ab"
