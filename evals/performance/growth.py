"""How search, memory, start-up and taking in one more document change as a library grows.

Each size is opened and searched in a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from evals.performance.grown import grow
from evals.performance.memory import largest_megabytes
from knowledge.embed import Embedder, open_embedder
from knowledge.gather import Upload
from knowledge.ingestion import ingest
from knowledge.library import Library, open_library, point_to
from knowledge.passage import Scope
from knowledge.retrieval import search
from knowledge.settings import KnowledgeSettings

Progress = Callable[[str, int, int], None]
_DOCUMENT = "# Ferries\n\nA ferry of the outer islands carries at most 31 goats, and each of them needs a ticket.\n"


@dataclass(frozen=True, slots=True)
class Size:
    """A grown library: its passages, seconds to open it and make a first search, the largest memory, and
    milliseconds of a search (embedding left out) and seconds to take in one more document."""

    passages: int
    ready_s: float
    megabytes: float
    search: float
    search_p95: float
    ingest_s: float


def measure_growth(
    knowledge: KnowledgeSettings, questions: Sequence[str], sizes: Sequence[int], progress: Progress
) -> Iterator[Size]:
    """Search libraries grown to each of the sizes."""
    embedder = open_embedder(knowledge)
    for size in sizes:
        with _grown(knowledge, embedder, size, progress) as own:
            command = [sys.executable, "-m", "evals.performance.growth", str(own.library_dir / "versions" / "grown")]
            done = subprocess.run(command, check=True, capture_output=True, text=True, input=json.dumps([*questions]))
            begun = time.perf_counter()
            ingest([Upload("ferries.md", _DOCUMENT.encode())], own, embedder)
            yield Size(**json.loads(done.stdout), ingest_s=time.perf_counter() - begun)


@contextmanager
def _grown(
    knowledge: KnowledgeSettings, embedder: Embedder, size: int, progress: Progress
) -> Iterator[KnowledgeSettings]:
    """Settings of a data folder with a library of so many passages."""
    done = 0

    def report(more: int) -> None:
        nonlocal done
        done += more
        progress(f"grow to {size:,}", done, size)

    with tempfile.TemporaryDirectory() as kept:
        own = knowledge.model_copy(update={"data_dir": Path(kept)})
        folder = own.library_dir / "versions" / "grown"
        folder.mkdir(parents=True)
        with closing(open_library(knowledge.library_dir, embedder)) as library:
            grow(library, folder, size, report)
        point_to(own.library_dir, "grown")
        yield own


def search_in(folder: Path, questions: Sequence[str]) -> dict[str, float]:
    """Open the version in `folder` and search it: what `Size` holds of it but for the taking in."""
    embedder = open_embedder(KnowledgeSettings())
    for text in questions:
        embedder.embed_query(text)
    begun = time.perf_counter()
    with closing(Library(folder, embedder)) as library:
        search(library, questions[0], Scope())
        ready = time.perf_counter() - begun
        for text in questions:
            search(library, text, Scope())
        took = sorted(milliseconds(partial(search, library, text, Scope())) for text in questions)
        passages = library.catalogue.count_passages()
    p95 = took[int(0.95 * (len(took) - 1))]
    return {
        "passages": passages, "ready_s": ready, "megabytes": largest_megabytes(),
        "search": median(took), "search_p95": p95,
    }  # fmt: skip


def milliseconds(work: Callable[[], object]) -> float:
    """How long a call takes."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1e3


if __name__ == "__main__":
    sys.stdout.write(json.dumps(search_in(Path(sys.argv[1]), json.load(sys.stdin))))
