"""Follow-ups answered from a real library: the same answer otherwise, what came before it, what a pronoun means."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant.answer import Answer, Outcome
from assistant.answering import Assistant
from assistant.question import Question, Turn
from assistant.settings import AssistantSettings
from knowledge.e5_embedder import E5Embedder
from knowledge.library import open_library
from knowledge.settings import KnowledgeSettings

CUSTODY = "Is a bank liable for custody losses?"


@pytest.fixture(scope="module")
def assistant(small_knowledge: KnowledgeSettings, embedder: E5Embedder) -> Iterator[Assistant]:
    library = open_library(small_knowledge.library_dir, embedder)
    made = Assistant(library, AssistantSettings(answer_threshold=0.02))
    yield made
    made.close()
    library.close()


async def _after(assistant: Assistant, first: str, then: str) -> tuple[Answer, Answer]:
    before = await assistant.ask(Question(first))
    cited = tuple(one.id for one in before.citations)
    turn = Turn(first, before.text, cited, language=before.language)
    return before, await assistant.ask(Question(then, turns=(turn,)))


async def test_last_answer_is_told_in_the_language_that_is_ordered(assistant: Assistant) -> None:
    before, answer = await _after(assistant, CUSTODY, "In Chinese please")
    assert answer.language == "zh-Hans"
    assert [one.id for one in answer.citations] == [one.id for one in before.citations]


async def test_shorter_is_one_sentence_of_the_same_record(assistant: Assistant) -> None:
    before, answer = await _after(assistant, CUSTODY, "shorter")
    assert [one.id for one in answer.citations] == [before.citations[0].id]
    assert answer.text.count("[1]") == 1 < before.text.count("[1]")


async def test_before_that_tells_what_was_replaced(assistant: Assistant) -> None:
    _, answer = await _after(assistant, CUSTODY, "And before that?")
    assert [one.id for one in answer.citations] == ["bank-custody-insurance-2024"]


async def test_since_when_tells_the_day_from_which_a_rule_applies(assistant: Assistant) -> None:
    _, answer = await _after(assistant, "Must a bank reconcile client holdings of digital assets?", "Since when?")
    assert answer.outcome is Outcome.ANSWERED
    assert answer.text.startswith("This has applied since 27 May 2026")


async def test_source_after_a_refusal_is_that_of_the_last_answer(assistant: Assistant) -> None:
    before = await assistant.ask(Question(CUSTODY))
    cited = tuple(one.id for one in before.citations)
    turns = (Turn(CUSTODY, before.text, cited), Turn("Who signed it?", "We hold nothing that answers this."))
    answer = await assistant.ask(Question("Source?", turns=turns))
    assert tuple(one.id for one in answer.citations) == cited


async def test_now_after_a_past_day_tells_what_replaced_the_rule(assistant: Assistant) -> None:
    first = "What insurance did a bank need for custody of digital assets in 2025?"
    before, answer = await _after(assistant, first, "And now?")
    assert [one.id for one in before.citations] == ["bank-custody-insurance-2024"]
    assert answer.citations[0].id == "bank-custody-liability-2026"


async def test_wish_without_an_answer_before_it_is_asked_back(assistant: Assistant) -> None:
    answer = await assistant.ask(Question("Shorter, please"))
    assert answer.outcome is Outcome.UNCLEAR


async def test_follow_up_that_asks_for_what_was_not_told_is_hardly_believed_to_be_answered_by_it(
    assistant: Assistant,
) -> None:
    before, answer = await _after(assistant, CUSTODY, "Who signed it?")
    assert answer.confidence < AssistantSettings().answer_threshold < before.confidence


async def test_confidence_is_that_of_what_is_told_though_it_began_later(assistant: Assistant) -> None:
    question = "As of March 2023, must a bank reconcile client holdings of digital assets?"
    answer = await assistant.ask(Question(question))
    assert "27 May 2026" in answer.text
    assert answer.confidence > 0.5


async def test_question_is_as_surely_answered_in_either_chinese_script(assistant: Assistant) -> None:
    simplified = await assistant.ask(Question("银行是否须就托管损失承担责任?"))
    traditional = await assistant.ask(Question("銀行是否須就託管損失承擔責任?"))
    assert simplified.confidence == traditional.confidence > 0
    assert [one.id for one in simplified.citations] == [one.id for one in traditional.citations]


async def test_first_of_two_questions_is_answered_in_the_script_of_both(assistant: Assistant) -> None:
    answer = await assistant.ask(Question("有何要求?銀行就託管損失有甚麼責任?"))
    assert answer.language == "zh-Hant"
