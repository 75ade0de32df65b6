"""`hkva bench`: how fast and how small this is, on this machine."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from assistant.settings import AssistantSettings
from knowledge.settings import KnowledgeSettings
from server.console import Report, make_output, progress_bars
from server.settings import read_settings

if TYPE_CHECKING:
    from evals.performance.peers import Retriever
    from evals.performance.serving import Serving

_QUESTIONS = 40
_HKVA = "import sys; from server.cli import main; sys.argv[0] = 'hkva'; main()"


def bench(
    sizes: Annotated[str, typer.Option(help="Passages to grow the library to, separated by commas.")] = "1000,10000",
    questions: Annotated[int, typer.Option(min=1, help="Shipped questions to ask.")] = _QUESTIONS,
    clients: Annotated[str, typer.Option(help="Numbers of clients at the same time, by commas.")] = "1,8,64",
    requests: Annotated[int, typer.Option(min=1, help="Requests to each endpoint by each number of clients.")] = 120,
    workers: Annotated[int, typer.Option(min=1, help="Processes of each endpoint.")] = 1,
    built: Annotated[int, typer.Option(min=4, help="Passages to build from, against the raw encoder.")] = 200,
    peers: Annotated[Path | None, typer.Option(help="A Python with other retrievers, to compare on --set.")] = None,
    sets: Annotated[list[Path] | None, typer.Option("--set", help="A retrieval set's folder; repeat for more.")] = None,
    charts: Annotated[Path | None, typer.Option(help="A folder to draw charts into.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure start-up, memory, the steps of an answer, serving, building, and search as the library grows.

    Best on a quiet machine; what to compare are ratios of one run. With --set, our retriever is measured on retrieval
    sets, and with --peers beside those of LangChain, LlamaIndex, Haystack and txtai.
    """
    counts, at_once = _counts(sizes, "--sizes"), _counts(clients, "--clients")
    if peers and not sets:
        raise typer.BadParameter("Name a retrieval set to compare on: --set FOLDER", param_hint="--peers")
    with progress_bars() as report:
        parts = _measured(counts, questions, at_once, requests, workers, built, report)
        parts["peers"] = _peers(peers, sets or [], report)
    if charts:
        from evals.performance.charts import draw

        draw(charts, parts["growth"], parts["serving"], parts["peers"])
    _print(parts, as_json)


def _measured(
    sizes: list[int], questions: int, clients: list[int], requests: int, workers: int, built: int, report: Report
) -> dict[str, Any]:
    # Imported here: they load the index and the model's runtime, which `hkva --help` should not wait for.
    from evals.performance.bench import measure_start, measure_steps
    from evals.performance.building import measure_building
    from evals.performance.growth import measure_growth
    from knowledge.embed import open_embedder
    from knowledge.library import open_catalogue

    knowledge, settings = read_settings(KnowledgeSettings), read_settings(AssistantSettings)
    texts = _shipped_questions()
    chosen = texts[:: max(1, len(texts) // questions)][:questions]
    catalogue = open_catalogue(knowledge.library_dir)
    passages = [passage for passage in catalogue.all_passages() if passage.kind != "ask"]
    catalogue.close()
    report("start, and the steps of an answer", 0, 1)
    parts: dict[str, Any] = {"start": measure_start(), "steps": measure_steps(knowledge, settings, chosen)}
    report("load over loopback", 0, 1)
    parts["serving"] = _serving(texts[: requests * len(clients) + 20], clients, workers)
    report("build", 0, 1)
    step = max(1, len(passages) // built)
    parts["building"] = measure_building(open_embedder(knowledge), passages[::step][:built])
    parts["growth"] = list(measure_growth(knowledge, chosen, sizes, report))
    return parts


def _serving(texts: list[str], clients: list[int], workers: int) -> list[Serving]:
    """`/v1/chat` beside a bare embedding, each in so many processes."""
    from evals.performance.serving import Endpoint, measure_serving
    from server.embedding_only import PATH, SAYS
    from server.main import SAYS as WE_SAY

    count = str(workers)
    return measure_serving(
        Endpoint((sys.executable, "-m", "server.embedding_only", count), SAYS, PATH),
        Endpoint((sys.executable, "-c", _HKVA, "serve", "--port", "0", "--workers", count), WE_SAY, "/v1/chat"),
        texts,
        clients,
    )


def _shipped_questions() -> list[str]:
    """The questions of the shipped cases, each once, categories and languages mixed."""
    from evals.case_file import read_suite

    texts = list(dict.fromkeys(case.question for case in read_suite("all") if not case.turns))
    return [text for part in range(7) for text in texts[part::7]]


def _peers(python: Path | None, folders: list[Path], report: Report) -> list[Retriever]:
    if not folders:
        return []
    import tempfile
    from contextlib import closing

    from evals.performance.peer_script import PEERS
    from evals.performance.peers import compare_peers
    from evals.retrieval.retrieval_set import read_set
    from knowledge.embed import open_embedder
    from knowledge.vector_cache import VectorCache

    embedder = open_embedder(read_settings(KnowledgeSettings))
    found: list[Retriever] = []
    kept = Path(tempfile.gettempdir()) / "hkva-bench-vectors.sqlite"
    with closing(VectorCache(kept, embedder)) as cache:
        for folder in folders:
            names = tuple(PEERS) if python else ()
            found += compare_peers(
                read_set(folder),
                embedder,
                cache,
                str(python),
                names,
                lambda name, folder=folder: report(f"{folder.name}: {name}", 0, 1),  # type: ignore[misc]
            )
    return found


def _print(parts: dict[str, Any], as_json: bool) -> None:
    if as_json:
        told = {
            name: [asdict(one) for one in part] if isinstance(part, list) else asdict(part)
            for name, part in parts.items()
        }
        make_output().print_json(json.dumps(told))
        return
    from server.bench_table import building_rows, growth_rows, peer_rows, serving_rows, start_rows, step_rows

    table = Table("what", "measured", "bar", box=None, show_edge=False)
    for rows in (
        start_rows(parts["start"]),
        step_rows(parts["steps"]),
        serving_rows(parts["serving"]),
        building_rows(parts["building"]),
        growth_rows(parts["growth"]),
        peer_rows(parts["peers"]),
    ):
        for row in rows:
            table.add_row(*row)
    make_output().print(table)


def _counts(text: str, option: str) -> list[int]:
    try:
        counts = [int(one) for one in text.split(",") if one.strip()]
    except ValueError:
        raise typer.BadParameter(f"{text} is no list of numbers like 1,10", param_hint=option) from None
    if not counts or any(one < 1 for one in counts):
        raise typer.BadParameter("A number is at least 1.", param_hint=option)
    return counts
