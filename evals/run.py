"""Ask every case, several at once, and write each reply down as it comes. A failure is a reply like any other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.case import Case
from evals.errors import RunLogError
from evals.reply import Reply
from evals.runlog import LogWriter, RunInfo, RunLog, cut_torn_line, read_log
from evals.targets import Target

Progress = Callable[[str, int, int], None]
"""Told the stage, how much of it is done and how much there is."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How many cases are asked at once, and how long one may take."""

    parallel: int = 4
    timeout_s: float = 300.0


async def run(
    target: Target,
    cases: Sequence[Case],
    info: RunInfo,
    path: Path,
    pace: Pace = Pace(),
    progress: Progress | None = None,
) -> RunLog:
    """Ask the cases and write the log at `path`; returns what it then holds, in the order of `cases`.

    Where the log exists and is of the same run, only what is missing or failed is asked. Raises RunLogError where it
    is of another run.
    """
    done = _done(path, info)
    waiting = [case for case in cases if case.id not in done]
    places = asyncio.Semaphore(pace.parallel)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        writer = LogWriter(file)
        if file.tell() == 0:
            writer.begin(info)

        async def one(case: Case) -> None:
            async with places:
                reply = await _reply(target, case, pace.timeout_s)
            writer.write(case, reply)
            done[case.id] = reply
            if progress is not None:
                progress("ask", len(done), len(cases))

        if progress is not None:
            progress("ask", len(done), len(cases))
        async with asyncio.TaskGroup() as group:
            for case in waiting:
                group.create_task(one(case))
    return RunLog(info, tuple((case, done[case.id]) for case in cases))


async def _reply(target: Target, case: Case, timeout_s: float) -> Reply:
    """The target's reply, or its failure as one. Cancelling and the like still end the run."""
    begun = time.perf_counter()
    (came,) = await asyncio.gather(asyncio.wait_for(target.ask(case), timeout_s), return_exceptions=True)
    if isinstance(came, Reply):
        return came
    if not isinstance(came, Exception):
        raise came
    text = f"nothing in {timeout_s:.0f} s" if isinstance(came, TimeoutError) else str(came)
    return Reply(error=f"{type(came).__name__}: {text}"[:500], seconds=time.perf_counter() - begun)


def _done(path: Path, info: RunInfo) -> dict[str, Reply]:
    """What an earlier, cut-off run of the same kind has answered."""
    if not path.exists():
        return {}
    cut_torn_line(path)
    if not path.stat().st_size:
        return {}
    log = read_log(path)
    if (log.info.cases, log.info.target, log.info.model) != (info.cases, info.target, info.model):
        raise RunLogError(f"{path} is the log of another run. Name another file with --log, or remove this one.")
    return {case.id: reply for case, reply in log.replies if not reply.error}
