"""`hkva serve --workers 2`, as a person runs it: processes that share one port, one state and one library."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from assistant.state.keys import KeyScope
from assistant.state.store import open_state, url_in
from knowledge.library import point_to, read_current
from knowledge.settings import KnowledgeSettings
from tests.fakes.platform_server import until
from tests.fakes.telegram_server import SECRET, TOKEN, telegram_server, update_of
from tests.server.processes import serving

pytestmark = pytest.mark.timeout(600)
QUESTION = "When was Project Ensemble launched?"
_READY_S = 120.0


def _processes(parent: int) -> set[int]:
    """The processes that serve."""
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], check=True, capture_output=True, text=True
    ).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    return {int(pid) for pid, ppid, args in rows if int(ppid) == parent and "spawn_main" in args}


def _wait(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _READY_S
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server of two processes; every request is on a connection of its own, which any of them may take."""

    process: subprocess.Popen[str]
    address: str
    data: Path

    def get(self, path: str, **more: Any) -> httpx.Response:
        """The reply."""
        return httpx.get(f"{self.address}{path}", timeout=60, **more)

    def ask(self, body: dict[str, object]) -> dict[str, Any]:
        """An answer, asked for again where the connection broke, as a person would."""
        deadline = time.monotonic() + _READY_S
        while True:
            with suppress(httpx.TransportError):
                return self._asked({**body, "stream": True})
            assert time.monotonic() < deadline, "no answer"

    def _asked(self, body: dict[str, object]) -> dict[str, Any]:
        event = ""
        with httpx.stream("POST", f"{self.address}/v1/chat", json=body, timeout=60) as reply:
            reply.raise_for_status()
            for line in reply.iter_lines():
                if line.startswith("data: ") and event == "finished":
                    return dict(json.loads(line.removeprefix("data: ")))
                event = line.removeprefix("event: ") if line.startswith("event: ") else event
        raise httpx.RemoteProtocolError("The stream ended before the answer was finished.")

    def counted(self, name: str) -> float:
        """The sum of a counter."""
        families = text_string_to_metric_families(self.get("/metrics").raise_for_status().text)
        return sum(one.value for family in families for one in family.samples if one.name == name)

    def kill_one(self) -> set[int]:
        """Kill a process; all that there were."""
        before = _processes(self.process.pid)
        os.kill(min(before), signal.SIGKILL)
        return before

    def wait_for_another(self, before: set[int]) -> None:
        """Wait until a process has come in the place of the killed one."""
        _wait(lambda: len(_processes(self.process.pid) - before) == 1, "nobody came in its place")


