"""Ask cases of a target named by its address, and keep the log. What `hkva eval run` and the pytest fixture share."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from assistant.settings import AssistantSettings
from evals.case import Case
from evals.errors import CaseError
from evals.local import aliases_of_corpus, names_in, open_local
from evals.opened import open_elsewhere
from evals.run import Pace, Progress, run
from evals.runlog import RunInfo, RunLog, suite_digest
from evals.spread import SpreadTarget, processes_for
from evals.targets import Target
from knowledge.settings import KnowledgeSettings

LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Order:
    """Whom to ask, and how: see the options of `hkva eval run`."""

    suite: str = "all"
    target: str = LOCAL
    model: str = ""
    key: str = ""
    price: str = ""
    pace: Pace = Pace()


def ask(
    cases: Sequence[Case],
    order: Order,
    log: Path,
    knowledge: KnowledgeSettings,
    settings: AssistantSettings,
    progress: Progress | None = None,
) -> RunLog:
    """Ask the cases and write the log at `log`, or go on with it. Raises TargetError, RunLogError, LibraryError."""
    target: Target
    if order.target == LOCAL:
        chosen = settings.model_copy(update={"model": order.model} if order.model else {})
        model = chosen.model
        target, aliases = _open_here(knowledge, chosen, len(cases))
    else:
        model = order.model
        target = open_elsewhere(order.target, model, order.key, order.pace.timeout_s, order.price)
        aliases = aliases_of_corpus(knowledge)
    names = names_in(cases, aliases)
    info = RunInfo(order.suite, target.name, model, settings.day.isoformat(), suite_digest(cases), names)

    async def work() -> RunLog:
        try:
            return await run(target, cases, info, log, order.pace, progress)
        finally:
            await target.close()

    return asyncio.run(work())


def _open_here(
    knowledge: KnowledgeSettings, settings: AssistantSettings, cases: int
) -> tuple[Target, Mapping[str, str]]:
    """The assistant of this installation; for many cases in as many processes as pay."""
    processes = processes_for(cases, settings)
    if processes == 1:
        return open_local(knowledge, settings)
    spread = SpreadTarget(knowledge, settings, processes)
    return spread, spread.aliases()


def chosen(cases: Sequence[Case], tags: frozenset[str] = frozenset(), split: str = "", limit: int = 0) -> list[Case]:
    """The cases with all the tags, in the split, at most `limit` (0: all). Raises CaseError where none is left."""
    if split not in ("", "dev", "test"):
        raise CaseError(f"There is no split {split}. Say dev or test.")
    kept = [case for case in cases if tags <= case.tags and split in ("", case.split)]
    if not kept:
        raise CaseError("No case is left to ask. Use fewer --tag, or another --split.")
    return kept[:limit] if limit else kept


def fresh_log(folder: Path, suite: str) -> Path:
    """The path of a new log: the moment and the suite."""
    moment = datetime.now().astimezone().strftime("%Y-%m-%d-%H%M%S-%f")
    return folder / f"{moment}-{Path(suite).stem}.jsonl"
