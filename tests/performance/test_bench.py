from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.settings import AssistantSettings
from evals.performance.bench import measure_start, measure_steps
from evals.performance.building import measure_building
from evals.performance.growth import measure_growth
from knowledge.e5_embedder import E5Embedder
from knowledge.passage import Passage
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
    assert min(steps.understand, steps.embed, steps.search) > 0
    assert steps.answer > steps.embed


def test_build_is_timed_against_the_bare_encoder(embedder: E5Embedder) -> None:
    passages = [
        Passage(f"p{n}", "section", f"p{n}", "en", f"A permit for reef {n} costs {n} shells.") for n in range(8)
    ]
    building = measure_building(embedder, passages)
    assert building.encoder > 0
    assert 0 < building.share < 2


def test_search_memory_start_and_ingest_are_measured_as_the_library_grows(
    small_knowledge: KnowledgeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HKVA_DATA_DIR", str(small_knowledge.data_dir))
    told: list[tuple[str, int, int]] = []
    sizes = list(measure_growth(small_knowledge, QUESTIONS, [60, 120], lambda *one: told.append(one)))
    assert [one.passages for one in sizes] == [60, 120]
    assert all(min(one.search, one.ready_s, one.megabytes, one.ingest_s) > 0 for one in sizes)
    assert told[-1] == ("grow to 120", 120, 120)


def test_command_measures_everything_and_draws_it(
    small_knowledge: KnowledgeSettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HKVA_DATA_DIR", str(small_knowledge.data_dir))
    (tmp_path / "set").mkdir()
    texts = {"a": "A ferry carries 31 goats.", "b": "The lighthouse has 9 red lamps."}
    rows = [json.dumps({"id": one, "text": text}) for one, text in texts.items()]
    (tmp_path / "set" / "corpus.jsonl").write_text("\n".join(rows))
    (tmp_path / "set" / "queries.jsonl").write_text(json.dumps({"id": "q", "text": "How many goats on a ferry?"}))
    (tmp_path / "set" / "qrels.tsv").write_text("q\ta\t1\n")
    small = ["--sizes", "40", "--questions", "2", "--clients", "2", "--requests", "3", "--workers", "2", "--built", "4"]
    others = ["--set", str(tmp_path / "set"), "--peers", sys.executable]
    result = CliRunner().invoke(app, ["bench", *small, *others, "--charts", str(tmp_path / "charts"), "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert set(told) == {"start", "steps", "serving", "building", "growth", "peers"}
    assert [one["chat"]["clients"] for one in told["serving"]] == [2]
    assert all(one[kind]["requests"] == 3 for one in told["serving"] for kind in ("chat", "embedding"))
    assert [one["name"] for one in told["peers"]] == ["hkva", "langchain", "llamaindex", "haystack", "txtai"]
    assert told["peers"][0]["ndcg"] == [1.0]
    assert all(one["missing"] or len(one["ndcg"]) == 1 for one in told["peers"])
    drawn = {path.name for path in (tmp_path / "charts").iterdir()}
    assert drawn == {"bench-growth.png", "bench-serving.png", "bench-peers.png"}


@pytest.mark.parametrize("given", [["--sizes", "many"], ["--sizes", "0"], ["--clients", ""], ["--peers", "python"]])
def test_option_that_says_nothing_sensible_is_refused(given: list[str]) -> None:
    result = CliRunner().invoke(app, ["bench", *given])
    assert result.exit_code == 2
