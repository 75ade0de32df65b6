"""Which of the records found are told first."""

from __future__ import annotations

from datetime import date
from functools import cache

from assistant.choose import latest_first
from assistant.found import Candidate
from assistant.question import Question
from assistant.understand import understand
from knowledge.register import Corpus, read_corpus
from knowledge.settings import KnowledgeSettings

TODAY = date(2026, 11, 23)


@cache
def _corpus() -> Corpus:
    return read_corpus(KnowledgeSettings().corpus_dir)


def _first(question: str, **probabilities: float) -> tuple[str, float]:
    rules = _corpus().rules
    ranked = [
        Candidate(place, rules[name.replace("_", "-")], probability)
        for place, (name, probability) in enumerate(probabilities.items())
    ]
    best = latest_first(ranked, understand(Question(question), TODAY))[0]
    return best.rule.id, best.probability


def test_last_count_is_told_before_an_earlier_one_that_is_little_likelier() -> None:
    told, probability = _first(
        "How many platforms are licensed now?", vatp_licences_2024_12_18=0.6, vatp_licensed_count_2026=0.4
    )
    assert told == "vatp-licensed-count-2026"
    assert probability > 0.6


def test_far_likelier_count_and_one_of_another_matter_stay_where_they_are() -> None:
    question = "How many platforms are licensed now?"
    far = _first(question, vatp_licences_2024_12_18=0.6, vatp_licensed_count_2026=0.1)
    assert far == ("vatp-licences-2024-12-18", 0.6)
    other = _first(question, vatp_licences_2024_12_18=0.6, sc_first_licences_2026=0.5)
    assert other == ("vatp-licences-2024-12-18", 0.6)


def test_question_on_what_happened_once_is_told_of_that_time() -> None:
    told, _ = _first(
        "How many platforms did the SFC license at once in December 2024?",
        vatp_licences_2024_12_18=0.6,
        vatp_licensed_count_2026=0.5,
    )
    assert told == "vatp-licences-2024-12-18"
