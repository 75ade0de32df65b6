"""`hkva keys`, `hkva sessions`, `hkva audit` and `hkva replay`: what is kept between questions.

The state's modules are imported where they are used: they load a database toolkit that `hkva --help` need not wait for.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from assistant.answer_json import answer_to_json
from assistant.settings import AssistantSettings
from knowledge.settings import KnowledgeSettings
from server.console import make_errors, make_output
from server.errors import ServerError
from server.settings import read_settings

if TYPE_CHECKING:
    from assistant.receipts import Replay
    from assistant.state.keys import Key
    from assistant.state.sessions import Session
    from assistant.state.store import State

keys = typer.Typer(no_args_is_help=True, help="Make, list and revoke the keys that callers send.")
sessions = typer.Typer(no_args_is_help=True, help="List and forget sessions with their answers.")
audit = typer.Typer(no_args_is_help=True, help="Export and verify the trail of what was done.")

_T = TypeVar("_T")
_AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_SCOPES = ("chat", "ingest", "admin")
_BY = "command line"


@keys.command("create")
def create_key(
    label: Annotated[str, typer.Argument(help="What the key is for, in your words.")],
    scope: Annotated[list[str] | None, typer.Option(help="chat, ingest or admin; may be repeated.")] = None,
    requests_per_minute: Annotated[int | None, typer.Option(min=1, help="Instead of the server's limit.")] = None,
    concurrent: Annotated[int | None, typer.Option(min=1, help="Requests at once, instead of the server's.")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="End after so many days.")] = None,
    as_json: _AsJson = False,
) -> None:
    """Make a key and print it, once."""
    scopes = scope or ["chat"]
    unknown = sorted(set(scopes) - set(_SCOPES))
    if unknown:
        raise typer.BadParameter(f"{unknown[0]} is none of {', '.join(_SCOPES)}", param_hint="--scope")

    async def work(state: State) -> tuple[Key, str]:
        from assistant.state.keys import KeyScope

        expires_at = None if days is None else state.database.clock() + timedelta(days=days)
        return await state.keys.create(
            label,
            [KeyScope(one) for one in scopes],
            requests_per_minute=requests_per_minute,
            concurrent=concurrent,
            expires_at=expires_at,
            by=_BY,
        )

    key, token = _with_state(work)
    if as_json:
        _print_json({**_key_json(key), "token": token})
        return
    make_errors().print(f"{key.id}: keep this key, it is not shown again.", markup=False)
    make_output().print(token, markup=False)


@keys.command("list")
def list_keys(as_json: _AsJson = False) -> None:
    """List all keys, also revoked ones."""
    held = _with_state(lambda state: state.keys.list())
    if as_json:
        _print_json([_key_json(key) for key in held])
        return
    _print_rows([(key.id, key.label, " ".join(sorted(key.scopes)), _use_of(key)) for key in held], "No keys.")


@keys.command("revoke")
def revoke_key(key_id: Annotated[str, typer.Argument(help="Its id; see: hkva keys list")]) -> None:
    """Make a key useless from now on."""
    _with_state(lambda state: state.keys.revoke(key_id, by=_BY))
    make_output().print(f"{key_id} is revoked.", markup=False)


@sessions.command("list")
def list_sessions(
    owner: Annotated[str | None, typer.Option(help="Only this owner's.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 50,
    as_json: _AsJson = False,
) -> None:
    """List sessions, the last used first."""
    held = _with_state(lambda state: state.sessions.list(owner=owner, limit=limit))
    if as_json:
        _print_json([_plain(session) for session in held])
        return
    _print_rows([_session_row(session) for session in held], "No sessions.")


@sessions.command("forget")
def forget_sessions(
    session_ids: Annotated[list[str] | None, typer.Argument(help="Their ids.", show_default=False)] = None,
    unused_days: Annotated[int | None, typer.Option(min=0, help="Those unused for so many days.")] = None,
) -> None:
    """Delete sessions with their answers and feedback, for good."""
    if bool(session_ids) == (unused_days is not None):
        raise typer.BadParameter("Name sessions, or give --unused-days.")

    async def work(state: State) -> int:
        if unused_days is not None:
            before = state.database.clock() - timedelta(days=unused_days)
            return await state.sessions.forget_unused_since(before, by=_BY)
        return sum([await state.sessions.forget(session_id, by=_BY) for session_id in session_ids or ()])

    number = _with_state(work)
    make_output().print(f"{number} {'session is' if number == 1 else 'sessions are'} forgotten.")
    if number == 0 and session_ids:
        raise typer.Exit(1)


@audit.command("export")
def export_audit() -> None:
    """Print the trail, one JSON object a line; the last digest goes to standard error, to be kept elsewhere."""
    output = make_output()

    async def work(state: State) -> str:
        head = ""
        async for entry in state.audit.export():
            output.print(entry.to_json(), markup=False)
            head = entry.digest
        return head

    make_errors().print(f"head {_with_state(work) or 'none'}")


@audit.command("verify")
def verify_audit(
    path: Annotated[Path | None, typer.Argument(help="An export; the database where none is given.")] = None,
    head: Annotated[str | None, typer.Option(help="The last digest, as kept from an export.")] = None,
) -> None:
    """Check that nothing in the trail was changed, taken out or put in."""
    findings = _with_state(lambda state: state.audit.verify(head)) if path is None else _check_export(path, head)
    for finding in findings:
        make_output().print(finding, markup=False)
    if findings:
        raise typer.Exit(1)
    make_output().print("The trail is whole.")


def replay(
    answer_id: Annotated[str, typer.Argument(help="Id of the answer: ans_…")],
    today: Annotated[bool, typer.Option("--today", help="Ask for today, not for the date it was for.")] = False,
    as_json: _AsJson = False,
) -> None:
    """Ask a stored answer's question again: would the same be said, and if not, why?"""
    from assistant.assembly import open_assistant
    from assistant.receipts import replay as ask_again

    async def work(state: State) -> Replay:
        await state.answers.get(answer_id)
        assistant = open_assistant(read_settings(KnowledgeSettings), read_settings(AssistantSettings))
        return await ask_again(assistant, state, answer_id, today=today)

    replayed = _with_state(work)
    if as_json:
        _print_json(_replay_json(replayed))
        return
    output = make_output()
    output.print("The same would be said." if replayed.same else "Something else would be said:")
    for difference in replayed.differences:
        output.print(f"  {difference.message}", markup=False)
    for cause in replayed.causes:
        output.print(f"  Changed since: {cause.message}", markup=False)
    if replayed.stored.answer.text != replayed.new.text:
        output.print(f"\nThen:\n{replayed.stored.answer.text}\n\nNow:\n{replayed.new.text}", markup=False)


