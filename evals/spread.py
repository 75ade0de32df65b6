"""The assistant of this installation in several processes at once.

Answering without a chat model is mostly Python, so threads of one process share one processor: on two, two processes
take half the time. Each opens the library for itself, which pays from some fifty cases on.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from assistant.settings import EXTRACTIVE, AssistantSettings
from evals.case import Case
from evals.local import open_local
from evals.reply import Reply
from evals.targets import Target
from knowledge.processors import processors
from knowledge.settings import KnowledgeSettings

WORTH = 50
"""Cases from which opening the library more than once pays."""
_GARBAGE = 20_000
"""New objects from which garbage is looked for; by default 700, hundreds of times while all is opened."""
_opened: list[tuple[Target, Mapping[str, str]] | Exception] = []
"""What this process answers with and the aliases of its records, or why it cannot; filled where a process starts."""


class SpreadTarget:
    """Implements `Target`: the same replies as the assistant in this process gives, from several."""

    name = "local"

    def __init__(self, knowledge: KnowledgeSettings, settings: AssistantSettings, processes: int) -> None:
        self._pool = ProcessPoolExecutor(processes, get_context("spawn"), _open, (knowledge, settings))
        self._aliases = [self._pool.submit(_aliases) for _ in range(processes)]  # which starts every process

    def aliases(self) -> Mapping[str, str]:
        """The ids of the library's records by their aliases. Raises what kept the assistant from being opened."""
        return self._aliases[0].result()

    async def ask(self, case: Case) -> Reply:
        """The reply of whichever process is free."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, _ask, case)

    async def close(self) -> None:
        """End the processes."""
        self._pool.shutdown(wait=False, cancel_futures=True)  # they end beside what is done with the replies


def processes_for(cases: int, settings: AssistantSettings) -> int:
    """How many processes pay: one a processor; one for few cases, or where a chat model is waited for."""
    if cases < WORTH or settings.model != EXTRACTIVE:
        return 1
    return processors()


def _open(knowledge: KnowledgeSettings, settings: AssistantSettings) -> None:
    gc.set_threshold(_GARBAGE)
    try:
        _opened.append(open_local(knowledge, settings, warm=True))
    except Exception as error:  # noqa: BLE001 - a pool would only say that it is broken; whoever asks is told why
        _opened.append(error)


def _held() -> tuple[Target, Mapping[str, str]]:
    (opened,) = _opened
    if isinstance(opened, Exception):
        raise opened
    return opened


def _aliases() -> Mapping[str, str]:
    return _held()[1]


def _ask(case: Case) -> Reply:
    return asyncio.run(_held()[0].ask(case))
