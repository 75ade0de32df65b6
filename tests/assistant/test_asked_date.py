from __future__ import annotations

from datetime import date

import pytest

from assistant.asked_date import months_named, read_asked_date, read_bare_date, undated

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("question", "as_of"),
    [
        ("as of March 2023?", date(2023, 3, 31)),
        ("What was the paid-up capital as at 1 May 2023?", date(2023, 5, 1)),
        ("On 1 June 2022, to whom could intermediaries sell virtual assets?", date(2022, 6, 1)),
        ("Could retail investors trade on licensed platforms in 2022?", date(2022, 12, 31)),
        ("What applied before June 2023?", date(2023, 5, 31)),
        ("Was a licence needed before the new regime?", date(2023, 5, 31)),
        ("截至2024年12月，资本要求是多少？", date(2024, 12, 31)),
        ("2025年嗰陣經紀可唔可以借錢俾客炒幣?", date(2025, 12, 31)),
        ("2024年第三季時規定是什麼？", date(2024, 9, 30)),
        ("去年年底散户可以买吗？", date(2025, 12, 31)),
        ("修例前平台要唔要攞牌？", date(2023, 5, 31)),
        ("稳定币条例生效前，储备有什么要求？", date(2025, 7, 31)),
        ("Back in mid-2021, who could trade?", date(2021, 7, 31)),
        ("Which notice banned the business in mid-2022?", date(2022, 7, 31)),
        ("pre-2023, could retail clients trade?", date(2022, 12, 31)),
        ("Could data still follow after the transfer in August 2023?", date(2023, 8, 31)),
        ("In the fourth quarter of 2024, what capital was planned?", date(2024, 12, 31)),
        ("Was a licence needed in the first half of 2023?", date(2023, 6, 30)),
        ("2023年12月，无牌平台还能继续营业吗？", date(2023, 12, 31)),
        ("2023年6月新制度之前，平台要牌吗？", date(2023, 5, 31)),
        ("2023年尾散戶可以開戶嗎？", date(2023, 12, 31)),
        ("2023年中国证监会有什么规定？", date(2023, 12, 31)),
        ("去年第三季可以吗？", date(2025, 9, 30)),
        ("三年前散户可以开户吗？", date(2023, 11, 23)),
        ("What could banks do two years ago?", date(2024, 11, 23)),
        ("Between 2019 and 2023, what did a platform need?", date(2023, 1, 1)),
        ("2022年2月至2023年9月期間，可以向散戶賣嗎?", date(2023, 9, 1)),
        ("In the summer of 2022, did issuers need a licence?", date(2022, 8, 31)),
        ("2022年夏天稳定币监管到什么阶段了?", date(2022, 8, 31)),
        ("去年夏天發行人要唔要攞牌?", date(2025, 8, 31)),
        ("2024年聖誕嗰陣法例行到邊一步?", date(2024, 12, 26)),
        ("As of winter 2024, was a licence required?", date(2025, 2, 28)),
        ("舊年十月頭嗰陣，幣要出咗滿一年先上得?", date(2025, 10, 10)),
        ("2025年12月那会儿，基金要看哪份通函？", date(2025, 12, 31)),
        ("二〇二三年三月平台要牌吗？", date(2023, 3, 31)),
        ("23年底散户可以买吗？", date(2023, 12, 31)),
        ("2023年年初，平台要牌嗎？", date(2023, 3, 31)),
        ("今年三月熱錢包要買幾多成保險？", date(2026, 3, 31)),
        ("大前年散戶可唔可以買？", date(2023, 12, 31)),
        ("上季度有几家持牌平台？", date(2026, 9, 30)),
        ("2024上半年可以质押吗？", date(2024, 6, 30)),
        ("自愿发牌制度下，平台可以服务散户吗？", date(2023, 5, 31)),
        ("back in '23, could retail trade?", date(2023, 12, 31)),
        ("In Mar '23, was a licence needed?", date(2023, 3, 31)),
        ("As of 3/2023 what was the minimum capital?", date(2023, 3, 31)),
        ("H1 2024: was staking allowed?", date(2024, 6, 30)),
        ("Last March, could banks hold coins?", date(2026, 3, 31)),
        ("Could platforms offer staking in March last year?", date(2025, 3, 31)),
        ("Was it allowed last summer?", date(2026, 8, 31)),
        ("At the end of last quarter, how many were licensed?", date(2026, 9, 30)),
        ("Before retail trading was allowed, who could trade?", date(2023, 5, 31)),
        ("2023年6月前可以买卖比特币吗？", date(2023, 5, 31)),
        ("Was retail trading allowed in the last quarter of 2023?", date(2023, 12, 31)),
        ("十二个月前可以吗？", date(2025, 11, 23)),
        ("2024年第三季的最低资本是多少？", date(2024, 9, 30)),
        ("2024年9月的保險要求是什麼？", date(2024, 9, 30)),
        ("去年的轉賬門檻係幾多?", date(2025, 12, 31)),
    ],
)
def test_date_on_which_a_rule_must_hold_is_read(question: str, as_of: date) -> None:
    assert read_asked_date(question, TODAY).as_of == as_of


