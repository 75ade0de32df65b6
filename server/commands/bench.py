"""`hkva bench`: how fast and how small this is, on this machine."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from assistant.settings import AssistantSettings
from knowledge.passage import Scope
from knowledge.settings import KnowledgeSettings
from server.console import make_output, progress_bars
from server.settings import read_settings

_BAR_S, _BAR_MB, _BAR_GROWTH = 3.0, 700.0, 2.0
_QUESTIONS = 40


def bench(
    sizes: Annotated[str, typer.Option(help="Passages to grow the library to, separated by commas.")] = "1000,10000",
    questions: Annotated[int, typer.Option(min=1, help="Shipped questions to ask.")] = _QUESTIONS,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure start-up, memory, the steps of an answer, and search as the library grows. Best on a quiet machine."""
    # Imported here: they load the index and the model's runtime, which `hkva --help` should not wait for.
    from evals.case_file import read_suite
    from evals.performance.bench import measure_growth, measure_start, measure_steps

    knowledge, settings = read_settings(KnowledgeSettings), read_settings(AssistantSettings)
    texts = [case.question for case in read_suite("all") if not case.turns]
    chosen = list(dict.fromkeys(texts[:: max(1, len(texts) // questions)]))[:questions]
    counts = _counts(sizes)
    with progress_bars() as report:
        start = measure_start()
        steps = measure_steps(knowledge, settings, chosen)
        growth = list(measure_growth(knowledge, Scope(on=settings.day), chosen, counts, report))
    if as_json:
        told = {"start": asdict(start), "steps": asdict(steps), "growth": [asdict(one) for one in growth]}
        make_output().print_json(json.dumps(told))
        return
    table = Table("what", "measured", "bar", box=None, show_edge=False)
    table.add_row("start to ready", f"{start.seconds:.1f} s", f"under {_BAR_S:.0f} s")
    table.add_row("memory", f"{start.megabytes:.0f} MB", f"under {_BAR_MB:.0f} MB")
    table.add_row("torch and its like loaded", ", ".join(start.heavy) or "none", "none")
    table.add_row("embed a question", f"{steps.embed:.1f} ms", "")
    table.add_row("search with its vector", f"{steps.search:.1f} ms", "")
    table.add_row("a whole answer", f"{steps.answer:.1f} ms", "")
    for one in growth:
        ratio = one.search / growth[0].search
        measured = (
            f"{one.search:.1f} ms (p95 {one.search_p95:.1f}), {ratio:.1f} times the first; opened in {one.open_s:.1f} s"
        )
        table.add_row(f"search in {one.passages:,} passages", measured, f"at most {_BAR_GROWTH:.0f} times")
    make_output().print(table)


def _counts(sizes: str) -> list[int]:
    try:
        counts = [int(one) for one in sizes.split(",") if one.strip()]
    except ValueError:
        raise typer.BadParameter(f"{sizes} is no list of numbers like 1000,10000", param_hint="--sizes") from None
    if any(one < 1 for one in counts):
        raise typer.BadParameter("A size is at least 1.", param_hint="--sizes")
    return counts
