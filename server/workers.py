"""Several processes behind one listening socket, as uvicorn runs them: one that ends or hangs is replaced.

All of them accept from the one socket, so that a connection that waits when a process is killed is taken by another.
They have nothing in common but the files of the library, the state and the folder of the counters.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from prometheus_client.multiprocess import mark_process_dead
from starlette.types import ASGIApp
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from server.errors import BadSettings

_COUNTERS = "PROMETHEUS_MULTIPROC_DIR"
_LOOP = "server.accepting:OneAtATime"
_HUNG_S = 30
"""A process that says nothing for so long is replaced; one that is started on a busy machine is silent for seconds."""


def serve_alone(app: ASGIApp, listener: socket.socket, **options: Any) -> None:
    """Serve in this process until a signal ends it; `options` are uvicorn's."""
    uvicorn.Server(uvicorn.Config(app, **options)).run(sockets=[listener])


def serve_together(make_app: Callable[[Path], ASGIApp], listener: socket.socket, workers: int, **options: Any) -> None:
    """Serve in so many processes, each with an application of its own, until a signal ends them all.

    `make_app` is pickled, and told the folder of the counters. Raises BadSettings where one of them cannot start.
    """
    with _counters() as folder:
        config = uvicorn.Config(
            _Made(make_app, folder),
            factory=True,
            workers=workers,
            loop=_LOOP,
            timeout_worker_healthcheck=_HUNG_S,
            **options,
        )
        supervisor = _Supervisor(config, [listener], folder)
        supervisor.run()
    if any(one.exitcode == STARTUP_FAILURE for one in supervisor.processes):
        raise BadSettings("A process that was to serve could not start, so all have ended. Its log says why.")


class _Made:
    """Makes the application in a new process."""

    def __init__(self, make_app: Callable[[Path], ASGIApp], folder: Path) -> None:
        self._make_app = make_app
        self._folder = folder

    def __call__(self) -> ASGIApp:
        threading.Thread(target=_end_with_parent, daemon=True).start()
        try:
            return self._make_app(self._folder)
        except BadSettings as error:
            sys.stderr.write(f"{error}\n")
            sys.exit(STARTUP_FAILURE)  # which ends all of them; after another exit a process is replaced


class _Supervisor(Multiprocess):
    """Uvicorn's, which also takes from the counters what only a living process has."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket], folder: Path) -> None:
        super().__init__(config, sockets)
        self._folder = folder

    def keep_subprocess_alive(self) -> None:
        """Replace those that have ended."""
        before = {one.pid for one in self.processes}
        super().keep_subprocess_alive()
        for pid in before - {one.pid for one in self.processes}:
            mark_process_dead(pid, str(self._folder))  # type: ignore[no-untyped-call]


@contextmanager
def _counters() -> Iterator[Path]:
    """A folder for the counters of the processes that are started meanwhile, named where their library looks for it."""
    with tempfile.TemporaryDirectory(prefix="hkva-counters-") as folder:
        os.environ[_COUNTERS] = folder
        try:
            yield Path(folder)
        finally:
            del os.environ[_COUNTERS]


def _end_with_parent() -> None:
    """Nobody would replace or end a process whose parent was killed, and it would keep the port."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
