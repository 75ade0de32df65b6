"""The report of a run: one HTML page that needs nothing else, and Markdown for a pull request. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from string import Template

from evals.charts import differences_chart, latency_chart, risk_chart, slices_chart
from evals.compare import Comparison, difference_table, turned_table
from evals.gate import GateFinding, verdict
from evals.report_case import case_section
from evals.report_page import PAGE
from evals.runlog import RunInfo
from evals.score import CaseScore
from evals.summary import numbers_of
from evals.table import Table, headline, percent, skipped_table, slice_table, to_markdown

_CARDS = (
    ("right", "right"),
    ("key_facts", "key facts"),
    ("citation_recall", "citation recall"),
    ("quotes", "quotes exact"),
    ("abstention_f1", "abstention F1"),
    ("language", "language"),
)


@dataclass(frozen=True, slots=True)
class Report:
    """What a report shows. `comparison` and `findings` are None where nothing was compared or gated."""

    info: RunInfo
    scores: Sequence[CaseScore]
    comparison: Comparison | None = None
    findings: Sequence[GateFinding] | None = None
    judged: Sequence[str] = ()
    """Lines on what a model judged, with its agreement with people."""


def to_html(report: Report) -> str:
    """The whole page."""
    numbers = numbers_of(report.scores)
    cards = "".join(
        f'<div class="card"><b>{percent(numbers[name])}</b><span>{title}</span></div>' for name, title in _CARDS
    )
    said = [*headline(report.scores), *report.judged]
    return Template(PAGE).substitute(
        title=escape(f"Evaluation: {report.info.suite} on {report.info.target}"),
        about=escape(_about(report)),
        cards=cards,
        said="".join(f"<p>{escape(line)}</p>" for line in said),
        gate=_gate_html(report),
        charts="".join(_figure(drawing) for drawing in _charts(report)),
        change=_change_html(report),
        slices=table_html(slice_table(report.scores)),
        skipped=table_html(skipped_table(report.scores)),
        cases="".join(case_section(one, report.info.names) for one in _worst_first(report.scores)),
        count=str(len(report.scores)),
    )


def to_pull_request(report: Report) -> str:
    """The same in Markdown, short: numbers, what changed, what turned."""
    parts = [f"## Evaluation: {report.info.suite} on {report.info.target}", _about(report)]
    if report.findings is not None:
        parts.append("\n".join(verdict(report.findings, len(report.scores))))
    parts.append(" ".join([*headline(report.scores), *report.judged]))
    parts.append(to_markdown(slice_table(report.scores)))
    if report.comparison is not None:
        parts.append("### Against the run before")
        parts.append(to_markdown(difference_table(report.comparison)))
        if report.comparison.turned:
            parts.append(to_markdown(turned_table(report.comparison, 20)))
    wrong = [one for one in report.scores if not one.right]
    if wrong:
        rows = tuple((one.case.id, one.case.question) for one in wrong[:30])
        shown = to_markdown(Table(("case", "question"), rows, words=2))
        parts.append(f"<details><summary>{len(wrong)} cases are not right</summary>\n\n{shown}\n\n</details>")
    return "\n\n".join(part for part in parts if part) + "\n"


def table_html(table: Table) -> str:
    """The table in HTML."""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in table.heading)
    rows = "".join(
        "<tr>"
        + "".join(f"<td{'' if n < table.words else ' class=n'}>{escape(cell)}</td>" for n, cell in enumerate(row))
        + "</tr>"
        for row in table.rows
    )
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _about(report: Report) -> str:
    info = report.info
    model = next((one.reply.model for one in report.scores if one.reply.model), info.model)
    library = next((one.reply.library for one in report.scores if one.reply.library), "")
    held = f", library {library}" if library else ""
    return f"{len(report.scores)} cases, target {info.target}, model {model or 'unknown'}{held}, run on {info.today}."


def _charts(report: Report) -> list[str]:
    drawings = [slices_chart(report.scores), risk_chart(report.scores), latency_chart(report.scores)]
    if report.comparison is not None:
        drawings.append(differences_chart(report.comparison))
    return [drawing for drawing in drawings if drawing]


def _figure(drawing: str) -> str:
    title = drawing.partition('aria-label="')[2].partition('"')[0]
    return f"<figure><figcaption>{title}</figcaption>{drawing}</figure>"


def _gate_html(report: Report) -> str:
    if report.findings is None:
        return ""
    lines = verdict(report.findings, len(report.scores))
    state = "closed" if report.findings else "open"
    return f'<div class="gate {state}">' + "".join(f"<p>{escape(line)}</p>" for line in lines) + "</div>"


def _change_html(report: Report) -> str:
    if report.comparison is None:
        return ""
    tables = table_html(difference_table(report.comparison)) + table_html(turned_table(report.comparison))
    return f"<h2>Against the run before</h2>{tables}"


def _worst_first(scores: Sequence[CaseScore]) -> list[CaseScore]:
    return sorted(scores, key=lambda one: (one.right, one.values.get("key_facts", 1.0), one.case.category, one.case.id))
