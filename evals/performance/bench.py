"""Measure start-up, memory, an answer's steps and growth on this machine; every figure is a median unless it says so.

Absolute times belong to the machine that they were taken on; what can be compared are the ratios of one run.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from assistant.assembly import open_assistant
from assistant.question import Question
from assistant.settings import AssistantSettings
from evals.performance.grown import grow
from knowledge.embed import Embedder, open_embedder
from knowledge.library import Library, open_library
from knowledge.passage import Scope
from knowledge.retrieval import search
from knowledge.settings import KnowledgeSettings

Progress = Callable[[str, int, int], None]
_START = """
import json, sys, time
begun = time.perf_counter()
from assistant.assembly import open_assistant
from assistant.settings import AssistantSettings
from knowledge.settings import KnowledgeSettings
open_assistant(KnowledgeSettings(), AssistantSettings())
heavy = sorted({"torch", "transformers", "sentence_transformers"} & set(sys.modules))
spent = time.perf_counter() - begun
if sys.platform == "linux":
    with open("/proc/self/status") as status:
        memory = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) * 1024
else:
    import resource
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
sys.stdout.write(json.dumps({"seconds": spent, "megabytes": memory / 1e6, "heavy": heavy}))
"""


@dataclass(frozen=True, slots=True)
class Start:
    """From a new process to an assistant that can be asked: seconds, largest memory, and heavy modules loaded."""

    seconds: float
    megabytes: float
    heavy: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Steps:
    """Milliseconds of embedding a question, of searching with the vector at hand, and of the whole answer."""

    embed: float
    search: float
    answer: float


@dataclass(frozen=True, slots=True)
class Size:
    """A grown library: its passages, seconds to open it, milliseconds of a search (median and 95th percentile)."""

    passages: int
    open_s: float
    search: float
    search_p95: float


def measure_start() -> Start:
    """Open the assistant in a process of its own, with the settings of this environment.

    On Linux the largest memory is read from the new process's own map: `ru_maxrss` starts at that of the process
    that started it, however large.
    """
    done = subprocess.run([sys.executable, "-c", _START], check=True, capture_output=True, text=True)
    told = json.loads(done.stdout.splitlines()[-1])
    return Start(told["seconds"], told["megabytes"], tuple(told["heavy"]))


def measure_steps(knowledge: KnowledgeSettings, settings: AssistantSettings, questions: Sequence[str]) -> Steps:
    """Ask each question once; none of them may have been asked before in this process."""
    assistant = open_assistant(knowledge, settings)
    library, scope = assistant.library, Scope(on=settings.day)

    async def answers() -> list[float]:
        took = []
        for text in questions:
            begun = time.perf_counter()
            await assistant.ask(Question(text))
            took.append((time.perf_counter() - begun) * 1e3)
        return took

    try:
        embed = [_milliseconds(partial(library.embedder.embed_query, text)) for text in questions]
        find = [_milliseconds(partial(search, library, text, scope)) for text in questions]
        return Steps(median(embed), median(find), median(asyncio.run(answers())))
    finally:
        library.close()


def measure_growth(
    knowledge: KnowledgeSettings, scope: Scope, questions: Sequence[str], sizes: Sequence[int], progress: Progress
) -> Iterator[Size]:
    """Search libraries grown to each of the sizes, within the scope; embedding is left out."""
    embedder = open_embedder(knowledge)
    for size in sizes:
        with _grown(knowledge, embedder, size, progress) as folder:
            begun = time.perf_counter()
            library = Library(folder, embedder)
            opened = time.perf_counter() - begun
            try:
                yield _size(library, scope, questions, opened)
            finally:
                library.close()


def _size(library: Library, scope: Scope, questions: Sequence[str], opened: float) -> Size:
    for text in questions:
        search(library, text, scope)
    took = sorted(_milliseconds(partial(search, library, text, scope)) for text in questions)
    return Size(library.catalogue.count_passages(), opened, median(took), took[int(0.95 * (len(took) - 1))])


@contextmanager
def _grown(knowledge: KnowledgeSettings, embedder: Embedder, size: int, progress: Progress) -> Iterator[Path]:
    done = 0

    def report(more: int) -> None:
        nonlocal done
        done += more
        progress(f"grow to {size:,}", done, size)

    with tempfile.TemporaryDirectory() as kept:
        library = open_library(knowledge.library_dir, embedder)
        try:
            grow(library, Path(kept), size, report)
        finally:
            library.close()
        yield Path(kept)


def _milliseconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1e3
