"""The commands that answer, as a person runs them: over the small library, in processes of their own."""

from __future__ import annotations

import json
import signal
import socket
import sys
import time
from pathlib import Path

import httpx
import pytest
from mcp import Client, StdioServerParameters

from assistant.state.store import open_state
from knowledge.library import Library
from knowledge.settings import KnowledgeSettings
from server.app import make_app
from server.cli import main
from server.service import Service
from server.settings import ServerSettings
from tests.server.fakes import ScriptedAssistant, running
from tests.server.processes import HKVA, serving

ROOT = Path(__file__).resolve().parents[2]
QUESTION = "When was Project Ensemble launched?"


def test_served_answers_are_cited_and_a_signal_ends_in_good_order(environment: dict[str, str]) -> None:
    with serving(environment) as (process, address), httpx.Client(base_url=address, timeout=30) as client:
        assert process.stdout is not None
        assert "curl " in process.stdout.readline()
        answer = client.post("/v1/chat", json={"question": QUESTION}).raise_for_status().json()
        assert answer["outcome"] == "answered"
        assert "[1]" in answer["answer"]
        assert answer["citations"][0]["id"] == "ensemble-launch-2024"
        client.close()
        process.send_signal(signal.SIGTERM)
        _, logged = process.communicate(timeout=20)
        assert process.returncode in (0, -signal.SIGTERM)
        assert QUESTION not in logged
        assert "Traceback" not in logged


async def test_mcp_answers_over_standard_streams(environment: dict[str, str]) -> None:
    server = StdioServerParameters(command=sys.executable, args=["-c", HKVA, "mcp"], env=environment)
    async with Client(server) as client:
        result = await client.call_tool("ask", {"question": QUESTION})
        missing = await client.call_tool("read_rule", {"rule_id": "no-such-rule"})
    assert isinstance(result.structured_content, dict)
    assert result.structured_content["answer"]["outcome"] == "answered"
    assert isinstance(missing.structured_content, dict)
    assert missing.structured_content["found"] is False


def _main(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], *arguments: str) -> int:
    for name, value in environment.items():
        if name.startswith("HKVA_"):
            monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["hkva", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_ask_prints_the_answer_with_numbered_sources(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], environment: dict[str, str]
) -> None:
    assert _main(monkeypatch, environment, "ask", QUESTION) == 0
    shown = capsys.readouterr().out
    assert "[1]" in shown.split("Sources:")[0]
    assert "\n[1] " in shown.split("Sources:")[1]


def test_ask_prints_json_for_the_day_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], environment: dict[str, str]
) -> None:
    assert _main(monkeypatch, environment, "ask", QUESTION, "--as-of", "2024-06-01", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["as_of"] == "2024-06-01"
    assert answer["citations"][0]["id"] == "ensemble-launch-2024"


@pytest.mark.parametrize("question", ["", " ", "x" * 2_001])
def test_ask_refuses_what_is_no_question_with_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], environment: dict[str, str], question: str
) -> None:
    assert _main(monkeypatch, environment, "ask", question) == 2
    assert "question" in capsys.readouterr().err


def test_chat_goes_on_after_a_question_that_cannot_be_taken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], environment: dict[str, str]
) -> None:
    typed = iter(["/as-of tomorrow", "/as-of 2026-11-01", QUESTION, "/help", "/new", "/quit"])
    monkeypatch.setattr("builtins.input", lambda: next(typed))
    assert _main(monkeypatch, environment, "chat") == 0
    shown = capsys.readouterr()
    assert "is no date" in shown.err
    assert "Sources:" in shown.out


def test_misspelt_setting_stops_the_server_before_it_listens(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], environment: dict[str, str]
) -> None:
    assert _main(monkeypatch, {**environment, "HKVA_PROT": "80"}, "serve") == 2
    assert "HKVA_PORT" in capsys.readouterr().err


def test_taken_port_and_open_host_without_key_are_told_in_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], environment: dict[str, str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert _main(monkeypatch, environment, "serve", "--port", str(taken.getsockname()[1])) == 2
    assert "HKVA_PORT" in capsys.readouterr().err
    assert _main(monkeypatch, environment, "serve", "--host", "0.0.0.0") == 2
    assert "hkva keys create" in capsys.readouterr().err


def test_stream_under_way_is_finished_when_the_server_is_told_to_end(
    small_knowledge: KnowledgeSettings, small_library: Library, tmp_path: Path
) -> None:
    assistant = ScriptedAssistant(small_library)
    url = f"sqlite:///{tmp_path}/state.sqlite"
    service = Service(small_knowledge, lambda: assistant, lambda: small_library, lambda: open_state(url))
    lines: list[str] = []
    with running(make_app(service, ServerSettings())) as (address, server), httpx.Client(base_url=address) as client:
        body = {"question": "slow", "stream": True}
        with client.stream("POST", "/v1/chat", json=body, timeout=20) as response:
            streamed = response.iter_lines()
            lines.append(next(streamed))
            server.should_exit = True
            time.sleep(0.3)
            assistant.go.set()
            lines += streamed
    assert "event: finished" in lines
