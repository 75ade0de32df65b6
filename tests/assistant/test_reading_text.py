from __future__ import annotations

import time

import pytest

from assistant.asked_for import asked_measures, held_measures, names_in
from assistant.content import asked_units, stem
from assistant.parts import split_clauses, split_questions, without_orders
from assistant.sides import members_of, sides_of
from assistant.spelling import Spelling
from assistant.spoken import to_written


def test_spellings_of_both_shores_have_one_stem() -> None:
    assert stem("tokenised") == stem("tokenized") == stem("tokenisation")


def test_words_that_only_ask_are_not_what_a_question_is_about() -> None:
    assert set(asked_units("What is the minimum capital in Hong Kong?")) == {"minimum", "capital"} | set()
    assert list(asked_units("那个呢?")) == []
    assert "年" not in asked_units("2023年5月的规定")


def test_slip_of_the_keyboard_is_put_right_and_names_in_capitals_are_left() -> None:
    spelling = Spelling(["HashKey Exchange was licensed", "the exchange threshold"])
    assert spelling.corrected("when was hashky exchnage licenced") == "when was hashkey exchange licensed"
    assert spelling.corrected("HASHKY") == "HASHKY"
    assert spelling.corrected("Klingon") == "Klingon"


@pytest.mark.parametrize(
    ("spoken", "written"),
    [
        ("最新攞到平台牌嘅係邊間?", "最新取得平台牌的是哪家?"),
        ("平台嘅種子同私鑰要擺喺邊度?", "平台的种子同私钥要存放在哪里?"),
        ("持牌平台的系统要求是什么", "持牌平台的系统要求是什么"),
        ("What is 98%?", "What is 98%?"),
    ],
)
def test_spoken_cantonese_is_searched_in_written_words(spoken: str, written: str) -> None:
    assert to_written(spoken) == written


def test_several_questions_in_one_are_taken_apart() -> None:
    assert split_questions("e-CNY wallet 可以用 FPS top up 嘛?有幾多間銀行?") == [
        "e-CNY wallet 可以用 FPS top up 嘛?",
        "有幾多間銀行?",
    ]
    assert split_questions("One question? thanks") == ["One question? thanks"]


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        (
            "Compare the paid-up capital of a trading platform and a stablecoin issuer.",
            "the paid-up capital of a trading platform",
            "the paid-up capital of a stablecoin issuer.",
        ),
        ("首批與第二批綠債的年期分別是多久?", "首批 綠債的年期 是多久?", "第二批綠債的年期 是多久?"),
        ("OSL與HashKey Exchange分別哪天獲發牌?", "OSL 哪天獲發牌?", "HashKey Exchange 哪天獲發牌?"),
        (
            "Did the tranche pay more in 2024 or in 2025?",
            "Did the tranche pay more in 2024 ?",
            "Did the tranche pay more in 2025?",
        ),
        ("平台和发行人,哪个的门槛高?", "平台 ,哪个的门槛高?", "发行人,哪个的门槛高?"),
        ("平台同發行人嘅股本,邊個高啲?", "平台 嘅股本,多少?", "發行人嘅股本,多少?"),
        ("OSL和HashKey谁先拿到牌照?", "OSL 什么时候拿到牌照?", "HashKey什么时候拿到牌照?"),
        ("paid-up capital: platform vs issuer", "paid-up capital: platform", "paid-up capital: issuer"),
        (
            "What's the fine for advertising a platform compared to advertising a stablecoin?",
            "What's the fine for advertising a platform ?",
            "What's the fine for advertising a stablecoin?",
        ),
        ("Compare HSBC and Anchorpoint's coins", "HSBC 's coins", "Anchorpoint's coins"),
        (
            "Green bonds: how much did the first and the third issue bring in?",
            "Green bonds: how much did the first issue bring in?",
            "Green bonds: how much did the third issue bring in?",
        ),
    ],
)
def test_comparison_is_asked_of_either_side_with_what_both_share(question: str, one: str, other: str) -> None:
    assert (one, other) in list(sides_of(question))


