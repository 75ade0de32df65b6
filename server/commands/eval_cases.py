"""`hkva eval harvest` and `draft`: cases out of feedback, and out of a person's own documents."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from assistant.settings import AssistantSettings
from evals.case import Case
from evals.case_output import add_cases
from evals.errors import CaseError
from knowledge.settings import KnowledgeSettings
from server.console import make_errors, make_output, progress_bars
from server.settings import read_settings


def harvest(
    out: Annotated[Path, typer.Argument(help="Case file to add to.")],
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only what was said from then on.")
    ] = None,
) -> None:
    """Turn thumbs-down and comments into draft cases, for a person to review."""
    from assistant.state.store import open_state, url_in
    from evals.harvest import harvest as harvest_from

    settings = read_settings(AssistantSettings)
    url = settings.state_url or url_in(read_settings(KnowledgeSettings).data_dir)
    begins = since.replace(tzinfo=UTC) if since else None

    async def work() -> list[Case]:
        async with open_state(url) as state:
            return await harvest_from(state, begins)

    _add(out, asyncio.run(work()))


def draft(
    out: Annotated[Path, typer.Argument(help="Case file to add to.")],
    model: Annotated[str, typer.Option(help="Chat model that drafts: `provider:name`.")],
    each: Annotated[int, typer.Option(min=1, max=50, help="How many cases a document.")] = 5,
    prefix: Annotated[str, typer.Option(help="Only documents whose id begins so, such as own/contracts/.")] = "",
) -> None:
    """Draft cases for your own ingested documents with a chat model, each checked against its document."""
    from assistant.chat_model import open_chat_model
    from assistant.model_settings import ModelSettings
    from evals.drafting import draft_cases
    from knowledge.embed import open_embedder
    from knowledge.library import open_library

    knowledge = read_settings(KnowledgeSettings)
    opened = open_chat_model(model, read_settings(ModelSettings))
    library = open_library(knowledge.library_dir, open_embedder(knowledge), knowledge.chroma)
    sources = [one for _, one in sorted(library.sources.items()) if one.ingested and one.id.startswith(prefix)]
    library.close()
    if not sources:
        raise CaseError("The library holds no such documents of your own. Run: hkva ingest FOLDER")

    async def work() -> list[Case]:
        cases: list[Case] = []
        with progress_bars() as progress:
            for number, source in enumerate(sources):
                progress("draft", number, len(sources))
                drafted = await draft_cases(opened, source, each)
                cases += drafted.cases
                for reason in drafted.dropped:
                    make_errors().print(f"dropped, {source.id}: {reason}", markup=False)
            progress("draft", len(sources), len(sources))
        return cases

    _add(out, asyncio.run(work()))


def _add(out: Path, cases: list[Case]) -> None:
    added = add_cases(out, cases)
    make_output().print(f"{added} new draft cases in {out}. Review them, then remove their tag `draft`.", markup=False)
