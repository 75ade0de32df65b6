"""A real Chroma server (`chroma run`, the one written in Rust) on this machine, and a proxy that asks for a token."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

from knowledge.chroma_http import ChromaClient
from knowledge.chroma_server import ChromaServer


class ChromaProcess:
    """May be killed and started again, at the same address and with what it held."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        chroma = Path(sys.executable).parent / "chroma"
        command = [str(chroma), "run", "--path", str(self._folder), "--host", "127.0.0.1", "--port", str(self._port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                httpx.get(f"{self.url}/api/v2/heartbeat", timeout=5, verify=False).raise_for_status()
            except httpx.HTTPError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError("chroma run does not answer")

    def kill(self) -> None:
        """Kill it as a machine that fails would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def new_database(self) -> ChromaServer:
        """This server with a database that holds nothing yet."""
        database = f"test_{uuid.uuid4().hex}"
        made = httpx.post(f"{self.url}/api/v2/tenants/default_tenant/databases", json={"name": database})
        made.raise_for_status()
        return ChromaServer(self.url, database=database)


def collections(server: ChromaServer) -> dict[str, int]:
    """The names of the collections in a database, with how many passages they have."""
    listed = httpx.get(f"{server.url}/api/v2/tenants/{server.tenant}/databases/{server.database}/collections").json()
    with closing(ChromaClient(server)) as client:
        return {one["name"]: client.get_collection(one["name"]).count() for one in listed}


@contextmanager
def running_chroma(folder: Path) -> Iterator[ChromaProcess]:
    """A server over this folder."""
    chroma = ChromaProcess(folder)
    chroma.start()
    try:
        yield chroma
    finally:
        chroma.kill()


@contextmanager
def asking_for_token(url: str, token: str) -> Iterator[str]:
    """The address of a proxy that passes on to `url` what shows the token, and turns away all else."""

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.headers.get("Authorization") != f"Bearer {token}":
                self._answer(401, b"who are you?")
                return
            kind = {"Content-Type": "application/json"} if body else {}
            reply = httpx.request(self.command, url + self.path, content=body, headers=kind, timeout=60, verify=False)
            self._answer(reply.status_code, reply.content)

        do_GET = do_POST = do_DELETE = _pass_on

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Tell nothing."""

    with serving(Proxy) as address:
        yield address


@contextmanager
def calling_itself(version: object) -> Iterator[str]:
    """The address of a server that names this version and has nothing else."""

    class Named(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/api/v2/version"
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write((f'"{version}"' if found else "{}").encode())

        def log_message(self, *_: object) -> None:
            """Tell nothing."""

    with serving(Named) as address:
        yield address


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The address of an HTTP server with this handler."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
