"""A run asks every case, survives failures, can be gone on with, and its log says it all."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from assistant.answer import Outcome
from evals.case import Case, Expect
from evals.errors import RunLogError
from evals.reply import Cited, Reply
from evals.run import Pace, run
from evals.runlog import RunInfo, read_log, suite_digest
from evals.score import score

CASES = [
    Case(
        f"c{n}",
        f"Question {n}?",
        "en",
        "figures",
        Expect(key_facts=(("cold storage", "cold wallet"),), rules=(("a",),)),
    )
    for n in range(12)
]
INFO = RunInfo("figures", "scripted", "extractive", "2026-11-23", suite_digest(CASES), {"alias": "a"})
GOOD = Reply(
    text="In cold storage [1].",
    outcome=Outcome.ANSWERED,
    citations=(Cited(1, "a", "in_force", "cold storage", "A title", "cold storage"),),
    retrieved=("b", "a"),
    confidence=0.75,
)


class Scripted:
    """Gives the same reply to all but those named, which fail; remembers what it was asked."""

    name = "scripted"

    def __init__(self, failing: frozenset[str] = frozenset(), seconds: float = 0.0) -> None:
        self.failing = failing
        self.seconds = seconds
        self.asked: list[str] = []
        self.at_once = self.most_at_once = 0

    async def ask(self, case: Case) -> Reply:
        self.asked.append(case.id)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(self.seconds)
        self.at_once -= 1
        if case.id in self.failing:
            raise ZeroDivisionError("the assistant broke")
        return GOOD

    async def close(self) -> None:
        pass


async def test_failure_of_one_case_is_a_result_and_not_the_end(tmp_path: Path) -> None:
    log = await run(Scripted(frozenset({"c3"})), CASES, INFO, tmp_path / "log.jsonl")
    assert [case.id for case, _ in log.replies] == [case.id for case in CASES]
    assert [case.id for case, reply in log.replies if reply.error] == ["c3"]
    assert "ZeroDivisionError: the assistant broke" in {c.id: r for c, r in log.replies}["c3"].error


async def test_case_that_takes_too_long_fails_alone(tmp_path: Path) -> None:
    log = await run(Scripted(seconds=5), CASES[:1], INFO, tmp_path / "log.jsonl", Pace(timeout_s=0.05))
    assert "TimeoutError" in log.replies[0][1].error


async def test_no_more_than_the_given_number_is_asked_at_once(tmp_path: Path) -> None:
    target = Scripted(seconds=0.01)
    await run(target, CASES, INFO, tmp_path / "log.jsonl", Pace(parallel=3))
    assert target.most_at_once == 3


async def test_log_read_again_gives_the_same_scores_as_the_run(tmp_path: Path) -> None:
    log = await run(Scripted(frozenset({"c1"})), CASES, INFO, tmp_path / "log.jsonl")
    again = read_log(tmp_path / "log.jsonl")
    assert again.info == INFO
    assert sorted(again.replies, key=str) == sorted(log.replies, key=str)
    assert score(log.replies, INFO.names)[0].values == score(log.replies, again.info.names)[0].values


async def test_run_that_was_cut_off_goes_on_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    await run(Scripted(), CASES[:5], INFO, path)
    path.write_bytes(path.read_bytes()[:-25])
    target = Scripted()
    log = await run(target, CASES, INFO, path)
    assert sorted(target.asked) == sorted(case.id for case in CASES[4:])
    assert len(log.replies) == 12
    assert len(read_log(path).replies) == 12


@pytest.mark.parametrize("left", [0, 10])
async def test_run_cut_off_in_its_first_line_starts_over(tmp_path: Path, left: int) -> None:
    path = tmp_path / "log.jsonl"
    await run(Scripted(), CASES[:2], INFO, path)
    path.write_bytes(path.read_bytes()[:left])
    await run(Scripted(), CASES, INFO, path)
    assert len(read_log(path).replies) == 12


async def test_failed_cases_are_asked_again_and_the_rest_is_not(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    await run(Scripted(frozenset({"c1", "c7"})), CASES, INFO, path)
    target = Scripted()
    log = await run(target, CASES, INFO, path)
    assert sorted(target.asked) == ["c1", "c7"]
    assert not any(reply.error for _, reply in log.replies)
    assert not any(reply.error for _, reply in read_log(path).replies)


async def test_log_of_another_run_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    await run(Scripted(), CASES, INFO, path)
    before = path.read_bytes()
    other = RunInfo("figures", "http://127.0.0.1:1", "extractive", "2026-11-23", suite_digest(CASES))
    with pytest.raises(RunLogError, match="another run"):
        await run(Scripted(), CASES, other, path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", ["", "{}\n", "not json\n", '{"run": {"suite": 1}}\n'])
def test_file_that_is_no_log_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(content)
    with pytest.raises(RunLogError, match="log"):
        read_log(path)


async def test_broken_row_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    await run(Scripted(), CASES[:2], INFO, path)
    with path.open("a") as file:
        file.write('{"case": {}}\n')
    with pytest.raises(RunLogError, match=r"log\.jsonl:4"):
        read_log(path)


async def test_progress_counts_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    await run(Scripted(), CASES, INFO, tmp_path / "log.jsonl", progress=lambda *step: told.append(step))
    assert told[0] == ("ask", 0, 12)
    assert told[-1] == ("ask", 12, 12)