def _environment(small: KnowledgeSettings, data: Path) -> dict[str, str]:
    shutil.copytree(small.library_dir, data / "library", ignore=shutil.ignore_patterns(".*"))
    (data / "models").symlink_to(small.data_dir / "models", target_is_directory=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HKVA_")}
    root = str(Path(__file__).resolve().parents[2])
    return {**kept, "HKVA_DATA_DIR": str(data), "HKVA_TODAY": "2026-11-23", "PYTHONPATH": root, "OMP_NUM_THREADS": "1"}


@pytest.fixture(scope="module")
def server(small_knowledge: KnowledgeSettings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Two processes, ready."""
    data = tmp_path_factory.mktemp("workers")
    environment = _environment(small_knowledge, data)
    with (data / "log").open("w") as log, serving(environment, "--workers", "2", log=log) as (process, address):
        yield Server(process, address, data)


def test_killed_process_is_replaced_and_no_finished_answer_is_lost_or_doubled(server: Server) -> None:
    enough, stop = threading.Semaphore(0), threading.Event()

    def converse() -> list[dict[str, Any]]:
        answers: list[dict[str, Any]] = []
        while not stop.is_set():
            session = {"session_id": answers[0]["session_id"]} if answers else {}
            answers.append(server.ask({"question": QUESTION, **session}))
            enough.release()
        return answers

    with ThreadPoolExecutor(4) as pool:
        talking = [pool.submit(converse) for _ in range(4)]
        try:
            for _ in range(8):
                assert enough.acquire(timeout=_READY_S)
            before = server.kill_one()
            for _ in range(8):
                assert enough.acquire(timeout=_READY_S)
        finally:
            stop.set()
        conversations = [one.result() for one in talking]
    server.wait_for_another(before)
    finished = [answer for answers in conversations for answer in answers]
    assert len({answer["id"] for answer in finished}) == len(finished)
    for answer in finished:
        assert server.get(f"/v1/answers/{answer['id']}").raise_for_status().json()["answer"] == answer
    for answers in conversations:
        session = server.get(f"/v1/sessions/{answers[0]['session_id']}").raise_for_status().json()
        turns = [turn["answer"]["id"] for turn in session]
        seen = [answer["id"] for answer in answers]
        assert len(set(turns)) == len(turns)
        assert [turn for turn in turns if turn in set(seen)] == seen


def test_counters_are_of_all_processes_and_never_go_back(server: Server) -> None:
    before = server.counted("hkva_answers_total")
    for _ in range(6):
        server.ask({"question": QUESTION})
    assert {server.counted("hkva_answers_total") for _ in range(4)} == {before + 6}
    server.wait_for_another(server.kill_one())
    assert server.counted("hkva_answers_total") == before + 6
    assert server.counted("hkva_answers_under_way") == 0


def test_new_library_reaches_every_process(server: Server) -> None:
    root = server.data / "library"
    before = str(read_current(root))
    shutil.copytree(root / "versions" / before, root / "versions" / "next", ignore=shutil.ignore_patterns(".*"))
    point_to(root, "next")

    def all_have_it() -> bool:
        return {server.get("/readyz").json().get("library") for _ in range(20)} == {"next"}

    _wait(all_have_it, "not all have gone over to the new library")
    assert server.ask({"question": QUESTION})["receipt"]["library"] == "next"


def test_key_may_ask_as_much_as_of_one_process(server: Server) -> None:
    async def make_key() -> str:
        async with open_state(url_in(server.data)) as state:
            return (await state.keys.create("test", (KeyScope.CHAT,), requests_per_minute=7, concurrent=None))[1]

    token = {"Authorization": f"Bearer {asyncio.run(make_key())}"}
    _wait(lambda: server.get("/metrics").status_code == httpx.codes.UNAUTHORIZED, "keys are not asked for")
    time.sleep(2.5)  # until every process has looked whether there are keys
    with ThreadPoolExecutor(4) as pool:
        replies = [*pool.map(lambda _: server.get("/v1/models", headers=token), range(20))]
    assert Counter(one.status_code for one in replies) == {200: 7, 429: 13}


async def test_message_is_answered_once_whichever_process_takes_it(
    small_knowledge: KnowledgeSettings, tmp_path: Path
) -> None:
    async with telegram_server() as telegram:
        settings = {"HKVA_TELEGRAM_BOT_TOKEN": TOKEN, "HKVA_TELEGRAM_ALLOWED": "*", "HKVA_TELEGRAM_SECRET": SECRET}
        settings |= {"HKVA_TELEGRAM_API_URL": telegram.url, "HKVA_BOT_QUESTIONS_PER_MINUTE": "1000"}
        environment = _environment(small_knowledge, tmp_path) | settings
        with (tmp_path / "log").open("w") as log, serving(environment, "--workers", "2", log=log) as (_, address):

            async def deliver(number: int) -> None:
                update = update_of(QUESTION, update_id=number, chat=number, user=number)
                secret = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
                async with httpx.AsyncClient(base_url=address, timeout=_READY_S) as client:
                    (await client.post("/bots/telegram", json=update, headers=secret)).raise_for_status()

            await asyncio.gather(*(deliver(number) for number in [*range(1, 13), *range(1, 13)]))
            await until(lambda: sum("[1] <a href" in text for text in telegram.texts) == 12, _READY_S)
            await asyncio.sleep(3)
        assert Counter(int(body["chat_id"]) for body in telegram.bodies("sendMessage")) == dict.fromkeys(
            range(1, 13), 1
        )


def test_signal_ends_all_and_streams_under_way_are_finished(small_knowledge: KnowledgeSettings, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with (
        log.open("w") as kept,
        serving(_environment(small_knowledge, tmp_path), "--workers", "2", log=kept) as (process, address),
    ):
        server, started = Server(process, address, tmp_path), threading.Semaphore(0)

        def read(_: int) -> tuple[bool, str]:
            """Whether a stream began, and the id of the answer that it ended with."""
            lines: list[str] = []
            body = {"question": QUESTION, "stream": True}
            with (
                suppress(httpx.TransportError),
                httpx.stream("POST", f"{address}/v1/chat", json=body, timeout=60) as got,
            ):
                for line in got.iter_lines():
                    lines.append(line)
                    started.release()
            ended = lines.index("event: finished") if "event: finished" in lines else None
            return bool(lines), "" if ended is None else str(json.loads(lines[ended + 1].removeprefix("data: "))["id"])

        server.ask({"question": QUESTION})
        with ThreadPoolExecutor(16) as pool:
            reading = [pool.submit(read, number) for number in range(16)]
            assert started.acquire(timeout=_READY_S)
            process.send_signal(signal.SIGTERM)
            streams = [one.result() for one in reading]
        assert process.wait(30) == 0
        assert any(began for began, _ in streams)
        assert all(ended for began, ended in streams if began)

    async def check_kept() -> None:
        async with open_state(url_in(tmp_path)) as state:
            for _, ended in streams:
                if ended:
                    await state.answers.get(ended)

    asyncio.run(check_kept())
    told = log.read_text()
    assert "workers=2" in told
    assert "Traceback" not in told


def test_processes_end_with_the_one_that_watches_over_them(small_knowledge: KnowledgeSettings, tmp_path: Path) -> None:
    environment = _environment(small_knowledge, tmp_path)
    with (tmp_path / "log").open("w") as log, serving(environment, "--workers", "2", log=log) as (process, address):
        _wait(lambda: len(_processes(process.pid)) == 2, "two do not serve")
        httpx.get(f"{address}/healthz", timeout=_READY_S).raise_for_status()
        served = _processes(process.pid)
        process.kill()
        process.wait()

        def gone() -> bool:
            listed = subprocess.run(
                ["ps", "-A", "-ww", "-o", "pid="], check=True, capture_output=True, text=True
            ).stdout
            return not served & {int(pid) for pid in listed.split()}

        _wait(gone, "they go on by themselves")


def test_what_is_wrong_with_the_settings_ends_all(small_knowledge: KnowledgeSettings, tmp_path: Path) -> None:
    wrong = {"HKVA_TELEGRAM_BOT_TOKEN": TOKEN, "HKVA_TELEGRAM_SECRET": SECRET}
    environment = _environment(small_knowledge, tmp_path) | wrong
    with serving(environment, "--workers", "2") as (process, _):
        _, told = process.communicate(timeout=_READY_S)
    assert process.returncode == 2
    assert "HKVA_TELEGRAM_ALLOWED is not set" in told
    assert "Traceback" not in told
