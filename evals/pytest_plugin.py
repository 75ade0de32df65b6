"""Gate a repository of one's own on one's own cases, from pytest.

In `conftest.py`: `pytest_plugins = ["evals.pytest_plugin"]`. In a test:

def test_answers_are_good_enough(eval_gate):
    eval_gate("cases.jsonl", floors={"all": {"right": 0.9, "quotes": 1.0}})
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pytest

from assistant.settings import AssistantSettings
from evals.asking import LOCAL, Order, ask, fresh_log
from evals.case_file import read_cases
from evals.extras import check_extras
from evals.gate import check_gates, verdict
from evals.gates import Gates
from evals.score import CaseScore, score
from knowledge.settings import KnowledgeSettings


class EvalGate(Protocol):
    """Asks the cases of a file or folder and fails the test where a floor does not hold, naming the cases."""

    def __call__(
        self,
        cases: str | Path,
        *,
        floors: Mapping[str, Mapping[str, float]],
        target: str = LOCAL,
        model: str = "",
        key: str = "",
    ) -> list[CaseScore]:
        """The scores. `target` is as in `hkva eval run`: `local`, `http://…` or `openai:http://…`."""
        ...


@pytest.fixture
def eval_gate(tmp_path: Path) -> EvalGate:
    """A gate over the installed assistant, or over one elsewhere; the run log is kept in the test's own folder."""

    def gate(
        cases: str | Path,
        *,
        floors: Mapping[str, Mapping[str, float]],
        target: str = LOCAL,
        model: str = "",
        key: str = "",
    ) -> list[CaseScore]:
        check_extras()
        order = Order(str(cases), target, model, key)
        log = fresh_log(tmp_path, str(cases))
        done = ask(read_cases(Path(cases)), order, log, KnowledgeSettings(), AssistantSettings())
        scores = score(done.replies, done.info.names)
        findings = check_gates(scores, Gates.model_validate({"floors": floors}), None)
        if findings:
            pytest.fail("\n".join([*verdict(findings, len(scores)), f"run log: {log}"]), pytrace=False)
        return scores

    return gate
