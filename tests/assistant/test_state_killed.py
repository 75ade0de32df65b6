from __future__ import annotations

import asyncio
import runpy
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from assistant.state.database import utc_now
from assistant.state.store import open_state
from assistant.state.tables import ANSWERS

_SCRIPT = Path(__file__).with_name("killed_worker.py")


def test_worker_killed_at_any_stage_has_each_message_answered_exactly_once(state_url: str, tmp_path: Path) -> None:
    platform = tmp_path / "platform"
    platform.touch()
    subprocess.run([sys.executable, str(_SCRIPT), "stages", state_url, str(platform)], check=True, timeout=120)
    assert [event for event, _ in _replies(platform)] == ["Ev-sent"]
    asyncio.run(_start_again_three_hours_later(state_url, platform))


async def _start_again_three_hours_later(state_url: str, platform: Path) -> None:
    worker = runpy.run_path(str(_SCRIPT))
    stages = worker["STAGES"]
    async with open_state(state_url, lambda: utc_now() + timedelta(hours=3)) as state:
        for stage in stages:
            assert not await state.inbox.receive("slack", f"Ev-{stage}", {})
            await worker["work"](state, worker["Mortal"](), platform)
        assert await state.inbox.count() == {"answered": len(stages)}
        replies = _replies(platform)
        assert sorted(event for event, _ in replies) == sorted(f"Ev-{stage}" for stage in stages)
        for session in await state.sessions.list():
            answers = await state.answers.list(session.id)
            assert [f"Ev-{session.thread} {stored.answer.id}".split() for stored in answers] == [
                reply for reply in replies if reply[0] == f"Ev-{session.thread}"
            ]


def _replies(platform: Path) -> list[list[str]]:
    return [line.split() for line in platform.read_text().splitlines()]


def test_answer_that_was_finished_is_there_after_a_kill_under_load(state_url: str, tmp_path: Path) -> None:
    finished = tmp_path / "finished"
    server = subprocess.Popen([sys.executable, str(_SCRIPT), "load", state_url, str(finished)])
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and (not finished.exists() or finished.read_bytes().count(b"\n") < 60):
        time.sleep(0.02)
    server.kill()
    server.wait()
    said = finished.read_text().split()
    assert len(said) >= 60
    asyncio.run(_check_all_are_stored(state_url, said))


async def _check_all_are_stored(state_url: str, said: list[str]) -> None:
    async with open_state(state_url) as state:
        stored = await state.database.read(lambda connection: connection.scalars(select(ANSWERS.c.id)).all())
        assert set(said) <= set(stored)
        for answer_id in stored:
            assert (await state.answers.get(answer_id)).answer.id == answer_id
