"""A team's own cases gate its own repository, over the installed assistant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from knowledge.settings import KnowledgeSettings

if TYPE_CHECKING:
    from evals.pytest_plugin import EvalGate

pytest_plugins = ["evals.pytest_plugin"]


@pytest.fixture
def cases(small_knowledge: KnowledgeSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HKVA_DATA_DIR", str(small_knowledge.data_dir))
    monkeypatch.setenv("HKVA_CORPUS_DIR", str(small_knowledge.corpus_dir))
    rows = [
        {"id": "launch", "question": "When was Project Ensemble announced?", "fact": "7 March 2024"},
        {"id": "wrong", "question": "When was Project Ensemble announced?", "fact": "7 March 2023"},
    ]
    path = tmp_path / "ours.jsonl"
    lines = [
        {"id": row["id"], "question": row["question"], "language": "en", "expect": {"key_facts": [row["fact"]]}}
        for row in rows
    ]
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return path


def test_answers_above_the_floor_pass_and_can_be_looked_at(eval_gate: EvalGate, cases: Path) -> None:
    scores = eval_gate(cases, floors={"all": {"key_facts": 0.5, "quotes": 1.0}})
    assert {one.case.id: one.right for one in scores} == {"launch": True, "wrong": False}


def test_answers_below_the_floor_fail_the_test_with_the_cases(eval_gate: EvalGate, cases: Path) -> None:
    with pytest.raises(pytest.fail.Exception, match=r"right is 50\.0, its floor is 90\.0: wrong\n(?s:.*)run log:"):
        eval_gate(cases, floors={"all": {"right": 0.9}})
