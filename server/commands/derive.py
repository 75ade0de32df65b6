"""`hkva rules derive`: draft rules from a document, verified against it, for a person to review."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from assistant.chat_model import open_chat_model
from assistant.model_settings import ModelSettings
from assistant.settings import EXTRACTIVE, AssistantSettings
from knowledge.errors import NotHeld
from knowledge.settings import KnowledgeSettings
from server.console import make_output, progress_bars
from server.errors import BadSettings
from server.settings import read_settings


def derive(
    source_id: Annotated[str, typer.Argument(metavar="SOURCE", help="Id of a source; see: hkva sources list")],
    out: Annotated[Path | None, typer.Option(help="Folder for the drafts; default drafts/ in the data folder.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; show what a new derivation changes.")] = False,
) -> None:
    """Draft rules from a source with the chat model. Quotes and figures are verified; a person reviews the YAML.

    Needs HKVA_MODEL=provider:name. With --check, ends with code 1 where the drafts would differ.
    """
    # Imported here: they load YAML, Pydantic models and the catalogue, which `hkva --help` should not wait for.
    from assistant import draft_file
    from assistant.derive import derive as derive_rules
    from knowledge.library import open_catalogue

    model = read_settings(AssistantSettings).model
    if model == EXTRACTIVE:
        raise BadSettings("Deriving rules needs a chat model. Set HKVA_MODEL=provider:name and its key.")
    settings = read_settings(KnowledgeSettings)
    with closing(open_catalogue(settings.library_dir)) as catalogue:
        sources, rules = catalogue.sources(), catalogue.rules()
    source = sources.get(source_id)
    if source is None:
        raise NotHeld(f"No source {source_id!r}. See: hkva sources list")
    chat = open_chat_model(model, read_settings(ModelSettings))
    with progress_bars() as report:
        derivation = asyncio.run(derive_rules(source, rules, chat, lambda done, of: report("deriving", done, of)))
    files = draft_file.to_files(derivation, source)
    folder = out or settings.data_dir / "drafts" / source.id.replace("/", "_").replace(":", "_")
    output = make_output()
    counts = f"{len(derivation.drafts)} drafts, {len(derivation.refused)} refused, {derivation.calls} calls"
    if check:
        changed = draft_file.difference(files, folder)
        output.print(changed or "Nothing would change.", markup=False)
        raise typer.Exit(1 if changed else 0)
    draft_file.write_drafts(files, folder)
    output.print(f"{counts}. Review {folder}, then move what is right into the corpus.", markup=False)
