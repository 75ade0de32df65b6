"""Which yes/no questions ask no more than whether a rule still holds, and which rules may rule on one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from assistant.deciding import Reader
from assistant.question import Question
from assistant.settings import AssistantSettings
from assistant.spoken import to_written
from assistant.understand import understand
from assistant.verify import open_verifier
from assistant.yes_no import asks_whether_it_holds, rules_for_now
from knowledge.library import Library
from knowledge.rule import Stage


@pytest.mark.parametrize(
    ("question", "holds"),
    [
        ("Is the 2019 statement on security tokens still good?", True),
        ("Is the joint circular of January 2022 still in force?", True),
        ("2024年2月提出嘅場外交易發牌方案而家仲係咪現行方案?", True),
        ("2022年1月28日的联合通函还有效吗?", True),
        ("Can a platform still hold client money?", False),
        ("持牌平台可以提供質押嗎?", False),
    ],
)
def test_question_whether_a_rule_still_holds_is_known(question: str, holds: bool) -> None:
    asked = understand(Question(to_written(question)), date(2026, 11, 23))
    assert asks_whether_it_holds(asked) is holds


@pytest.mark.parametrize(
    ("question", "rules"),
    [
        ("Do I need a licence to hold coins for clients?", False),
        ("做托管要不要牌照?", False),
        ("Will I need a licence to hold coins for clients?", True),
        ("托管牌照已经生效吗?", True),
    ],
)
def test_a_proposal_rules_only_on_questions_about_plans(library: Library, question: str, rules: bool) -> None:
    proposed = replace(next(iter(library.rules.values())), stage=Stage.PROPOSED)
    asked = understand(Question(question), date(2026, 11, 23))
    assert rules_for_now(proposed, asked) is rules
    assert rules_for_now(replace(proposed, stage=Stage.MADE), asked)


@pytest.mark.parametrize(
    ("question", "leads"),
    [
        ("May a bank lend client digital assets with prior explicit written consent?", True),
        ("May a bank lend client DOGE with prior explicit written consent?", False),
        ("May Megabank lend client digital assets with prior explicit written consent?", False),
    ],
)
def test_what_is_allowed_in_general_is_not_said_of_one_name(library: Library, question: str, leads: bool) -> None:
    reader = Reader(library, open_verifier(), AssistantSettings(today=date(2026, 11, 23)))
    decided = reader.decide(reader.understand(Question(question)))
    assert "bank-custody-no-lending-2026" in [one.id for one in decided.composed.citations]
    assert decided.composed.text.startswith("Yes") is leads
