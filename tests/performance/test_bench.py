from __future__ import annotations

import pytest
from typer.testing import CliRunner

from assistant.settings import AssistantSettings
from evals.performance.bench import measure_growth, measure_start, measure_steps
from knowledge.passage import Scope
from knowledge.settings import KnowledgeSettings
from server.cli import app

QUESTIONS = ["When was Project Ensemble launched?", "Ensemble 项目何时启动？"]


def test_answering_loads_no_torch_and_stays_small(
    small_knowledge: KnowledgeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HKVA_DATA_DIR", str(small_knowledge.data_dir))
    start = measure_start()
    assert start.heavy == ()
    assert start.megabytes < 700
    assert start.seconds > 0


def test_steps_of_an_answer_are_timed(small_knowledge: KnowledgeSettings) -> None:
    steps = measure_steps(small_knowledge, AssistantSettings(), QUESTIONS)
    assert steps.search > 0
    assert steps.answer > 0


def test_search_is_timed_as_the_library_grows(small_knowledge: KnowledgeSettings) -> None:
    told: list[tuple[str, int, int]] = []
    sizes = list(measure_growth(small_knowledge, Scope(), QUESTIONS, [60, 120], lambda *one: told.append(one)))
    assert [one.passages for one in sizes] == [60, 120]
    assert all(one.search > 0 and one.open_s > 0 for one in sizes)
    assert told[-1] == ("grow to 120", 120, 120)


@pytest.mark.parametrize("sizes", ["many", "0"])
def test_size_that_is_none_is_refused(sizes: str) -> None:
    result = CliRunner().invoke(app, ["bench", "--sizes", sizes])
    assert result.exit_code == 2
