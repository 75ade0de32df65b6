"""Clients that ask a server over loopback as fast as it answers, each its next question when the last is answered."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

_SETTLED_WITHIN_S = 30.0
_IDLE_S = 0.1


@dataclass(frozen=True, slots=True)
class Load:
    """What so many clients saw: requests a second, milliseconds of a reply, and the server's processor time for one, of
    all its processes together.

    Processor time is None where the system does not tell it of other processes.
    """

    clients: int
    requests: int
    per_second: float
    p50: float
    p95: float
    p99: float
    processor_ms: float | None


@contextmanager
def started(command: Sequence[str], environment: dict[str, str], says: str) -> Iterator[tuple[str, int]]:
    """A server as a process of its own: the address after `says` in its first line, and its process id."""
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.startswith(says):
            raise RuntimeError(f"The server did not start; it said: {line.strip() or 'nothing'}")
        yield line.removeprefix(says).strip(), process.pid
    finally:
        process.terminate()
        process.communicate()


def ask_all(address: str, path: str, pid: int, bodies: Sequence[dict[str, object]], clients: int) -> Load:
    """Send every body once, from so many clients at the same time."""
    turns = itertools.count()
    took: list[float] = []
    failed: list[str] = []

    def client() -> None:
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=120)
        while not failed and (number := next(turns)) < len(bodies):
            begun = time.perf_counter()
            try:
                connection.request("POST", path, json.dumps(bodies[number]), {"Content-Type": "application/json"})
                reply = connection.getresponse()
                text = reply.read()
            except OSError as error:
                failed.append(f"nothing: {error}")
                break
            if reply.status != http.client.OK:
                failed.append(f"{reply.status} {text[:200]!r}")
            took.append((time.perf_counter() - begun) * 1e3)
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(clients)]
    spent, begun = _processor_s(pid), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds, used = time.perf_counter() - begun, _processor_s(pid)
    if failed:
        raise RuntimeError(f"{address}{path} answered {failed[0]}")
    points = quantiles(took, n=100, method="inclusive") if len(took) > 1 else took * 99
    processor = (used - spent) * 1e3 / len(took) if used is not None and spent is not None else None
    return Load(clients, len(took), len(took) / seconds, points[49], points[94], points[98], processor)


def settle(pid: int) -> None:
    """Wait until a server and the processes that it has started have nothing left to do, for half a minute at most."""
    deadline = time.monotonic() + _SETTLED_WITHIN_S
    spent, before = _processor_s(pid), None
    while time.monotonic() < deadline and (before is None or (spent or 0.0) - before > _IDLE_S):
        time.sleep(1.0)
        spent, before = _processor_s(pid), spent or 0.0


def _processor_s(pid: int) -> float | None:
    """Seconds of processor time that a process and those below it have used; None where the system does not tell."""
    stat = Path(f"/proc/{pid}/stat")
    if sys.platform != "linux" or not stat.exists():
        return None
    fields = stat.read_text().rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(_processor_s(int(child)) or 0.0 for child in below)
