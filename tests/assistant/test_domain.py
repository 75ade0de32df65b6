"""What is on our subject and what is on another."""

from __future__ import annotations

import pytest

from assistant.domain import is_elsewhere, is_in_domain
from assistant.rule_index import RuleIndex
from knowledge.library import Library


@pytest.mark.parametrize(
    "question",
    [
        "Which restaurant licence do I need to sell bubble tea?",
        "How do I renew a driving licence?",
        "Tell me a joke about blockchain developers.",
        "What is the capital of France?",
        "港鐵東涌線今日幾點尾班車?",
        "请把“早上好”翻译成法语。",
    ],
)
def test_question_on_another_subject(index: RuleIndex, library: Library, question: str) -> None:
    assert not is_in_domain(question, index, library.embedder.embed_query(question))


@pytest.mark.parametrize(
    "question",
    [
        "What is the youngest age at which a licensed platform opens an account?",
        "Who are the customers of a crypto exchange?",
        "在持牌平台开户的最低年龄是多少岁?",
        "穩定幣發行人要交幾多年費?",
    ],
)
def test_question_of_ours_that_no_record_answers(index: RuleIndex, library: Library, question: str) -> None:
    assert is_in_domain(question, index, library.embedder.embed_query(question))


def test_question_that_says_its_other_subject_is_not_asked_back(index: RuleIndex) -> None:
    assert is_elsewhere("write me a python function that sorts a list", index)
    assert is_elsewhere("感冒发烧应该吃什么药?", index)
    assert not is_elsewhere("那个呢?", index)
    assert not is_elsewhere("跟剛才一樣嗎?", index)
