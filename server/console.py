"""What the commands print with: results to standard output, progress and errors to standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

Report = Callable[[str, int, int], None]
"""Told the stage, how much of it is done and how much there is."""


def make_output() -> Console:
    """Standard output. Made where it is used, so that a redirected stream is honoured."""
    return Console(highlight=False, soft_wrap=True)


def make_errors() -> Console:
    """Standard error."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def progress_bars() -> Iterator[Report]:
    """A bar for each stage reported, on a terminal; elsewhere one line when a stage begins."""
    console = make_errors()
    stages: dict[str, TaskID] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:

        def report(stage: str, done: int, total: int) -> None:
            if stage not in stages:
                stages[stage] = bars.add_task(stage, total=total)
                if not console.is_terminal:
                    console.print(f"{stage} …")
            bars.update(stages[stage], completed=done, total=total)

        yield report
