"""`hkva ingest`: a person's own documents into the library and out of it; `hkva sources`: what we hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from knowledge.errors import NotHeld
from knowledge.records import source_to_json
from knowledge.settings import KnowledgeSettings
from knowledge.source import Source
from server.commands.build import build_from_corpus
from server.console import make_output, progress_bars
from server.settings import read_settings

if TYPE_CHECKING:
    from knowledge.ingestion import IngestReport

sources = typer.Typer(no_args_is_help=True, help="List and show the sources that answers rest on.")

_AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def ingest(
    inputs: Annotated[
        list[str], typer.Argument(help="Files, folders, JSONL corpora or http(s) URLs.", show_default=False)
    ],
    take_out: Annotated[bool, typer.Option("--remove", help="Take these paths, URLs or ids out instead.")] = False,
    as_json: _AsJson = False,
) -> None:
    """Add your own documents: txt, md, html, pdf, docx. What has not changed since is left as it is.

    Metadata may stand in front matter or beside a file in <name>.yaml: title, published, authority, kind, official.
    """
    # Imported here: they load the index and the model's runtime, which `hkva --help` should not wait for.
    from knowledge import ingestion
    from knowledge.embed import open_embedder
    from knowledge.library import read_current

    settings = read_settings(KnowledgeSettings)
    if read_current(settings.library_dir) is None:
        build_from_corpus(settings)
    embedder = open_embedder(settings)
    with progress_bars() as progress:
        if take_out:
            report = ingestion.remove(inputs, settings, embedder)
        else:
            report = ingestion.ingest(inputs, settings, embedder, progress)
    _print_json(report) if as_json else _print_report(report)
    if report.count("failed"):
        raise typer.Exit(1)


def _print_report(report: IngestReport) -> None:
    output = make_output()
    for row in report.rows:
        if row.reason and row.outcome != "skipped":
            output.print(f"{row.outcome}  {row.origin}: {row.reason}", markup=False)
    outcomes = dict.fromkeys(row.outcome for row in report.rows)
    counts = ", ".join(f"{report.count(outcome)} {outcome}" for outcome in outcomes) or "nothing found"
    output.print(f"{counts}. Library {report.version} is ready.", markup=False)


def _print_json(report: IngestReport) -> None:
    make_output().print_json(json.dumps(asdict(report), ensure_ascii=False))


@sources.command("list")
def list_sources(
    own: Annotated[bool, typer.Option("--own", help="Only your own documents.")] = False,
    official: Annotated[bool, typer.Option("--official", help="Only official texts.")] = False,
    publisher: Annotated[str, typer.Option(help="Only this publisher's.")] = "",
    as_json: _AsJson = False,
) -> None:
    """List what we hold, by id."""
    held = _read_sources(lambda one: (one.ingested or not own) and (one.official or not official))
    chosen = [one for one in held.values() if not publisher or one.publisher.lower() == publisher.lower()]
    if as_json:
        rows = [{**json.loads(source_to_json(one)), "text": None} for one in chosen]
        make_output().print_json(json.dumps(rows, ensure_ascii=False))
        return
    for one in chosen:
        # Plain lines: a table would cut ids short, and an id has to be copied whole.
        kind = f"{one.kind}{'' if one.official else ', not official'}"
        line = f"{one.id:<56} {one.published or 'undated':<10}  {one.publisher}: {one.title} ({kind})"
        make_output().print(line, markup=False)


@sources.command("show")
def show_source(
    source_id: Annotated[str, typer.Argument(help="Its id; see: hkva sources list")], as_json: _AsJson = False
) -> None:
    """Show one source with its text and where it comes from."""
    source = _read_sources(lambda one: one.id == source_id).get(source_id)
    if source is None:
        raise NotHeld(f"No source {source_id!r}. See: hkva sources list")
    output = make_output()
    if as_json:
        output.print_json(source_to_json(source))
        return
    official = "official" if source.official else "not official"
    lines = [source.title, f"{source.publisher}, {source.published or 'undated'}, {source.kind}, {official}"]
    lines += [source.url] if source.url else []
    lines += [f"read with: {one.title} ({one.publisher}) {one.url}" for one in source.supporting]
    output.print("\n".join([*lines, "", source.text.replace("\f", "\n")]), markup=False)


def _read_sources(wanted: Callable[[Source], bool]) -> dict[str, Source]:
    from knowledge.library import open_catalogue

    with closing(open_catalogue(read_settings(KnowledgeSettings).library_dir)) as catalogue:
        return {one.id: one for one in catalogue.sources().values() if wanted(one)}