def _with_state(work: Callable[[State], Awaitable[_T]]) -> _T:
    from assistant.state.store import open_state, url_in

    url = read_settings(AssistantSettings).state_url or url_in(read_settings(KnowledgeSettings).data_dir)

    async def run() -> _T:
        async with open_state(url) as state:
            return await work(state)

    return asyncio.run(run())


def _check_export(path: Path, head: str | None) -> list[str]:
    from assistant.state.audit import check_trail, read_trail

    try:
        return check_trail(read_trail(path.read_text(encoding="utf-8").splitlines()), head)
    except (OSError, ValueError) as error:
        raise ServerError(f"{path} cannot be read as an export of the trail: {error}") from error


def _use_of(key: Key) -> str:
    if key.revoked_at is not None:
        return f"revoked {key.revoked_at:%Y-%m-%d}"
    if key.expires_at is not None and key.expires_at <= datetime.now(UTC):
        return f"ended {key.expires_at:%Y-%m-%d}"
    return f"used {key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never used"


def _session_row(session: Session) -> tuple[str, ...]:
    used = f"{session.last_used_at:%Y-%m-%d %H:%M}"
    return (session.id, session.owner, session.channel, f"{session.turns} answers", used)


def _key_json(key: Key) -> dict[str, Any]:
    return {**_plain(key), "scopes": sorted(key.scopes)}


def _replay_json(replayed: Replay) -> dict[str, Any]:
    return {
        "same": replayed.same,
        "differences": [asdict(one) for one in replayed.differences],
        "causes": [asdict(one) for one in replayed.causes],
        "then": answer_to_json(replayed.stored.answer),
        "now": answer_to_json(replayed.new),
    }


def _plain(record: Key | Session) -> dict[str, Any]:
    values = {field.name: getattr(record, field.name) for field in fields(record)}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _print_rows(rows: list[tuple[str, ...]], none: str) -> None:
    output = make_output()
    for row in rows:
        output.print("  ".join(row), markup=False)
    if not rows:
        make_errors().print(none)


def _print_json(value: Any) -> None:
    make_output().print_json(json.dumps(value, ensure_ascii=False))
