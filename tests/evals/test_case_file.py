"""Case files are read whole or refused with file and line."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from assistant.answer import Outcome
from evals.case import Case, split_of
from evals.case_file import case_from, case_to_record, read_cases, read_suite
from evals.errors import CaseError

FULL = {
    "id": "capital-en",
    "question": "What is the minimum paid-up capital?",
    "language": "en",
    "expect": {
        "key_facts": ["cold storage", ["HK$5 million", "HKD 5m"]],
        "must_not": ["HK$3 million"],
        "rules": ["vatp-paid-up-capital", ["a", "b"]],
        "polarity": "yes",
    },
    "turns": ["What is a platform?"],
    "as_of": "2023-07-01",
    "tags": ["lawyer"],
    "group": "capital",
}


def _write(folder: Path, *records: object, name: str = "figures.jsonl") -> Path:
    path = folder / name
    path.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
    return path


def test_case_is_read_with_all_its_fields(tmp_path: Path) -> None:
    (case,) = read_cases(_write(tmp_path, FULL))
    assert case.category == "figures"
    assert case.as_of == date(2023, 7, 1)
    assert case.expect.key_facts == (("cold storage",), ("HK$5 million", "HKD 5m"))
    assert case.expect.rules == (("vatp-paid-up-capital",), ("a", "b"))
    assert case.expect.outcome == {Outcome.ANSWERED}
    assert case.split == split_of("capital")


def test_csv_gives_the_same_case(tmp_path: Path) -> None:
    path = tmp_path / "figures.csv"
    path.write_text(
        "id,question,language,key_facts,must_not,rules,polarity,turns,as_of,tags,group\n"
        "capital-en,What is the minimum paid-up capital?,en,cold storage;HK$5 million | HKD 5m,HK$3 million,"
        "vatp-paid-up-capital;a|b,yes,What is a platform?,2023-07-01,lawyer,capital\n",
        encoding="utf-8-sig",
    )
    assert read_cases(path) == read_cases(_write(tmp_path, FULL))


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ({"id": "a", "question": "q"}, "language"),
        ({"id": "a", "question": "q", "language": "fr"}, "language"),
        ({"id": "a", "question": "q", "language": "en", "expects": {}}, "expects"),
        ({"id": "a", "question": "q", "language": "en", "expect": {"outcome": "refused"}}, "expect.outcome"),
        ({"id": "a", "question": "q", "language": "en", "as_of": "June"}, "as_of"),
        (["not", "an", "object"], "object"),
    ],
)
def test_broken_case_is_refused_with_its_place(tmp_path: Path, record: object, says: str) -> None:
    with pytest.raises(CaseError, match=rf"figures\.jsonl:1: .*{says}"):
        read_cases(_write(tmp_path, record))


def test_id_may_not_come_twice_over_the_files_of_a_folder(tmp_path: Path) -> None:
    _write(tmp_path, FULL)
    _write(tmp_path, FULL, name="more.jsonl")
    with pytest.raises(CaseError, match="capital-en stands at figures.jsonl:1"):
        read_cases(tmp_path)


def test_unknown_suite_names_what_there_is() -> None:
    with pytest.raises(CaseError, match="No case file nonsense"):
        read_suite("nonsense")


def test_cases_of_a_group_fall_into_one_split_and_a_third_is_for_testing() -> None:
    shares = [split_of(f"case-{n}") for n in range(3_000)]
    assert 0.30 < shares.count("test") / len(shares) < 0.37


def test_case_written_as_a_record_is_read_as_the_same_case(tmp_path: Path) -> None:
    (case,) = read_cases(_write(tmp_path, FULL | {"expect": FULL["expect"] | {"outcome": ["unclear", "insufficient"]}}))  # type: ignore[operator]
    assert case_from(case_to_record(case), "", "there") == case
    bare = Case("b", "?", "zh-Hant", "typos")
    assert case_from(case_to_record(bare), "", "there") == bare
