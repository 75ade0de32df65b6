from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from assistant import assembly
from assistant.answer import Answer, Outcome, Receipt
from assistant.errors import NotFound
from assistant.events import Event, Finished
from assistant.question import Question
from assistant.state.store import open_state, url_in
from server.commands import state as commands

_APP = typer.Typer()
_APP.add_typer(commands.keys, name="keys")
_APP.add_typer(commands.sessions, name="sessions")
_APP.add_typer(commands.audit, name="audit")
_APP.command()(commands.replay)


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HKVA_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("HKVA_STATE_URL", raising=False)
    return tmp_path


def _run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(_APP, list(arguments))
    assert result.exit_code == code, result.output
    return result.stdout


async def _store(data_dir: Path) -> tuple[str, str]:
    answer = Answer("ans_1", Outcome.ANSWERED, "Said", "en", date(2026, 11, 23), receipt=Receipt("lib1", "extractive"))
    async with open_state(url_in(data_dir)) as state:
        session = await state.sessions.begin(None, owner="ann", channel="api")
        await state.answers.store(session, Question("q"), answer)
    return session, answer.id


def test_key_is_printed_once_and_listed_without_its_token() -> None:
    token = _run("keys", "create", "team [chat]", "--scope", "chat", "--scope", "ingest", "--days", "30").strip()
    assert re.fullmatch(r"hkva_[\w-]{43}", token)
    listed = _run("keys", "list")
    assert token not in listed
    assert "team [chat]  chat ingest  never used" in listed
    key = json.loads(_run("keys", "list", "--json"))[0]
    assert (key["scopes"], key["revoked_at"]) == (["chat", "ingest"], None)


def test_revoked_key_is_shown_as_such_and_an_unknown_one_refused() -> None:
    key = json.loads(_run("keys", "create", "team", "--json", "--requests-per-minute", "5"))
    assert (key["scopes"], key["requests_per_minute"]) == (["chat"], 5)
    _run("keys", "revoke", key["id"])
    assert "revoked" in _run("keys", "list")
    assert isinstance(CliRunner().invoke(_APP, ["keys", "revoke", "key_unknown"]).exception, NotFound)


def test_scope_that_does_not_exist_is_wrong_use() -> None:
    assert "none of chat, ingest, admin" in CliRunner().invoke(_APP, ["keys", "create", "x", "--scope", "root"]).output
    _run("keys", "create", "x", "--scope", "root", code=2)


def test_sessions_are_listed_and_forgotten(data_dir: Path) -> None:
    session, _ = asyncio.run(_store(data_dir))
    assert f"{session}  ann  api  1 answers" in _run("sessions", "list")
    assert json.loads(_run("sessions", "list", "--owner", "bob", "--json")) == []
    assert "0 sessions" in _run("sessions", "forget", "--unused-days", "1")
    assert "1 session is" in _run("sessions", "forget", session)
    _run("sessions", "forget", session, code=1)
    _run("sessions", "forget", code=2)
    _run("sessions", "forget", session, "--unused-days", "1", code=2)


def test_trail_is_exported_and_verified_also_from_the_export(tmp_path: Path) -> None:
    _run("keys", "create", "one")
    _run("keys", "create", "two")
    result = CliRunner().invoke(_APP, ["audit", "export"])
    head = result.stderr.split()[-1]
    export = tmp_path / "trail.jsonl"
    export.write_text(result.stdout)
    assert "whole" in _run("audit", "verify")
    assert "whole" in _run("audit", "verify", str(export), "--head", head)
    export.write_text(result.stdout.splitlines()[0] + "\n")
    assert "cut off" in _run("audit", "verify", str(export), "--head", head, code=1)
    export.write_text(result.stdout.replace('"one"', '"uno"'))
    assert "was changed" in _run("audit", "verify", str(export), code=1)


def test_replay_tells_what_would_be_said_now_and_why(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Fixed:
        async def stream(self, question: Question) -> AsyncIterator[Event]:
            yield Finished(
                Answer("ans_2", Outcome.ANSWERED, "New", "en", date(2026, 11, 23), receipt=Receipt("lib2", "x"))
            )

    _, answer_id = asyncio.run(_store(data_dir))
    monkeypatch.setattr(assembly, "open_assistant", lambda knowledge, settings: Fixed())
    shown = _run("replay", answer_id)
    assert "worded otherwise" in shown
    assert "The library was lib1 and is lib2." in shown
    replayed = json.loads(_run("replay", answer_id, "--json"))
    assert (replayed["same"], replayed["then"]["text"], replayed["now"]["text"]) == (False, "Said", "New")
