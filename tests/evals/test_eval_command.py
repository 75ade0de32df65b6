"""`hkva eval`: what is printed, what is written, and how it ends."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.answer import Outcome
from evals.case import Case, Expect
from evals.case_file import case_to_record
from evals.case_output import add_cases
from evals.errors import ExtraMissing
from evals.extras import check_extras
from evals.reply import Cited, Reply
from evals.run import run
from evals.runlog import RunInfo, suite_digest
from server.commands.eval import app

CASES = [
    Case(f"c{n}", f"平台須怎樣保管 {n}?", "zh-Hant", "custody", Expect(key_facts=(("冷存儲",),), rules=(("a",),)))
    for n in range(6)
]


class Scripted:
    name = "scripted"

    def __init__(self, wrong: frozenset[str]) -> None:
        self.wrong = wrong

    async def ask(self, case: Case) -> Reply:
        text = "熱存儲 [1]。" if case.id in self.wrong else "冷存儲 [1]。"
        cited = (Cited(1, "a", "in_force", "q", held="q"),)
        return Reply(text=text, outcome=Outcome.ANSWERED, citations=cited, confidence=0.7, seconds=0.1)

    async def close(self) -> None:
        pass


def log_of(path: Path, *wrong: str) -> Path:
    info = RunInfo("custody", "scripted", "extractive", "2026-11-23", suite_digest(CASES))
    asyncio.run(run(Scripted(frozenset(wrong)), CASES, info, path))
    return path


def hkva(*arguments: object) -> tuple[int, str]:
    ended = CliRunner().invoke(app, [str(one) for one in arguments])
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    return ended.exit_code, ended.output


@pytest.fixture
def gates(tmp_path: Path) -> list[object]:
    path = tmp_path / "gates.toml"
    path.write_text('[floors."category:custody"]\nright = 0.6\n[loss]\ncases = 0\n')
    return ["--gates", path, "--baseline", tmp_path / "baseline.jsonl"]


def test_score_prints_a_row_for_each_slice_and_why_the_rest_was_skipped(tmp_path: Path) -> None:
    code, shown = hkva("score", log_of(tmp_path / "log.jsonl", "c1"), "--skipped")
    assert code == 0
    rows = {
        line.split()[0]: line.split() for line in shown.splitlines() if line.startswith(("all  ", "category", "lang"))
    }
    assert rows["all"][1:4] == ["6", "83.3", "83.3"]
    assert rows["language:zh-Hant"][2] == "83.3"
    assert "6 nothing expected" in shown


def test_score_takes_what_the_cases_now_expect(tmp_path: Path) -> None:
    log = log_of(tmp_path / "log.jsonl")
    stricter = tmp_path / "now.jsonl"
    record = case_to_record(CASES[0])
    record["expect"]["key_facts"] = [["98%"]]
    stricter.write_text(json.dumps(record))
    assert "83.3" in hkva("score", log, "--cases", stricter)[1]
    assert "83.3" not in hkva("score", log)[1]


def test_compare_names_the_case_that_turned(tmp_path: Path) -> None:
    before, after = log_of(tmp_path / "a.jsonl"), log_of(tmp_path / "b.jsonl", "c4")
    code, shown = hkva("compare", before, after)
    assert code == 0
    assert "c4" in shown
    assert "right 100.0 to 0.0" in shown
    assert "-16.7" in shown


def test_gate_blocks_what_got_worse_and_says_which_case(tmp_path: Path, gates: list[object]) -> None:
    good, bad = log_of(tmp_path / "a.jsonl"), log_of(tmp_path / "b.jsonl", "c4")
    code, shown = hkva("gate", "--log", good, *gates, "--update-baseline", "--reason", "first run")
    assert code == 0
    assert "The gate is open: 6 cases." in shown
    code, shown = hkva("gate", "--log", bad, *gates)
    assert code == 1
    assert "1 cases are no longer right on the same records as before, 0 may: c4" in shown


def test_gate_opens_again_only_by_an_explicit_baseline_with_a_reason(tmp_path: Path, gates: list[object]) -> None:
    hkva("gate", "--log", log_of(tmp_path / "a.jsonl"), *gates, "--update-baseline", "--reason", "first run")
    bad = log_of(tmp_path / "b.jsonl", "c4")
    with pytest.raises(Exception, match="--reason"):
        hkva("gate", "--log", bad, *gates, "--update-baseline")
    assert hkva("gate", "--log", bad, *gates)[0] == 1
    assert hkva("gate", "--log", bad, *gates, "--update-baseline", "--reason", "c4 was wrong all along")[0] == 0
    assert hkva("gate", "--log", bad, *gates)[0] == 0


def test_floor_holds_whatever_the_baseline_says(tmp_path: Path, gates: list[object]) -> None:
    bad = log_of(tmp_path / "b.jsonl", "c1", "c2", "c3")
    code, shown = hkva("gate", "--log", bad, *gates, "--update-baseline", "--reason", "first run")
    assert code == 1
    assert "category:custody: right is 50.0, its floor is 60.0: c1, c2, c3" in shown


def test_report_writes_a_page_and_markdown(tmp_path: Path) -> None:
    before, after = log_of(tmp_path / "a.jsonl"), log_of(tmp_path / "b.jsonl", "c4")
    markdown = tmp_path / "pull-request.md"
    code, shown = hkva("report", after, "--before", before, "--markdown", markdown)
    assert code == 0
    assert str(tmp_path / "b.html") in shown.replace("\n", "")
    assert "平台須怎樣保管 4?" in (tmp_path / "b.html").read_text(encoding="utf-8")
    assert "| all | 6 |" in markdown.read_text(encoding="utf-8")


def test_cases_are_added_once(tmp_path: Path) -> None:
    path = tmp_path / "more" / "cases.jsonl"
    assert add_cases(path, CASES[:4]) == 4
    assert add_cases(path, CASES) == 2
    assert len(path.read_text(encoding="utf-8").splitlines()) == 6


def test_missing_library_is_named_with_what_to_install() -> None:
    check_extras()
    with pytest.raises(ExtraMissing, match=r'not_there\. Run: pip install "hkva-assistant\[evals\]"'):
        check_extras(("json", "not_there"))
