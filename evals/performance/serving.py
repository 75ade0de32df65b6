"""`/v1/chat` over loopback beside an endpoint that only embeds, in processes of their own, under the same clients."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from evals.performance.load import Load, ask_all, settle, started

_TO_WARM = 20
_WARMING = 4
"""Clients that warm a server up: where it has several processes, one would reach only one of them."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server to start: its command, the words before the address it prints, and the path that takes a question."""

    command: tuple[str, ...]
    says: str
    path: str


@dataclass(frozen=True, slots=True)
class Serving:
    """The same questions to both endpoints by the same number of clients."""

    embedding: Load
    chat: Load

    @property
    def latency_ratio(self) -> float:
        """The median reply of `/v1/chat` as a multiple of a bare embedding's."""
        return self.chat.p50 / self.embedding.p50

    @property
    def throughput_share(self) -> float:
        """The requests a second of `/v1/chat` as a share of the embedding's."""
        return self.chat.per_second / self.embedding.per_second


def measure_serving(
    embedding: Endpoint, chat: Endpoint, questions: Sequence[str], clients: Sequence[int]
) -> list[Serving]:
    """Load both endpoints with each number of clients in turn.

    Every question is sent to an endpoint once, because both remember vectors; the first few are not counted.
    """
    warm, counted = questions[:_TO_WARM], questions[_TO_WARM:]
    each = len(counted) // len(clients)
    if each < 1:
        raise ValueError(f"{len(questions)} questions are too few for {len(clients)} numbers of clients")
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        environment = {**os.environ, "HKVA_STATE_URL": f"sqlite:///{folder}/state.sqlite"}
        servers = []
        for one in (embedding, chat):
            address, pid = stack.enter_context(started(one.command, environment, one.says))
            ask_all(address, one.path, pid, _bodies(warm[:1]), 1)
            settle(pid)  # until every process of it has started
            ask_all(address, one.path, pid, _bodies(warm), _WARMING)
            settle(pid)
            servers.append((address, one.path, pid))
        found = []
        for number, count in enumerate(clients):
            bodies = _bodies(counted[number * each : (number + 1) * each])
            bare, whole = (ask_all(*server, bodies, count) for server in servers)
            found.append(Serving(bare, whole))
        return found


def _bodies(questions: Sequence[str]) -> list[dict[str, object]]:
    return [{"question": text} for text in questions]
