"""A gate says what fell, by how much, and which cases did it."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.answer import Outcome
from evals.baseline import BASELINES, Baseline, read_baseline, write_baseline
from evals.case import Case, Expect
from evals.case_file import SHIPPED, digest_of, read_cases
from evals.compare import before_of, compare
from evals.errors import GateError
from evals.gate import check_gates
from evals.gates import SHIPPED_GATES, Gates, Loss, read_gates
from evals.reply import Cited, Reply
from evals.score import QUALITY, CaseScore, score, slices_of
from evals.summary import numbers_of

CASES = [
    Case(f"c{n:02}", "Where?", "en" if n % 2 else "zh-Hans", "custody", Expect(key_facts=(("cold",),), rules=(("a",),)))
    for n in range(40)
]


def scored(
    *, wrong: Set[int] = frozenset(), failed: Set[int] = frozenset(), cases: list[Case] = CASES
) -> list[CaseScore]:
    def reply(number: int) -> Reply:
        if number in failed:
            return Reply(error="TargetError: gone")
        text = "hot [1]" if number in wrong else "cold [1]"
        return Reply(text=text, outcome=Outcome.ANSWERED, citations=(Cited(1, "a", "in_force", "q", held="q"),))

    return score([(case, reply(int(case.id[1:]))) for case in cases], {})


def baseline_of(scores: list[CaseScore], folder: Path) -> Baseline:
    write_baseline(folder / "b.jsonl", scores, "first", "2026-11-23")
    return read_baseline(folder / "b.jsonl")


STRICT = Gates(loss=Loss(measures=["right", "key_facts"]))


def test_run_equal_to_its_baseline_passes(tmp_path: Path) -> None:
    scores = scored(wrong={3})
    assert check_gates(scores, STRICT, baseline_of(scores, tmp_path)) == []


def test_one_case_no_longer_right_is_named(tmp_path: Path) -> None:
    (found,) = check_gates(scored(wrong={3, 7}), STRICT, baseline_of(scored(wrong={3}), tmp_path))
    assert found.message == "1 cases are no longer right on the same records as before, 0 may"
    assert found.cases == ("c07",)


def test_case_that_declines_now_is_counted_apart_from_one_that_says_otherwise(tmp_path: Path) -> None:
    baseline = baseline_of(scored(), tmp_path)
    declined = Reply(text="Not held.", outcome=Outcome.INSUFFICIENT, citations=())
    now = scored(wrong={7})
    now[4:6] = score([(one.case, declined) for one in now[4:6]], {})
    said, flipped = check_gates(now, Gates(loss=Loss()), baseline)
    assert (said.cases, flipped.cases) == (("c07",), ("c04", "c05"))
    assert flipped.message == "2 cases are no longer right by declining or citing otherwise, 0 may"
    assert check_gates(now, Gates(loss=Loss(cases=1, flips=2)), baseline) == []


def test_loss_within_what_is_allowed_passes_until_it_is_significant(tmp_path: Path) -> None:
    gates = Gates(loss=Loss(measures=["right"], cases=10))
    baseline = baseline_of(scored(), tmp_path)
    assert check_gates(scored(wrong={1, 3}), gates, baseline) == []
    findings = check_gates(scored(wrong={1, 3, 5, 7, 9, 11}), gates, baseline)
    said = [finding.message for finding in findings]
    assert "all: right fell from 100.0 to 85.0 on 40 cases (p 0.031)" in said
    assert "language:en: right fell from 100.0 to 70.0 on 20 cases (p 0.031)" in said
    assert not any(message.startswith("language:zh-Hans") for message in said)
    assert findings[0].cases == ("c01", "c03", "c05", "c07", "c09", "c11")


def test_floor_names_the_cases_below_it() -> None:
    gates = Gates(floors={"all": {"key_facts": 0.99, "citation_recall": 1.0}})
    (found,) = check_gates(scored(wrong={2, 4}), gates, None)
    assert found.message == "all: key_facts is 95.0, its floor is 99.0"
    assert found.cases == ("c02", "c04")


def test_floor_over_no_case_is_not_passed() -> None:
    (found,) = check_gates(scored(), Gates(floors={"tag:cantonese": {"right": 0.5}}), None)
    assert "no case" in found.message


def test_failed_replies_stop_the_gate_with_their_reason() -> None:
    found = check_gates(scored(failed={5}), Gates(), None)[0]
    assert found.message == "1 replies failed, 0 may: TargetError: gone"
    assert found.cases == ("c05",)


def test_removing_a_case_does_not_pass_unseen(tmp_path: Path) -> None:
    (found,) = check_gates(scored(cases=CASES[1:]), STRICT, baseline_of(scored(), tmp_path))
    assert found.message == "1 cases of the baseline are gone"
    assert found.cases == ("c00",)


def test_changed_case_is_compared_with_nothing(tmp_path: Path) -> None:
    changed = [replace(CASES[0], question="Where exactly?"), *CASES[1:]]
    before = before_of(scored())
    comparison = compare(before, scored(wrong={0}, cases=changed))
    assert comparison.left_out == ("c00",)
    assert comparison.turned == ()
    retagged = [replace(CASES[0], tags=frozenset({"typo"})), *CASES[1:]]
    assert compare(before, scored(cases=retagged)).left_out == ()


def test_comparison_puts_the_worst_case_first() -> None:
    comparison = compare(before_of(scored(wrong={1})), scored(wrong={2}))
    assert [one.case.id for one in comparison.turned] == ["c02", "c01"]
    assert comparison.differences["all", "right"].mean == 0


def test_baseline_needs_a_reason_and_keeps_the_earlier_ones(tmp_path: Path) -> None:
    path = tmp_path / "b.jsonl"
    with pytest.raises(GateError, match="reason"):
        write_baseline(path, scored(), "  ", "2026-11-23")
    write_baseline(path, scored(), "first", "2026-11-23")
    write_baseline(path, scored(wrong={1}), "c01 asks for what was repealed", "2026-11-24")
    read = read_baseline(path)
    assert read.reasons == ("2026-11-24 c01 asks for what was repealed", "2026-11-23 first")
    assert read.cases["c01"].values["right"] == 0


def test_missing_baseline_says_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(GateError, match="--update-baseline"):
        read_baseline(tmp_path / "none.jsonl")


@pytest.mark.parametrize(
    ("text", "says"),
    [("[floors.all]\nright = 1.4\n", "floors.all.right"), ("[lost]\n", "lost"), ("floors = [", "cannot be read")],
)
def test_broken_gates_are_refused_with_the_key(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "gates.toml"
    path.write_text(text)
    with pytest.raises(GateError, match=says):
        read_gates(path)


def test_floor_on_a_measure_that_does_not_exist_is_refused() -> None:
    with pytest.raises(GateError, match="no measure rihgt"):
        check_gates(scored(), Gates(floors={"all": {"rihgt": 0.5}}), None)


def test_shipped_gates_name_slices_and_measures_that_exist() -> None:
    gates = read_gates(SHIPPED_GATES)
    slices = {name for one in read_cases(SHIPPED) for name in slices_of(one)}
    assert set(gates.floors) <= slices
    for wanted in gates.floors.values():
        assert set(wanted) <= set(numbers_of(scored()))
    assert gates.loss is not None
    assert set(gates.loss.measures) <= set(QUALITY)


def test_shipped_baseline_can_be_read_and_says_why_it_is_what_it_is() -> None:
    baseline = read_baseline(BASELINES / "extractive.jsonl")
    assert all(reason.strip() for reason in baseline.reasons)
    assert {digest_of(one) for one in read_cases(SHIPPED)} & {one.digest for one in baseline.cases.values()}
