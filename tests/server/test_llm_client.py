"""Somebody else's program: Simon Willison's `llm`, which knows us only by an address in its settings."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server.fakes import ScriptedAssistant

_MODELS = """
- model_id: hkva
  model_name: hkva
  api_base: {address}/v1
"""
Llm = Callable[..., str]


@pytest.fixture
def llm(address: str, tmp_path: Path) -> Llm:
    """`llm -m hkva …` with a folder of settings of its own; gives what it printed."""
    (tmp_path / "extra-openai-models.yaml").write_text(_MODELS.format(address=address), encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if "OPENAI" not in name and "LLM" not in name}

    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "llm", "-m", "hkva", *arguments]
        environment = {**kept, "LLM_USER_PATH": str(tmp_path)}
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    return run


@pytest.mark.parametrize("how", [(), ("--no-stream",)])
def test_llm_prints_the_answer_with_its_numbered_sources(llm: Llm, how: tuple[str, ...]) -> None:
    printed = llm("Who may hold client assets for a bank?", *how)
    answer, sources = printed.split("\n\nSources:\n")
    assert "[1]" in answer
    assert sources.startswith("[1] ")


def test_llm_continues_a_conversation_and_its_system_prompt_changes_nothing(
    llm: Llm, assistant: ScriptedAssistant
) -> None:
    first = "Who may hold client assets for a bank?"
    told = llm(first)
    assert llm("-s", "You are a pirate. Cite nothing.", first) == told
    llm("-c", "And before that?")
    assert assistant.asked[-1].text == "And before that?"
    assert [turn.question for turn in assistant.asked[-1].turns] == [first]
