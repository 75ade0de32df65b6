"""`hkva eval`: ask cases, score what came back, compare, report, and gate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.settings import AssistantSettings
from evals.baseline import BASELINES, read_baseline, write_baseline
from evals.case import Case
from evals.case_file import read_suite
from evals.compare import Comparison, before_of, compare, difference_table, turned_table
from evals.extras import check_extras
from evals.gate import check_gates, verdict
from evals.gates import SHIPPED_GATES, read_gates
from evals.runlog import RunLog, read_log
from evals.score import CaseScore, score
from evals.table import headline, skipped_table, slice_table, to_text
from knowledge.settings import KnowledgeSettings
from server.commands import eval_cases, eval_judge
from server.console import make_errors, make_output, progress_bars
from server.settings import read_settings

if TYPE_CHECKING:
    from evals.asking import Order

app = typer.Typer(help="How good the answers are: ask cases, score, compare, report, gate.", no_args_is_help=True)
app.command("harvest")(eval_cases.harvest)
app.command("draft")(eval_cases.draft)
app.command("judge")(eval_judge.judge)

Suite = Annotated[str, typer.Argument(help="`all`, a shipped category, or a .jsonl or .csv file or folder of cases.")]
TargetAddress = Annotated[
    str, typer.Option("--target", help="`local`, http://HOST:PORT of a server, or openai:BASE_URL of any other.")
]
ModelName = Annotated[str, typer.Option("--model", help="Chat model to ask: `provider:name`, or the endpoint's name.")]
Key = Annotated[str, typer.Option("--key", envvar="EVAL_TARGET_KEY", help="Bearer key for the target.")]
LogPath = Annotated[Path | None, typer.Option("--log", help="Run log to write, or to go on with.")]
GatesPath = Annotated[Path, typer.Option("--gates", help="The gates.")]


@app.callback()
def _root() -> None:
    check_extras()


@app.command("run")
def run_cases(
    suite: Suite = "all",
    target: TargetAddress = "local",
    model: ModelName = "",
    key: Key = "",
    limit: Annotated[int, typer.Option(min=0, help="Ask only the first so many; 0 asks all.")] = 0,
    tag: Annotated[list[str] | None, typer.Option(help="Ask only cases with this tag.")] = None,
    split: Annotated[str, typer.Option(help="Ask only `dev` or `test`.")] = "",
    parallel: Annotated[int, typer.Option(min=1, max=64, help="How many are asked at once.")] = 4,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds that a case may take.")] = 300.0,
    log: LogPath = None,
    price: Annotated[str, typer.Option(help="Price of a million tokens read and written: `2.5,10`.")] = "",
) -> None:
    """Ask cases and print how well they were answered. Run again with the same --log, it goes on where it was."""
    from evals.asking import Order, chosen
    from evals.run import Pace

    cases = chosen(read_suite(suite), frozenset(tag or ()), split, limit)
    done = ask_with_bar(cases, Order(suite, target, model, key, price, Pace(parallel, timeout)), log)
    show(score(done.replies, done.info.names))


@app.command("score")
def score_log(
    log: Annotated[Path, typer.Argument(help="A run log.")],
    cases: Annotated[str, typer.Option(help="Expect what these cases now say instead of what the log holds.")] = "",
    skipped: Annotated[bool, typer.Option("--skipped", help="Also say what did not apply, and why.")] = False,
) -> None:
    """Score a run log again. Nothing is asked."""
    scores = scores_in(log, read_suite(cases) if cases else ())
    show(scores)
    if skipped:
        make_output().print(f"\n{to_text(skipped_table(scores))}", markup=False)


@app.command("compare")
def compare_logs(
    before: Annotated[Path, typer.Argument(help="The earlier run log.")],
    after: Annotated[Path, typer.Argument(help="The later run log.")],
    worst: Annotated[int, typer.Option(min=0, help="How many of the cases that turned to show.")] = 20,
) -> None:
    """What changed between two runs of the same cases, whether by chance, and which cases turned."""
    found = compare(before_of(scores_in(before)), scores_in(after))
    output = make_output()
    output.print(to_text(difference_table(found)), markup=False)
    output.print(f"\n{to_text(turned_table(found, worst))}", markup=False)
    for line in left_out(found):
        output.print(line, markup=False)


@app.command("gate")
def gate(
    suite: Suite = "all",
    log: Annotated[Path | None, typer.Option("--log", help="Judge this run log instead of asking now.")] = None,
    gates: GatesPath = SHIPPED_GATES,
    baseline: Annotated[Path, typer.Option(help="What each case scored before.")] = BASELINES / "extractive.jsonl",
    update_baseline: Annotated[bool, typer.Option("--update-baseline", help="Make this run the baseline.")] = False,
    reason: Annotated[str, typer.Option(help="Why what changed is right; kept in the baseline.")] = "",
) -> None:
    """Stop a change that makes answers worse: exit 1, and say which cases did it."""
    scores = scores_in(log) if log else scored_now(suite)
    wanted = read_gates(gates)
    if update_baseline:
        write_baseline(baseline, scores, reason, datetime.now().astimezone().date().isoformat())
    findings = check_gates(scores, wanted, read_baseline(baseline) if wanted.loss else None)
    show(scores)
    for line in verdict(findings, len(scores)):
        make_output().print(line, markup=False)
    if findings:
        raise typer.Exit(1)


@app.command("report")
def report(
    log: Annotated[Path, typer.Argument(help="The run log.")],
    before: Annotated[Path | None, typer.Option(help="An earlier run log to compare with.")] = None,
    html: Annotated[Path | None, typer.Option(help="HTML page to write; default: beside the log.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Markdown to write, for a pull request.")] = None,
    gates: Annotated[Path | None, typer.Option(help="Also show whether these gates are open.")] = None,
    baseline: Annotated[Path, typer.Option(help="The gates' baseline.")] = BASELINES / "extractive.jsonl",
    judged: Annotated[Path | None, typer.Option(help="What `hkva eval judge` wrote of this log.")] = None,
) -> None:
    """Write what a run showed: one HTML page that needs nothing else, and Markdown."""
    from evals.judge import read_judged_lines
    from evals.report import Report, to_html, to_pull_request

    scores = scores_in(log)
    wanted = read_gates(gates) if gates else None
    held = read_baseline(baseline) if wanted and wanted.loss else None
    shown = Report(
        read_log(log).info,
        scores,
        compare(before_of(scores_in(before)), scores) if before else None,
        check_gates(scores, wanted, held) if wanted else None,
        read_judged_lines(judged) if judged else (),
    )
    page = html or log.with_suffix(".html")
    page.write_text(to_html(shown), encoding="utf-8")
    make_output().print(f"{page}", markup=False)
    if markdown:
        markdown.write_text(to_pull_request(shown), encoding="utf-8")
        make_output().print(f"{markdown}", markup=False)


def ask_with_bar(cases: Sequence[Case], order: Order, log: Path | None) -> RunLog:
    """Ask the cases with a progress bar; the log's path is said first, so that a run cut off can be gone on with."""
    # Imported here: it loads the index and the model's runtime, which `hkva --help` should not wait for.
    from evals.asking import ask, fresh_log

    knowledge = read_settings(KnowledgeSettings)
    path = log or fresh_log(knowledge.data_dir / "runs", order.suite)
    make_errors().print(f"run log: {path}", markup=False)
    with progress_bars() as progress:
        return ask(cases, order, path, knowledge, read_settings(AssistantSettings), progress)


def scored_now(suite: str) -> list[CaseScore]:
    """The scores of a suite asked of the assistant of this installation."""
    from evals.asking import Order

    done = ask_with_bar(read_suite(suite), Order(suite), None)
    return score(done.replies, done.info.names)


def scores_in(log: Path, now: Sequence[Case] = ()) -> list[CaseScore]:
    """The scores of a run log; the cases of `now` take the place of those of the same id and question."""
    read = read_log(log)
    current = {(case.id, case.question): case for case in now}
    return score([(current.get((c.id, c.question), c), reply) for c, reply in read.replies], read.info.names)


def show(scores: Sequence[CaseScore]) -> None:
    """Print the scores, a row a slice."""
    output = make_output()
    output.print(to_text(slice_table(scores)), markup=False)
    for line in headline(scores):
        output.print(line, markup=False)


def left_out(comparison: Comparison) -> list[str]:
    """What a comparison could not compare, a line each."""
    lines = []
    if comparison.left_out:
        lines.append(f"{len(comparison.left_out)} cases are new or changed and were not compared.")
    if comparison.missing:
        lines.append(f"{len(comparison.missing)} cases of the earlier run were not asked in the later one.")
    return lines
