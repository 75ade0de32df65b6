from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from server.bots.message import Platform
from tests.fakes.chats import PLATFORMS, open_chat, text_of

ROOT = Path(__file__).resolve().parents[3]
_SCRIPT = Path(__file__).with_name("killed_bot.py")
_STAGES = 5


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_bot_killed_at_any_stage_answers_each_question_exactly_once(
    platform: Platform, state_url: str, tmp_path: Path
) -> None:
    async with open_chat(platform) as chat:
        child = await asyncio.create_subprocess_exec(
            sys.executable, str(_SCRIPT), platform, chat.server.url, state_url, str(tmp_path),
            env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, logged = await asyncio.wait_for(child.communicate(), 240)
        assert child.returncode == 0, logged.decode()
        shown = chat.shown()
    for number in range(1, _STAGES + 1):
        assert len([one for one in shown if f"On “{text_of(number)}”" in one]) == 1
    left = [one for one in shown if "HK$5 million" not in one]
    # Telegram and Teams do not let us look whether a first message was sent, so it may be sent again; never an answer.
    assert all("Looking it up" in one for one in left)
    assert not left or platform in ("telegram", "teams")
