from __future__ import annotations

from pathlib import Path

from evals.case_file import read_suite

OWN = Path(__file__).resolve().parents[2] / "evals" / "own_documents"


def test_every_case_on_own_documents_names_one_that_is_there_and_a_third_has_no_answer() -> None:
    cases = read_suite(str(OWN / "cases.jsonl"))
    there = {f"own/{path.name}" for path in (OWN / "documents").iterdir()}
    named = {name for case in cases for group in case.expect.rules for name in group}
    assert named == there
    assert 3 * sum(not case.expect.answerable for case in cases) == len(cases) == 60
