from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from pathlib import Path

import httpx

from assistant.state.database import utc_now
from assistant.state.errors import SessionBusy, StateUnavailable
from assistant.state.store import open_state
from knowledge.library import Library
from knowledge.settings import KnowledgeSettings
from server.app import make_app
from server.problems import problem_of
from server.service import Service
from server.settings import ServerSettings
from tests.server.fakes import ScriptedAssistant, served


async def _begin_sessions(url: str) -> tuple[str, str]:
    """Two sessions: one last used forty days ago, one now."""
    async with open_state(url, lambda: utc_now() - timedelta(days=40)) as state:
        old = await state.sessions.begin(None, owner="local", channel="http")
    async with open_state(url) as state:
        return old, await state.sessions.begin(None, owner="local", channel="http")


def test_sessions_past_their_time_are_forgotten_and_others_kept(
    small_knowledge: KnowledgeSettings, small_library: Library, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/state.sqlite"
    old, new = asyncio.run(_begin_sessions(url))
    assistant = ScriptedAssistant(small_library)
    service = Service(small_knowledge, lambda: assistant, lambda: small_library, lambda: open_state(url))
    app = make_app(service, ServerSettings(retention_days=30))
    with served(app) as address, httpx.Client(base_url=address, timeout=20) as client:
        deadline = time.monotonic() + 60
        while client.get(f"/v1/sessions/{old}").status_code == 200 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert client.get(f"/v1/sessions/{old}").status_code == 404
        assert client.get(f"/v1/sessions/{new}").status_code == 200


def test_state_out_of_reach_is_no_failure_of_ours_but_a_wait() -> None:
    assert problem_of(StateUnavailable("away")).status == 503
    assert problem_of(SessionBusy("busy")).status == 409
