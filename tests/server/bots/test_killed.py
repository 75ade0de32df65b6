from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from tests.fakes.slack_server import slack_server

ROOT = Path(__file__).resolve().parents[3]
_SCRIPT = Path(__file__).with_name("killed_bot.py")
_STAGES = ("acknowledged", "first sent", "answering", "stored", "answer sent")


async def test_bot_killed_at_any_stage_answers_each_question_exactly_once(state_url: str, tmp_path: Path) -> None:
    async with slack_server() as slack:
        child = await asyncio.create_subprocess_exec(
            sys.executable, str(_SCRIPT), state_url, slack.url, str(tmp_path),
            env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, logged = await asyncio.wait_for(child.communicate(), 120)
        assert child.returncode == 0, logged.decode()
        said = [json.dumps(reply["blocks"], ensure_ascii=False) for reply in slack.replies()]
        assert len(said) == len(_STAGES)
        for stage in _STAGES:
            assert len([one for one in said if f"On “On {stage}?”" in one]) == 1
