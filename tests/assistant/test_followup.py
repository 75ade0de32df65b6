from __future__ import annotations

from datetime import date

import pytest

from assistant.follow import Follow
from assistant.followup import asked_before, make_standalone
from assistant.question import Turn

TODAY = date(2026, 11, 23)
CAPITAL = Turn("虚拟资产交易平台的最低缴足股本是多少?", "…", ("capital",))
BONDS = Turn("Can retail investors buy tokenised bonds?", "…", ("a", "b"))


@pytest.mark.parametrize(
    ("text", "turn", "follow"),
    [
        ("那托管呢?", CAPITAL, Follow.FRAGMENT),
        ("and for professional investors?", BONDS, Follow.FRAGMENT),
        ("When was it published?", BONDS, Follow.FRAGMENT),
        ("點解?", CAPITAL, Follow.FRAGMENT),
        ("as of March 2023?", CAPITAL, Follow.DATE),
        ("2022年呢?", CAPITAL, Follow.DATE),
        ("第二点的来源?", BONDS, Follow.SOURCE),
        ("Where does point 2 come from?", BONDS, Follow.SOURCE),
        ("tell me more", BONDS, Follow.MORE),
        ("In English please", CAPITAL, Follow.AGAIN),
        ("Where did you get that?", BONDS, Follow.SOURCE),
        ("依据是哪一条?", CAPITAL, Follow.SOURCE),
        ("出處係邊份文件?", CAPITAL, Follow.SOURCE),
        ("Which circular is that from?", BONDS, Follow.SOURCE),
        ("And when did that start?", BONDS, Follow.SINCE),
        ("是从什么时候开始的?", CAPITAL, Follow.SINCE),
        ("2024年底的时候呢?", CAPITAL, Follow.DATE),
        ("之前呢?", CAPITAL, Follow.BEFORE),
        ("What is the fine for running an unlicensed platform in Hong Kong?", BONDS, Follow.ALONE),
    ],
)
def test_follow_up_is_told_from_a_question_of_its_own(text: str, turn: Turn, follow: Follow) -> None:
    assert make_standalone(text, [turn], TODAY).follow is follow


@pytest.mark.parametrize(
    "text",
    [
        "那个呢?",
        "?",
        "what about it?",
        "點解?",
        "And the third?",
        "跟剛才一樣嗎?",
        "Shorter please",
        "In English please",
        "Since when?",
    ],
)
def test_pointer_without_history_is_unclear(text: str) -> None:
    assert make_standalone(text, [], TODAY).follow is Follow.UNCLEAR


def test_fragment_keeps_the_subject_of_the_first_question_through_several_turns() -> None:
    turns = [CAPITAL, Turn("那速动资金呢?", "…")]
    standalone = make_standalone("散户呢?", turns, TODAY)
    assert "虚拟资产交易平台" in standalone.text
    assert standalone.focus == "散户呢?"


def test_date_alone_asks_the_last_question_again() -> None:
    assert make_standalone("as of March 2023?", [CAPITAL], TODAY).text == CAPITAL.question


def test_number_of_a_source_is_read() -> None:
    assert make_standalone("第二点的来源?", [BONDS], TODAY).number == 2
    assert make_standalone("source of the last point?", [BONDS], TODAY).number == 2


def test_bare_now_asks_the_last_question_for_today() -> None:
    standalone = make_standalone("那現在呢?", [Turn("2024年經紀可以借錢給客戶買幣嗎?", "")], date(2026, 11, 27))
    assert standalone.follow is Follow.NOW
    assert "2024" not in standalone.text
    assert "經紀" in standalone.text


def test_ranks_are_exchanged_through_several_turns() -> None:
    turns = [Turn("第一次綠債發了多少?", "…"), Turn("第二次呢?", "…")]
    assert make_standalone("咁第三次呢?", turns, TODAY).text == "第三次綠債發了多少?"


def test_a_follow_up_may_hang_on_the_last_two_questions_that_ask_for_something() -> None:
    turns = [CAPITAL, Turn("那速动资金呢?", "…"), Turn("来源?", "…")]
    assert asked_before(turns, TODAY) == (CAPITAL.question, "那速动资金呢?")
