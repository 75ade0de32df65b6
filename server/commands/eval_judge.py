"""`hkva eval judge`: a chat model marks a run, with its agreement with people beside every number."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from evals.runlog import read_log
from server.console import make_output, progress_bars
from server.settings import read_settings


def judge(
    log: Annotated[Path, typer.Argument(help="The run log to mark.")],
    model: Annotated[
        str, typer.Option(help="Chat model that judges: `provider:name`, with its date where it has one.")
    ],
    calibration: Annotated[Path | None, typer.Option(help="Answers that people have marked; default: ours.")] = None,
    parallel: Annotated[int, typer.Option(min=1, max=32, help="How many are marked at once.")] = 4,
) -> None:
    """Mark a run's answers as correct and faithful with a chat model; the verdicts are written beside the log."""
    from assistant.chat_model import open_chat_model
    from assistant.model_settings import ModelSettings
    from evals.judge import CALIBRATION, read_calibration, write_judged
    from evals.judge import judge as judge_replies

    marked = read_calibration(calibration or CALIBRATION)
    replies = read_log(log).replies
    opened = open_chat_model(model, read_settings(ModelSettings))
    with progress_bars() as progress:
        judged = asyncio.run(judge_replies(opened, replies, marked, progress, parallel))
    out = log.with_suffix(".judged.jsonl")
    write_judged(out, judged)
    for line in [*judged.lines(), f"verdicts: {out}"]:
        make_output().print(line, markup=False)