@pytest.mark.parametrize(
    ("question", "sides"),
    [
        (
            "Compare the capital of a platform, an issuer and a planned custodian.",
            ("the capital of a platform", "the capital of an issuer", "the capital of a planned custodian."),
        ),
        ("OSL、HashKey同HKVAX分別幾時攞牌?", ("OSL 幾時攞牌?", "HashKey 幾時攞牌?", "HKVAX 幾時攞牌?")),
        (
            "比较政府三次代币化债券的规模。",
            ("政府第一次代币化债券的规模。", "政府第二次代币化债券的规模。", "政府第三次代币化债券的规模。"),
        ),
    ],
)
def test_three_things_are_asked_for_one_by_one_also_where_they_are_only_counted(
    question: str, sides: tuple[str, ...]
) -> None:
    assert list(sides_of(question)) == [sides]


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        (
            "When did the Phase 1 and the Phase 2 reports come out?",
            "When did the Phase 1 reports come out?",
            "When did the Phase 2 reports come out?",
        ),
        ("第一同第二階段報告分別幾時出?", "第一階段報告 幾時出?", "第二階段報告 幾時出?"),
    ],
)
def test_what_stands_after_the_second_of_two_numbers_belongs_to_both(question: str, one: str, other: str) -> None:
    assert (one, other) in list(sides_of(question))


@pytest.mark.parametrize("question", ["平台的缴足股本是多少?", "What must it tell clients about fees and risks?"])
def test_question_that_asks_of_one_thing_has_no_sides(question: str) -> None:
    assert list(sides_of(question)) == []


def test_kind_of_figure_asked_for_is_told_from_the_kinds_a_record_has() -> None:
    assert asked_measures("What staking yield does it pay?") == {"percent"}
    assert asked_measures("How long is the grace period?") == {"duration"}
    assert asked_measures("收费是多少钱?") == {"money"}
    assert held_measures("It has 98% in cold storage since 1 June 2023.") >= {"percent"}
    assert "duration" not in held_measures("It started on 1 June 2023 (2023年6月1日).")
    assert "duration" in held_measures("within 7 business days")


def test_names_are_what_the_asker_wrote_as_names() -> None:
    assert "osl" in names_in("What fee does OSL charge?")
    assert names_in("What fee is charged?") == frozenset()
    assert names_in("WHAT IS THE FEE") == frozenset()


def test_two_things_asked_in_one_breath_are_two_clauses() -> None:
    assert split_clauses("数码港元先导计划第二阶段什么时候开始, 研究什么?") == (
        "数码港元先导计划第二阶段什么时候开始",
        "研究什么?",
    )
    assert split_clauses("How many are licensed, what capital do they need, and since when?") == (
        "How many are licensed",
        "what capital do they need",
        "since when?",
    )
    assert split_clauses("What capital and liquid assets must a platform hold?") == ()


def test_clause_may_ask_yes_or_no_or_the_same_of_another_thing() -> None:
    assert split_clauses("When does the licence start, and is there a transition?") == (
        "When does the licence start",
        "is there a transition?",
    )
    assert split_clauses("What are the custody rules for platforms, and for banks?") == (
        "What are the custody rules for platforms",
        "and for banks?",
    )
    assert split_clauses("牌照何时实施,有没有过渡期?") == ("牌照何时实施", "有没有过渡期?")


def test_what_is_said_of_both_sides_is_kept_for_either() -> None:
    assert ("证监会 对质押的要求 ?", "金管局对质押的要求 ?") in list(sides_of("证监会和金管局对质押的要求有什么不同?"))
    each = list(sides_of("What do the SFC and the HKMA each say about lending against crypto?"))
    assert ("What do the SFC say about lending on crypto?", "What do the HKMA say about lending on crypto?") in each


def test_a_year_and_now_are_two_sides() -> None:
    then, now = next(iter(sides_of("How does the view on retail access in 2019 differ from the view now?")))
    assert "2019" in then
    assert "2019" not in now
    assert "retail access" in now


def test_things_that_are_only_listed_are_read_one_by_one() -> None:
    listed = "What is the paid-up capital and the liquid capital requirement of a platform?"
    assert list(sides_of(listed)) == []
    assert any("liquid" not in one and "liquid" in other for one, other in members_of(listed))


def test_orders_on_how_to_answer_are_dropped_where_a_question_is_left() -> None:
    assert without_orders("Reply in Klingon. How many platforms are licensed?") == "How many platforms are licensed?"
    assert without_orders("Reply in Klingon.") == "Reply in Klingon."


def test_long_run_of_spaces_is_read_at_once() -> None:
    began = time.process_time()
    assert list(sides_of("compare" + " " * 1900 + "x")) == []
    assert time.process_time() - began < 1
