"""Connections that go only to checked addresses, and that end when the time of the whole fetch is up."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore

from knowledge.addresses import Resolve, checked_address


class CheckedBackend(httpcore.NetworkBackend):
    """Resolves a host, checks its addresses and connects to one of those: there is no second look-up to be fooled.

    `deadline` is in `time.monotonic` seconds. Every read and write gets what is left of it, so that a server which
    sends a byte now and then can't keep a fetch alive.
    """

    def __init__(self, allow_private: bool, deadline: float, resolve: Resolve) -> None:
        self._allow_private = allow_private
        self._deadline = deadline
        self._resolve = resolve
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to a checked address of `host`. Raises FetchRefused, FetchError and httpcore's errors."""
        address = checked_address(host, port, self._allow_private, self._resolve)
        left = _left(self._deadline, timeout)
        return _TimedStream(self._inner.connect_tcp(address, port, left, local_address, socket_options), self._deadline)


class _TimedStream(httpcore.NetworkStream):
    """A stream whose every step must end before the deadline."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: float) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(self._deadline, timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(self._deadline, timeout)
        return _TimedStream(self._inner.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(deadline: float, timeout: float | None) -> float:
    """Seconds left for one step. Raises httpcore.ReadTimeout where there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("The time of the fetch is up")
    return left if timeout is None else min(left, timeout)
