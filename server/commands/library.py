"""`hkva library`: the library's versions, here and between machines."""

from __future__ import annotations

from typing import Annotated

import typer

from knowledge.settings import KnowledgeSettings
from server.console import make_output, progress_bars
from server.settings import read_settings

app = typer.Typer(no_args_is_help=True, help="Library versions: list, go back, push to and pull from a shared place.")

_Address = Annotated[
    str, typer.Argument(help="A folder, or an address that fsspec knows (s3://…, gs://…, https://… to pull).")
]


@app.command("list")
def list_held() -> None:
    """Show the versions held here, newest first; the current one has a star."""
    from knowledge.exchange import list_versions  # here: `hkva --help` should not wait for the index

    output = make_output()
    for one in list_versions(read_settings(KnowledgeSettings).library_dir):
        output.print(f"{'*' if one.current else ' '} {one.name}  {one.made:%Y-%m-%d %H:%M} UTC", markup=False)


@app.command()
def push(address: _Address) -> None:
    """Copy the current version to a shared place and make it the current one there."""
    from knowledge.exchange import push as push_version

    with progress_bars() as report:
        version = push_version(read_settings(KnowledgeSettings).library_dir, address, report)
    make_output().print(f"Pushed {version} to {address}", markup=False)


@app.command()
def pull(
    address: _Address,
    version: Annotated[str | None, typer.Option(help="This version instead of the current one there.")] = None,
) -> None:
    """Fetch a version from a shared place; a server that runs goes over to it without a restart."""
    from knowledge.exchange import pull as pull_version

    with progress_bars() as report:
        pulled = pull_version(read_settings(KnowledgeSettings).library_dir, address, version, report)
    make_output().print(f"Library {pulled} is current", markup=False)


@app.command()
def rollback(
    version: Annotated[str | None, typer.Argument(help="Version to go back to; else the newest other one.")] = None,
) -> None:
    """Make an earlier version the current one again."""
    from knowledge.exchange import roll_back

    chosen = roll_back(read_settings(KnowledgeSettings).library_dir, version)
    make_output().print(f"Library {chosen} is current", markup=False)
