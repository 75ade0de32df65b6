"""What `deploy/compose.yaml` starts, on this machine: servers under one name, nginx with `deploy/nginx.conf` in front.

Docker gives each server an address of its own and answers for the name `app` with all of them. Here each server listens
at a loopback address of its own, and a small name server answers. Of nginx' configuration only the addresses differ.
"""

from __future__ import annotations

import socket
import socketserver
import struct
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.deploy.nginx import free_port, running_nginx
from tests.server.processes import HKVA

ADDRESSES = ("127.0.0.2", "127.0.0.3", "127.0.0.4")
TRY_AGAIN = (httpx.codes.BAD_GATEWAY, httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.GATEWAY_TIMEOUT)


class Replica:
    """One server with a data folder and an address of its own."""

    def __init__(self, environment: dict[str, str], address: str, port: int) -> None:
        self.url = f"http://{address}:{port}"
        self.library_dir = Path(environment["HKVA_DATA_DIR"]) / "library"
        self.process: subprocess.Popen[bytes] | None = None
        self._environment = {**environment, "HKVA_HOST": address}
        self._port = port

    def start(self) -> None:
        """Start it; `wait` until it is ready."""
        command = [sys.executable, "-c", HKVA, "serve", "--port", str(self._port)]
        silent = subprocess.DEVNULL
        self.process = subprocess.Popen(command, env=self._environment, stdout=silent, stderr=silent)

    def wait(self, library: str | None = None) -> None:
        """Until it is ready, with this version of the library."""
        deadline = time.monotonic() + 240
        with httpx.Client(base_url=self.url, timeout=30, verify=False) as client:
            while time.monotonic() < deadline:
                try:
                    reply = client.get("/readyz")
                except httpx.TransportError:
                    assert self.process is not None
                    assert self.process.poll() is None, "the server has ended"
                else:
                    if reply.is_success and library in (None, reply.json()["library"]):
                        return
                time.sleep(0.2)
        raise AssertionError(f"the server at {self.url} is not ready")

    def kill(self) -> None:
        """End it as a machine that fails would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()


@dataclass(slots=True)
class Front:
    """The one address of all servers. Asks as a person would: what was cut off or turned away is asked again."""

    client: httpx.Client
    log: Path
    turned_away: Counter[int] = field(default_factory=Counter)

    def ask(self, body: dict[str, object]) -> dict[str, object]:
        """An answer."""
        for _ in range(120):
            reply = self.client.post("/v1/chat", json=body)
            if reply.status_code not in TRY_AGAIN:
                return dict(reply.raise_for_status().json())
            self.turned_away[reply.status_code] += 1
            time.sleep(0.5)
        raise AssertionError("no server answered")

    def get(self, path: str) -> httpx.Response:
        """What one of the servers says."""
        return self.client.get(path)

    def asked(self) -> list[list[str]]:
        """For each question that came through, the servers that got any of it."""
        rows = [line.split("|") for line in self.log.read_text(encoding="utf-8").splitlines()]
        return [
            [where for where, count in zip(addresses.split(", "), sent.split(", "), strict=True) if count not in "-0"]
            for asked, addresses, sent in rows
            if asked.startswith("POST /v1/chat")
        ]


@contextmanager
def front(port: int, folder: Path) -> Iterator[Front]:
    """nginx in front of the servers that listen at `ADDRESSES` on `port`."""
    own = free_port("127.0.0.1")
    with _names() as resolver:
        changes = {
            "resolver 127.0.0.11 ": f"resolver {resolver} ",
            "listen 80;": f"listen 127.0.0.1:{own};",
            "http://app:8000;": f"http://app:{port};",
        }
        with (
            running_nginx("nginx.conf", changes, own, folder) as log,
            httpx.Client(base_url=f"http://127.0.0.1:{own}", timeout=120, verify=False) as client,
        ):
            yield Front(client, log)


class _NameServer(socketserver.BaseRequestHandler):
    """Answers every question for an address (type A) with all of `ADDRESSES`, and others with nothing."""

    def handle(self) -> None:
        data, sender = self.request
        end = data.index(b"\0", 12) + 5
        (kind,) = struct.unpack("!H", data[end - 4 : end - 2])
        found = ADDRESSES if kind == 1 else ()
        head = data[:2] + struct.pack("!HHHHH", 0x8180, 1, len(found), 0, 0)
        each = [struct.pack("!HHHIH", 0xC00C, 1, 1, 1, 4) + socket.inet_aton(address) for address in found]
        sender.sendto(head + data[12:end] + b"".join(each), self.client_address)


@contextmanager
def _names() -> Iterator[str]:
    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), _NameServer) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
