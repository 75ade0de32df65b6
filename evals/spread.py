"""The assistant of this installation in several processes at once.

Answering without a chat model is mostly Python, so threads of one process share one processor: on two, two processes
take half the time. Each opens the library for itself, which pays from some fifty cases on.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from assistant.settings import EXTRACTIVE, AssistantSettings
from evals.case import Case
from evals.local import open_local
from evals.reply import Reply
from evals.targets import Target
from knowledge.settings import KnowledgeSettings

WORTH = 50
"""Cases from which opening the library more than once pays."""
_opened: list[Target] = []
"""What this process answers with; filled where a process starts."""


class SpreadTarget:
    """Implements `Target`: the same replies as the assistant in this process gives, from several."""

    name = "local"

    def __init__(self, knowledge: KnowledgeSettings, settings: AssistantSettings, processes: int) -> None:
        self._pool = ProcessPoolExecutor(processes, get_context("spawn"), _open, (knowledge, settings))

    async def ask(self, case: Case) -> Reply:
        """The reply of whichever process is free."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, _ask, case)

    async def close(self) -> None:
        """End the processes."""
        self._pool.shutdown(cancel_futures=True)


def processes_for(cases: int, settings: AssistantSettings) -> int:
    """How many processes pay: one a processor; one for few cases, or where a chat model is waited for."""
    if cases < WORTH or settings.model != EXTRACTIVE:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _open(knowledge: KnowledgeSettings, settings: AssistantSettings) -> None:
    target, _ = open_local(knowledge, settings)
    _opened.append(target)


def _ask(case: Case) -> Reply:
    return asyncio.run(_opened[0].ask(case))
