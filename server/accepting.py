"""An event loop that leaves connections to the processes beside it."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import Any

WAITING = 2_048
"""Connections that may wait to be accepted."""


class OneAtATime(asyncio.SelectorEventLoop):
    """Accepts one connection each time around.

    Asyncio's own, and uvloop, accept all that wait at once. Of several processes at one socket the first to look would
    have them all: eight clients that keep their connections often sat at one of two processes.
    """

    async def create_server(self, *given: Any, **options: Any) -> asyncio.Server:
        """See asyncio; as many connections are accepted at once as its `backlog` says, which is also what may wait."""
        server = await super().create_server(*given, **{**options, "backlog": 1})
        for one in server.sockets:
            _listen_again(one)
        return server


def _listen_again(given: Any) -> None:
    """Let more connections wait than are accepted at once."""
    with socket.socket(fileno=os.dup(given.fileno())) as own:
        own.listen(WAITING)
