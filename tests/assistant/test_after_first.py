"""Questions of two parts, answered from a real library: the second is about what the first is about."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant.answer import Answer, NoteCode
from assistant.answering import Assistant
from assistant.question import Question
from assistant.settings import AssistantSettings
from knowledge.e5_embedder import E5Embedder
from knowledge.library import open_library
from knowledge.settings import KnowledgeSettings


@pytest.fixture(scope="module")
def assistant(small_knowledge: KnowledgeSettings, embedder: E5Embedder) -> Iterator[Assistant]:
    library = open_library(small_knowledge.library_dir, embedder)
    made = Assistant(library, AssistantSettings())
    yield made
    made.close()
    library.close()


def _cited(answer: Answer) -> list[str]:
    return [one.id for one in answer.citations]


def _missing(answer: Answer) -> list[str]:
    return [note.message for note in answer.notes if note.code is NoteCode.NOT_FOUND]


async def test_clause_without_a_subject_is_asked_of_the_subject_of_the_first(assistant: Assistant) -> None:
    answer = await assistant.ask(
        Question("Is a bank liable for custody losses, and must it talk to the HKMA before it launches custody?")
    )
    assert _cited(answer) == ["bank-custody-liability-2026", "bank-custody-launch-2026"]
    assert _missing(answer) == []


async def test_what_the_first_is_answered_with_is_told_once_where_it_answers_both(assistant: Assistant) -> None:
    answer = await assistant.ask(Question("Has Hong Kong committed to CARF? When was that?"))
    assert _cited(answer) == ["carf-commitment-2024"]
    assert _missing(answer) == []


async def test_part_that_asks_for_what_is_not_held_is_said_to_be_missing(assistant: Assistant) -> None:
    answer = await assistant.ask(Question("銀行可否借出客戶的虛擬資產?主犯是誰?"))
    assert _cited(answer) == ["bank-custody-no-lending-2026"]
    assert len(_missing(answer)) == 1
    assert "主犯是誰" in answer.text


async def test_part_that_names_a_matter_of_its_own_is_answered_by_itself(assistant: Assistant) -> None:
    answer = await assistant.ask(Question("What is Project Ensemble? Has Hong Kong committed to CARF?"))
    assert _cited(answer) == ["ensemble-launch-2024", "carf-commitment-2024"]
