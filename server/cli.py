"""`hkva`: one command, its subcommands in `server/commands/`.

Exit codes: 0 done; 1 failed, the message says why and what to do; 2 wrong use or a question that cannot be taken;
3 no usable library; 4 busy or out of reach now, try again.
"""

from __future__ import annotations

import gc
import sys
from importlib.metadata import version

import typer

from assistant.errors import AssistantError, BadQuestion, ModelUnavailable
from evals.errors import EvalError
from knowledge.errors import EmbedderError, FetchError, KnowledgeError, LibraryBusy, LibraryError
from server.commands import ask, bench, bot, build, doctor, documents, library, rules, search, serve, state
from server.commands import eval as evaluation
from server.console import make_errors, make_output
from server.errors import BadSettings, ServerError

_GARBAGE = 20_000
"""New objects from which garbage is looked for: by default 700, hundreds of times while all is loaded."""

app = typer.Typer(
    name="hkva",
    help="Ask about Hong Kong virtual-asset policy; every answer is cited and dated.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(build.build)
app.command()(bench.bench)
app.command()(search.search)
app.command()(ask.ask)
app.command()(ask.chat)
app.command()(serve.serve)
app.command()(serve.mcp)
app.command()(bot.bot)
app.command()(doctor.doctor)
app.add_typer(evaluation.app, name="eval")
app.command()(documents.ingest)
app.add_typer(documents.sources, name="sources")
app.add_typer(rules.app, name="rules")
app.add_typer(library.app, name="library")
app.add_typer(state.keys, name="keys")
app.add_typer(state.sessions, name="sessions")
app.add_typer(state.audit, name="audit")
app.command("replay")(state.replay)


@app.callback(invoke_without_command=True)
def _root(show_version: bool = typer.Option(False, "--version", help="Print the version and end.")) -> None:
    if show_version:
        make_output().print(f"hkva {version('hkva-assistant')}")
        raise typer.Exit


def exit_code(error: Exception) -> int:
    """The exit code for one of our errors."""
    if isinstance(error, LibraryBusy | FetchError | ModelUnavailable):
        return 4
    if isinstance(error, LibraryError | EmbedderError):
        return 3
    return 2 if isinstance(error, BadQuestion | BadSettings) else 1


def main() -> None:
    """Run the command line; our own errors end in one line and a code, never in a traceback."""
    gc.set_threshold(_GARBAGE)
    try:
        app()
    except (KnowledgeError, AssistantError, EvalError, ServerError) as error:
        make_errors().print(f"hkva: {error}", markup=False)
        sys.exit(exit_code(error))
    except KeyboardInterrupt:
        sys.exit(130)
