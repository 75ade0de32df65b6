"""Names and ranks in questions and records."""

from __future__ import annotations

import pytest

from assistant.asked_names import asks_for_names, differ_in_rank, names_given, ranks_in


@pytest.mark.parametrize(
    "question",
    [
        "Which 5 listed companies did HKEX question?",
        "Who chairs the task force?",
        "Name the 9 institutions that used it.",
        "佢同邊間交易所合作?",
        "外汇基金的哪些外聘经理持有加密资产?",
        "11组机构分别是哪些?",
    ],
)
def test_question_that_names_would_answer_is_seen(question: str) -> None:
    assert asks_for_names(question)


@pytest.mark.parametrize("question", ["What is the minimum capital?", "平台的缴足股本是多少?", "When did it start?"])
def test_question_that_a_figure_would_answer_asks_for_no_names(question: str) -> None:
    assert not asks_for_names(question)


def test_names_of_a_record_leave_out_months_and_regulators() -> None:
    text = "The SFC licensed HashKey Exchange and OSL on 9 November 2022 under the AMLO."
    assert names_given(text) == {"hashkey", "exchange", "osl"}


def test_the_same_rank_is_one_in_both_languages() -> None:
    assert ranks_in("the first bond") == ranks_in("首批债券") == {"first"}
    assert ranks_in("第1类牌照") == frozenset()


def test_first_differs_from_the_third_and_the_largest_from_neither() -> None:
    asked = ranks_in("How large was the third issue?")
    assert differ_in_rank(asked, ranks_in("the first issue, the largest"))
    assert not differ_in_rank(asked, ranks_in("第三批，也是最大的一批"))
    assert not differ_in_rank(asked, ranks_in("the largest issue"))
    assert not differ_in_rank(ranks_in("the largest issue"), ranks_in("the first issue"))
