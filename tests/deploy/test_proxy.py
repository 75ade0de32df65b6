"""What `deploy/nginx.conf` does with a question where servers fail, seen at servers that only count and hang up."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.deploy.nginx import NGINX, NO_NGINX, free_port
from tests.deploy.replicas import ADDRESSES, front

pytestmark = pytest.mark.skipif(NGINX is None, reason=NO_NGINX)


class Listener:
    """A server that takes a request and then hangs up, or answers where it is told what."""

    def __init__(self, address: str, port: int, reply: bytes) -> None:
        self.requests: list[bytes] = []
        self._socket = socket.create_server((address, port))
        self._reply = reply
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                self.requests.append(connection.recv(65_536))
                connection.sendall(self._reply)

    def close(self) -> None:
        """Refuse connections from now on."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """Ends what a test has started."""
    with ExitStack() as opened:
        yield opened


def test_question_that_reached_a_server_is_never_sent_to_another(tmp_path: Path, stack: ExitStack) -> None:
    port = free_port(*ADDRESSES)
    servers = [Listener(address, port, b"") for address in ADDRESSES]
    for server in servers:
        stack.callback(server.close)
    proxy = stack.enter_context(front(port, tmp_path))
    assert proxy.client.post("/v1/chat", json={"question": "?"}).status_code == httpx.codes.BAD_GATEWAY
    assert sum(len(server.requests) for server in servers) == 1


def test_server_that_is_not_there_is_passed_over(tmp_path: Path, stack: ExitStack) -> None:
    port = free_port(*ADDRESSES)
    servers = [Listener(one, port, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") for one in ADDRESSES[:2]]
    for server in servers:
        stack.callback(server.close)
    proxy = stack.enter_context(front(port, tmp_path))
    for _ in range(20):
        assert proxy.client.post("/v1/chat", json={"question": "?"}).text == "ok"
    assert sum(len(server.requests) for server in servers) == 20
    assert all(server.requests for server in servers)
