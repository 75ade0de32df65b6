"""What a follow-up takes the place of in the question before it."""

from __future__ import annotations

import pytest

from assistant.exchange import readings, with_another, with_rank
from knowledge.glossary import Glossary

GLOSSARY = Glossary(
    [
        ["stablecoin", "稳定币"],
        ["licensed", "持牌"],
        ["issuer", "发行人"],
        ["trading platform", "平台"],
        ["paid-up capital", "缴足股本"],
        ["bank", "银行"],
    ]
)


@pytest.mark.parametrize(
    ("before", "fragment", "read"),
    [
        ("第一間持牌平台係邊間?", "第三間呢?", "第三間持牌平台係邊間?"),
        ("首只获准质押的基金是哪只?", "那第二只呢?", "第二只获准质押的基金是哪只?"),
        ("How much did the third bond raise?", "And the first one?", "How much did the first bond raise?"),
        ("Which was the first platform?", "And the 12th?", "Which was the 12th platform?"),
        ("數碼港元第二階段幾時開始?", "第一階段呢?", "數碼港元第一階段幾時開始?"),
    ],
)
def test_another_rank_takes_the_place_of_the_one_asked_before(before: str, fragment: str, read: str) -> None:
    assert with_rank(before, fragment) == read


@pytest.mark.parametrize(
    ("before", "fragment"),
    [
        ("How much did the bond raise?", "And the second?"),
        ("Which was the first platform?", "When did the second open?"),
        ("Which was the first platform?", "And the second stablecoin?"),
    ],
)
def test_rank_is_not_exchanged_where_it_asks_for_more_or_none_was_asked(before: str, fragment: str) -> None:
    assert with_rank(before, fragment) == ""


def test_another_thing_takes_the_place_of_each_that_was_named() -> None:
    texts = [
        one.text
        for one in readings("What paid-up capital does a stablecoin issuer need?", "And a trading platform?", GLOSSARY)
    ]
    assert texts[0] == "What paid-up capital does a trading platform need?"
    assert "What trading platform does a stablecoin issuer need?" in texts


def test_words_that_both_share_stand_in_what_is_exchanged() -> None:
    texts = [one.text for one in readings("持牌平台的缴足股本是多少?", "持牌发行人呢?", GLOSSARY)]
    assert texts[0] == "持牌发行人的缴足股本是多少?"


def test_pronoun_stands_for_what_was_named_with_a_name_of_its_own() -> None:
    texts = [one.text for one in readings("When was the trading platform HKVAX licensed?", "Who runs it?", GLOSSARY)]
    assert texts == ["Who runs trading platform HKVAX?"]


def test_chinese_follow_up_needs_no_pronoun() -> None:
    texts = [one.text for one in readings("平台可以借钱给客户吗?", "可以自己做市吗?", GLOSSARY)]
    assert texts == ["平台可以自己做市吗"]


def test_follow_up_that_asks_for_something_itself_is_not_put_in_place_of_anything() -> None:
    assert readings("What paid-up capital does a bank need?", "How many were granted?", GLOSSARY) == []


@pytest.mark.parametrize(
    ("before", "fragment", "read"),
    [
        (
            "What is the minimum paid-up capital of a licensed exchange?", "And for a stablecoin issuer?",
            "What is the minimum paid-up capital of a stablecoin issuer?",
        ),
        ("What must a bank do before staking?", "And a platform?", "What must a platform do before staking?"),
        ("持牌平台最低繳足股本係幾多?", "穩定幣發行人呢?", "穩定幣發行人最低繳足股本係幾多?"),
    ],
)  # fmt: skip
def test_the_whole_of_what_was_named_gives_way(before: str, fragment: str, read: str) -> None:
    assert read in [one.text for one in readings(before, fragment, GLOSSARY)]


@pytest.mark.parametrize(
    ("before", "fragment", "read"),
    [
        (
            "What did the 2025 address say on bonds?",
            "what did the 2026 one say?",
            "What did the 2026 address say on bonds?",
        ),
        ("HashKey 幾時獲發牌?", "OSL 又係幾時?", "OSL 幾時獲發牌?"),
    ],
)
def test_another_year_or_name_takes_the_place_of_the_one_before(before: str, fragment: str, read: str) -> None:
    assert [one.text for one in with_another(before, fragment)] == [read]


def test_part_that_names_more_than_a_year_is_not_exchanged() -> None:
    assert with_another("What did the 2025 address say on bonds?", "What did the 2026 budget tax?") == []
