"""Whether a sentence says what its records say, numbers written in words, and titles within titles."""

from __future__ import annotations

import pytest

from assistant.numerals import spelled
from assistant.phrases import inner, say
from assistant.wording import coverage, wording_fault

RECORD = (
    "A licensed platform may serve retail investors only after a knowledge test."
    " A platform must not offer leverage to retail investors.",
    "持牌平台须先测试散户的知识，方可向其提供服务。平台不得向散户提供杠杆。",
)


@pytest.mark.parametrize(
    "sentence",
    [
        "Licensed platforms may serve retail investors once they passed a knowledge test.",
        "Platforms must not offer leverage to retail investors.",
        "散户须先通过知识测试，持牌平台方可提供服务。",
        "平台不得向散户提供杠杆。",
        "平台不可以向散戶提供槓桿。",
    ],
)
def test_a_sentence_in_other_words_is_supported(sentence: str) -> None:
    assert wording_fault(sentence, RECORD) is None


@pytest.mark.parametrize(
    "sentence",
    ["Everybody should buy as many memecoins as they like today.", "政府保证所有人都能赚钱，大家应该立即买入。"],
)
def test_a_sentence_on_another_matter_is_not_supported(sentence: str) -> None:
    assert "words" in (wording_fault(sentence, RECORD) or "")


@pytest.mark.parametrize(
    "sentence",
    ["Platforms may offer leverage to retail investors.", "平台可以向散户提供杠杆。"],
)
def test_a_rule_turned_around_is_found(sentence: str) -> None:
    assert "turns around" in (wording_fault(sentence, RECORD) or "")


def test_coverage_is_the_share_of_content_words() -> None:
    assert coverage("leverage for retail", RECORD[0]) == 1.0
    assert coverage("leverage for whales", RECORD[0]) == 0.5
    assert coverage("It is.", RECORD[0]) == 1.0


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("thirty million dollars", {"30000000"}),
        ("Twenty-five per cent of one fund", {"25"}),
        ("two hundred and fifty", {"250"}),
        ("a million dollars", {"1000000"}),
        ("HK$25 million", set()),
        ("三千万港元", {"30000000"}),
        ("百分之二十五", {"25"}),
        ("二零二三年六月", {"2023", "6"}),
        ("統一、一般、500万元、第二阶段", set()),
    ],
)
def test_spelled_numbers_are_read(text: str, numbers: set[str]) -> None:
    assert spelled(text) == numbers


def test_a_title_that_names_a_title_has_the_inner_marks_within_ours() -> None:
    told = say("changed_since", "zh-Hans", day="2023年6月1日", title=inner("《指引》的发布"))
    assert "《〈指引〉的发布》" in told
