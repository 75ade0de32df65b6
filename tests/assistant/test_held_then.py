"""What held on a past day, beside what replaced it later."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from assistant.held_then import asks_how_it_stands, held_in_place_of, tells_of_then, versions_of
from assistant.notes import make_notes
from assistant.question import Question
from assistant.understand import Understood, understand
from knowledge.register import Corpus, read_corpus
from knowledge.settings import KnowledgeSettings

TODAY = date(2026, 11, 23)


@cache
def _corpus() -> Corpus:
    return read_corpus(KnowledgeSettings().corpus_dir)


def _asked(question: str) -> Understood:
    return understand(Question(question), TODAY)


def _held(later: str, day: date, *among: str) -> list[str]:
    rules = _corpus().rules
    found = held_in_place_of(rules[later], [rules[one] for one in among], rules, day)
    return [one.id for one in found]


def test_versions_reach_back_and_ahead() -> None:
    versions = versions_of(_corpus().rules["va-funds-circular-2023"], _corpus().rules)
    assert {"va-futures-etf-circular-2022", "va-funds-circular-2025", "va-funds-circular-2026"} <= versions


def test_earlier_version_holds_in_place_of_one_that_had_not_begun() -> None:
    day = date(2023, 8, 1)
    held = _held("vatp-travel-rule-timing", day, "vatp-travel-rule-interim", "vatp-travel-rule-timing")
    assert held == ["vatp-travel-rule-interim"]


def test_paper_that_ended_when_another_of_its_authority_began_holds_in_place_of_it() -> None:
    assert _held("bank-custody-launch-2026", date(2024, 5, 1), "bank-custody-2024") == ["bank-custody-2024"]
    assert _held("bank-custody-launch-2026", date(2023, 5, 1), "bank-custody-2024") == []


def test_what_was_said_later_of_the_day_is_told_of_it() -> None:
    jpex = _corpus().rules["vatp-jpex-numbers-sept-2023"]
    assert tells_of_then(jpex, _asked("截至2023年9月19日,警方就JPEX接獲多少宗舉報?"))
    assert not tells_of_then(jpex, _asked("截至2023年3月,警方就JPEX接獲多少宗舉報?"))


def test_rule_made_later_is_not_told_of_a_day_that_it_names() -> None:
    rule = _corpus().rules["vatp-no-derivatives-2023"]
    assert not tells_of_then(rule, _asked("In June 2023, could platforms offer derivatives?"))


def test_history_is_told_of_a_day_between_those_that_it_names() -> None:
    count = _corpus().rules["vatp-licensed-count-2026"]
    assert tells_of_then(count, _asked("截至2025年12月31日,有幾多間持牌平台?"))
    assert not tells_of_then(count, _asked("As of 31 December 2024, how many platforms were licensed?"))


def test_proposal_made_after_the_day_is_not_said_to_come_into_force() -> None:
    rules = _corpus().rules
    asked = _asked("Was a custodian licence in force as of March 2024?")
    said = [note.message for note in make_notes(asked, [(1, rules["va-custody-conclusions-2025"])], rules)]
    assert "[1] is of 24 December 2025, after the day asked about." in said
    made = [note.message for note in make_notes(asked, [(1, rules["sc-ordinance-commencement"])], rules)]
    assert "[1] is not in force yet; it starts on 1 August 2025." in made


@pytest.mark.parametrize(
    ("question", "stands"),
    [
        ("How many licensed platforms are there now?", True),
        ("现在有几家持牌平台?", True),
        ("How many platforms were licensed as of June 2024?", True),
        ("How many platforms did the SFC license on 18 December 2024?", False),
        ("Was there a spot Solana ETF in January 2025?", False),
        ("Why did the SFC warn of JPEX?", False),
    ],
)
def test_question_on_how_things_stand_is_told_from_one_on_what_happened(question: str, stands: bool) -> None:
    assert asks_how_it_stands(_asked(question)) is stands
