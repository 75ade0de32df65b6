from __future__ import annotations

import pytest

from assistant.asked_language import read_asked_language


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("What is the minimum capital?", "en"),
        ("What does 梁鳳儀 say on JPEX in the article?", "en"),
        ("平台的最低缴足股本是多少?", "zh-Hans"),
        ("平台嘅種子同私鑰要擺喺邊度?", "zh-Hant"),
        ("虛擬資產交易平台的規定", "zh-Hant"),
        ("SFC 的 staking circular 说 slashing 要 disclose 吗?", "zh-Hans"),
        ("USDT喺香港合唔合法", "zh-Hant"),
        ("平台要唔要公布 proof of reserves?", "zh-Hant"),
    ],
)
def test_answer_is_in_the_language_and_script_of_the_question(question: str, language: str) -> None:
    assert read_asked_language(question) == language


def test_text_that_both_scripts_write_alike_goes_on_in_that_of_what_came_before() -> None:
    assert read_asked_language("之前呢?") == "zh-Hans"
    assert read_asked_language("之前呢?", "zh-Hant") == "zh-Hant"
    assert read_asked_language("那托管呢?", "zh-Hant") == "zh-Hans"
    assert read_asked_language("And banks?", "zh-Hant") == "en"
