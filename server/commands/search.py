"""`hkva search`: the records nearest to a question, without an answer."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Annotated

import typer
from rich.table import Table

from assistant.errors import BadQuestion
from knowledge.passage import Hit, Scope
from knowledge.rule import Rule
from knowledge.settings import KnowledgeSettings
from server.console import make_output
from server.settings import read_settings


def search(
    query: Annotated[str, typer.Argument(help="What to look for, in English or Chinese.")],
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many records.")] = 10,
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="As it stood on this day.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the rules and passages nearest to a query."""
    # Imported here: they load the index and the model's runtime, which `hkva --help` should not wait for.
    from knowledge.embed import open_embedder
    from knowledge.library import open_library
    from knowledge.retrieval import search as search_library

    if not query.strip():
        raise BadQuestion("The query is empty. Write what to look for.")
    settings = read_settings(KnowledgeSettings)
    library = open_library(settings.library_dir, open_embedder(settings), settings.chroma)
    hits = search_library(library, query, Scope(on=as_of.date() if as_of else date.today()), limit)
    rows = [_row(hit, library.rules) for hit in hits]
    library.close()
    if as_json:
        make_output().print_json(json.dumps(rows, ensure_ascii=False))
        return
    table = Table("#", "score", "record", "text", box=None, show_edge=False)
    for row in rows:
        table.add_row(str(row["rank"]), f"{row['score']:.2f}", str(row["id"]), str(row["text"]))
    make_output().print(table)


def _row(hit: Hit, rules: dict[str, Rule]) -> dict[str, object]:
    """A hit as shown: a rule by its statement in the language that it was found in, a section by its text."""
    rule = rules.get(hit.passage.record)
    text = rule.statement["en" if hit.language == "en" else "zh-Hans"] if rule else hit.passage.text
    return {"rank": hit.rank, "id": hit.passage.record, "score": hit.score, "language": hit.language, "text": text}
