"""The scores of a run as rows of text, one a slice, for the terminal, Markdown and HTML. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from evals.score import QUALITY, TITLES, CaseScore, by_slice
from evals.summary import failures_of, mean_of, numbers_of

_COLUMNS = (
    ("right", "right"),
    ("key_facts", "facts"),
    ("figures", "figures"),
    ("nothing_wrong", "not wrong"),
    ("citation_precision", "cit. P"),
    ("citation_recall", "cit. R"),
    ("quotes", "quotes"),
    ("supported", "support"),
    ("abstention_precision", "abst. P"),
    ("abstention_recall", "abst. R"),
    ("version", "version"),
    ("polarity", "yes/no"),
    ("language", "lang."),
    ("recall@10", "R@10"),
    ("ndcg@10", "nDCG"),
)


@dataclass(frozen=True, slots=True)
class Table:
    """A heading and rows of the same width; `first` columns are words, the others numbers."""

    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1


def slice_table(scores: Sequence[CaseScore]) -> Table:
    """One row for all cases, one for each category, language, split and tag."""
    rows = []
    for name, members in by_slice(scores).items():
        numbers = numbers_of(members)
        shown = tuple(percent(numbers[column]) for column, _ in _COLUMNS)
        latency = (in_seconds(numbers["seconds_p50"]), in_seconds(numbers["seconds_p95"]))
        rows.append((name, str(len(members)), *shown, *latency))
    return Table(("slice", "cases", *(title for _, title in _COLUMNS), "p50 s", "p95 s"), tuple(rows))


def headline(scores: Sequence[CaseScore]) -> list[str]:
    """What the table has no column for, a sentence each."""
    numbers = numbers_of(scores)
    said = []
    if not math.isnan(numbers["abstention_f1"]):
        said.append(f"Abstention F1 {percent(numbers['abstention_f1'])}.")
    if not math.isnan(numbers["parity"]):
        said.append(f"The same in every script: {percent(numbers['parity'])} % of the groups.")
    if not math.isnan(numbers["area_under_risk"]):
        said.append(f"Area under risk and coverage {numbers['area_under_risk']:.3f} (smaller is better).")
    for name, unit in (("tokens", "tokens"), ("cost", "(price units)")):
        mean = mean_of(scores, name)
        if mean.count:
            said.append(f"{mean.value:,.4g} {unit} a case.")
    failed = failures_of(scores)
    if failed:
        said.append(f"{len(failed)} failed: {', '.join(one.case.id for one in failed[:5])}.")
    return said


def skipped_table(scores: Sequence[CaseScore]) -> Table:
    """For each measure, on how many cases it applied and why not on the others."""
    rows = []
    for name in QUALITY:
        mean = mean_of(scores, name)
        reasons: Counter[str] = mean.skipped
        why = "; ".join(f"{count} {reason}" for reason, count in reasons.most_common())
        rows.append((TITLES[name], why or "-", str(mean.count), percent(mean.value)))
    return Table(("measure", "skipped", "applied", "mean"), tuple(rows), words=2)


def percent(share: float) -> str:
    """A share as a number of per cent; a dash where there is none."""
    return "-" if math.isnan(share) else f"{100 * share:.1f}"


def in_seconds(value: float) -> str:
    """Seconds, short; a dash where there are none."""
    return "-" if math.isnan(value) else f"{value:.2f}"


def to_markdown(table: Table) -> str:
    """The table in Markdown."""
    line = ["---"] * table.words + ["--:"] * (len(table.heading) - table.words)
    rows = [table.heading, tuple(line), *(tuple(cell.replace("|", "\\|") for cell in row) for row in table.rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def to_text(table: Table) -> str:
    """The table in columns, as wide as they need to be; Chinese characters take two places."""
    widths = [
        max(cell_len(row[column]) for row in (table.heading, *table.rows)) for column in range(len(table.heading))
    ]
    lines = []
    for row in (table.heading, *table.rows):
        cells = []
        for column, (cell, width) in enumerate(zip(row, widths, strict=True)):
            gap = " " * (width - cell_len(cell))
            cells.append(cell + gap if column < table.words else gap + cell)
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
