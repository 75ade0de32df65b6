"""nginx as a process of the tests' own, with a configuration that is shipped in `deploy/`."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_WHERE = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"))
NGINX = shutil.which("nginx", path=_WHERE)
NO_NGINX = "nginx is not installed, so nothing was tried behind it: apt-get install nginx-light"

_AROUND = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    log_format told '$request_method $uri $status|$upstream_addr|$upstream_bytes_sent';
    access_log {folder}/access.log told;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/hkva.conf;
}}
"""


def free_port(*addresses: str) -> int:
    """A port that is free at all of these addresses. Raises OSError where one is no address of this machine."""
    for _ in range(20):
        with ExitStack() as stack:
            first = stack.enter_context(socket.create_server((addresses[0], 0)))
            port = int(first.getsockname()[1])
            try:
                for address in addresses[1:]:
                    stack.enter_context(socket.create_server((address, port)))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                continue
            return port
    raise OSError("no port is free at all addresses")


@contextmanager
def running_nginx(name: str, changes: Mapping[str, str], port: int, folder: Path) -> Iterator[Path]:
    """nginx with the shipped configuration `name` after these changes, listening at `port`; its log of requests."""
    assert NGINX is not None
    conf = (ROOT / "deploy" / name).read_text(encoding="utf-8")
    for theirs, ours in changes.items():
        assert theirs in conf, f"deploy/{name} has no {theirs!r} any more"
        conf = conf.replace(theirs, ours)
    (folder / "hkva.conf").write_text(conf, encoding="utf-8")
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(_AROUND.format(folder=folder, user=user), encoding="utf-8")
    command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    with subprocess.Popen(command) as process:
        try:
            _wait(port)
            yield folder / "access.log"
        finally:
            process.terminate()


def _wait(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("nginx does not listen")
