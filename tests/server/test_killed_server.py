"""A server that is killed under load has lost no answer that a client had seen finished."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.server.processes import serving

_CLIENTS = 4
_ENOUGH = 12
"""Answers after which the server is killed."""
_QUESTIONS = (
    "When was Project Ensemble launched?",
    "Who may hold client digital assets in custody for a bank?",
    "What is the weather?",
)


class Client:
    """Asks without end until its server is gone, by turns whole and streamed, and keeps what was finished."""

    def __init__(self, address: str, counted: threading.Semaphore) -> None:
        self.finished: list[dict[str, Any]] = []
        self._address, self._counted = address, counted

    def ask(self) -> None:
        """Go on until the connection breaks."""
        with httpx.Client(base_url=self._address, timeout=60) as client:
            while True:
                question = _QUESTIONS[len(self.finished) % len(_QUESTIONS)]
                try:
                    answer = self._ask(client, question, stream=len(self.finished) % 2 == 0)
                except httpx.TransportError:
                    return
                self.finished.append(answer)
                self._counted.release()

    def _ask(self, client: httpx.Client, question: str, stream: bool) -> dict[str, Any]:
        if not stream:
            whole = client.post("/v1/chat", json={"question": question}).raise_for_status()
            return dict(whole.json())
        event = ""
        with client.stream("POST", "/v1/chat", json={"question": question, "stream": True}) as response:
            for line in response.iter_lines():
                if line.startswith("data: ") and event == "finished":
                    return dict(json.loads(line.removeprefix("data: ")))
                event = line.removeprefix("event: ") if line.startswith("event: ") else event
        raise httpx.RemoteProtocolError("The stream ended before the answer was finished.")


@pytest.fixture(params=["sqlite", "postgresql"])
def state_settings(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """The setting of each kind of state."""
    if request.param == "sqlite":
        return {}
    return {"HKVA_STATE_URL": str(request.getfixturevalue("postgresql_url"))}


def test_no_finished_answer_is_lost_when_the_server_is_killed_under_load(
    environment: dict[str, str], state_settings: dict[str, str]
) -> None:
    environment = {**environment, **state_settings, "HKVA_REQUESTS_PER_MINUTE": "10000"}
    counted = threading.Semaphore(0)
    with serving(environment) as (process, address), ThreadPoolExecutor(_CLIENTS) as pool:
        clients = [Client(address, counted) for _ in range(_CLIENTS)]
        asking = [pool.submit(client.ask) for client in clients]
        for _ in range(_ENOUGH):
            assert counted.acquire(timeout=90), [one.exception() for one in asking if one.done()]
        process.kill()
        for one in asking:
            one.result(60)
    finished = [answer for client in clients for answer in client.finished]
    assert len(finished) >= _ENOUGH
    with serving(environment) as (_, address), httpx.Client(base_url=address, timeout=30) as client:
        for answer in finished:
            kept = client.get(f"/v1/answers/{answer['id']}").raise_for_status().json()
            assert kept["answer"] == answer
        asked = {"question": "And when?", "session_id": finished[-1]["session_id"]}
        assert client.post("/v1/chat", json=asked).status_code == 200
