from __future__ import annotations

import pytest

from assistant.follow import Follow
from assistant.on_the_answer import language_wished, read_wish


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("Shorter, please.", Follow.SHORTER),
        ("簡單啲講", Follow.SHORTER),
        ("用一句话总结", Follow.SHORTER),
        ("Are you sure?", Follow.AGAIN),
        ("是吗？", Follow.AGAIN),
        ("last one in English please", Follow.AGAIN),
        ("And before that?", Follow.BEFORE),
        ("咁之前係點?", Follow.BEFORE),
        ("后来呢？", Follow.AFTER),
        ("Since when?", Follow.SINCE),
        ("從幾時開始?", Follow.SINCE),
        ("tell me more", Follow.MORE),
    ],
)
def test_wish_for_the_answer_itself_is_read(text: str, wish: Follow) -> None:
    assert read_wish(text) is wish


@pytest.mark.parametrize(
    "text",
    [
        "之前的规定是什么?",
        "How long before that?",
        "What is the English name of the SFC?",
        "后来检控了多少人?",
        "Is there a short form for retail clients?",
        "Since when must platforms be licensed?",
    ],
)
def test_question_with_a_matter_of_its_own_is_no_wish(text: str) -> None:
    assert read_wish(text) is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("In English please.", "en"),
        ("請用英文回答", "en"),
        ("用中文再講一次", "zh-Hant"),
        ("用中文再说一遍", "zh-Hans"),
        ("in Cantonese", "zh-Hant"),
        ("In which language must the agreement be?", None),
    ],
)
def test_language_ordered_for_the_last_answer_is_read(text: str, language: str | None) -> None:
    assert language_wished(text) == language