@pytest.mark.parametrize(
    "question",
    [
        "What changed about tokenised securities on 2 November 2023?",
        "Does the 2021 notice still apply?",
        "2019年的證券型代幣發行聲明現在是否仍然適用?",
        "What did the HKMA announce in March 2024?",
        "What is the minimum capital?",
        "平台12月24日前要交什么？",
        "Is support open 24/7, or 12 hours a day?",
        "过去20年一直可以买卖比特币吗？",
        "负责人员需要三年以上年资吗？",
        "在网上季度申报需要吗？",
        "过去年度的账目需要审计吗？",
        "需要2000万港元资本吗？",
        "Is a cap allowed for 2000 investors?",
        "到期3个月前需要通知证监会吗？",
        "What happened between 2019 and 2023?",
        "How many firms are licensed since 2023?",
        "2022年1月28日的联合通函还有效吗?",
        "2024年的立法咨询由谁提出？",
        "2023年9月的JPEX案抓了多少人？",
        "目前年底要交什麼報表?",
    ],
)
def test_date_that_names_a_thing_does_not_limit_the_search(question: str) -> None:
    assert read_asked_date(question, TODAY).as_of is None


@pytest.mark.parametrize(
    ("text", "as_of"),
    [
        ("And by November 2025?", date(2025, 11, 30)),
        ("嗰陣2024年呢?", date(2024, 12, 31)),
        ("before June 2023?", date(2023, 5, 31)),
        ("And in 2030?", None),
        ("And banks?", None),
    ],
)
def test_text_that_is_little_more_than_a_date_asks_for_its_last_day(text: str, as_of: date | None) -> None:
    assert read_bare_date(text, TODAY).as_of == as_of


def test_last_winter_is_one_that_is_over() -> None:
    assert read_asked_date("Was it allowed last winter?", date(2026, 2, 10)).as_of == date(2025, 2, 28)


def test_words_that_lead_to_a_day_are_left_out_with_it() -> None:
    assert undated("before June 2023 could retail trade?", "June 2023") == "could retail trade?"
    assert undated("2023年6月之前散户可以买卖吗", "2023年6月") == "散户可以买卖吗"


def test_date_ahead_limits_nothing() -> None:
    read = read_asked_date("金管局 2031 年的稳定币牌照费是多少?", TODAY)
    assert read.as_of is None
    assert read.mentions == (date(2031, 1, 1),)


def test_reading_is_shown_as_the_asker_wrote_it() -> None:
    assert read_asked_date("截至2023年3月，規定如何？", TODAY).phrase == "2023年3月"


def test_day_that_no_calendar_has_is_not_read_as_another() -> None:
    assert read_asked_date("as of 31 February 2023", TODAY).as_of is None
    assert read_asked_date("as of 2023-13-40", TODAY).as_of != date(2023, 1, 1)


def test_months_of_both_languages_are_the_same_months() -> None:
    english = months_named("on 2 November 2023 and in 2021", TODAY)
    assert english == months_named("2023年11月2日及2021年", TODAY) == {(2023, 11), (2021, 0)}


@pytest.mark.parametrize(
    ("question", "phrase", "bare"),
    [
        (
            "As of March 2023, could platforms take retail clients?",
            "March 2023",
            "could platforms take retail clients?",
        ),
        ("What capital was proposed in January 2024?", "January 2024", "What capital was proposed ?"),
        ("2022年嗰陣持牌平台要幾多資本?", "2022年", "持牌平台要幾多資本?"),
        ("Could platforms take retail clients?", "", "Could platforms take retail clients?"),
        ("2023?", "2023", "?"),
    ],
)
def test_question_is_read_without_the_words_that_only_name_its_day(question: str, phrase: str, bare: str) -> None:
    assert undated(question, phrase) == bare
