"""Counters for Prometheus: requests, answers and how they ended, citations, calls of the model, the library.

Where several processes serve, each keeps its counters in files of one folder, and whichever is asked adds up all of
them, those of processes that have ended included: a counter never goes back. What is told of the library is told of
the one that is asked.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from assistant.answer import NoteCode
from assistant.events import Event, Finished
from server.closing import closable
from server.problems import problem_of

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class Metrics:
    """The counters of one server, in a registry of its own.

    `folder`: where its processes keep them, which the library was told by `PROMETHEUS_MULTIPROC_DIR` before it was
    loaded; None for a single process.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "hkva_requests", "HTTP requests.", ["route", "method", "status"], registry=self.registry
        )
        self._latency = Histogram(
            "hkva_request_seconds", "Time to the end of the response.", ["route"], buckets=_SECONDS,
            registry=self.registry,
        )  # fmt: skip
        self._answers = Counter("hkva_answers", "Answers by outcome.", ["outcome", "model"], registry=self.registry)
        self._failures = Counter("hkva_answer_failures", "Answers that failed.", ["code"], registry=self.registry)
        self._citations = Counter("hkva_citations", "Citations given.", registry=self.registry)
        self._answering = Histogram(
            "hkva_answer_seconds", "Time to the end of an answer.", buckets=_SECONDS, registry=self.registry
        )
        self._calls = Counter("hkva_model_calls", "Calls of the chat model.", ["model"], registry=self.registry)
        self._model_failures = Counter(
            "hkva_model_failures", "Answers made without the chat model because it failed.", registry=self.registry
        )
        self._under_way = Gauge(
            "hkva_answers_under_way", "Answers being made now.", registry=self.registry, multiprocess_mode="livesum"
        )

    def count_request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a response; `route` is the pattern, never the path asked for."""
        self._requests.labels(route or "none", method if method.isalpha() else "?", str(status)).inc()
        self._latency.labels(route or "none").observe(seconds)

    async def watch(self, events: AsyncIterator[Event]) -> AsyncIterator[Event]:
        """The same events, counted as they pass."""
        began = time.perf_counter()
        with self._under_way.track_inprogress():
            async with aclosing(closable(events)) as passing:
                try:
                    async for event in passing:
                        if isinstance(event, Finished):
                            self._count_answer(event, time.perf_counter() - began)
                        yield event
                except Exception as error:
                    self._failures.labels(problem_of(error).code).inc()
                    raise

    def render(self, library: Path | None) -> bytes:
        """All of it in Prometheus' text format; `library` is the folder of the version in use."""
        counted = self.registry
        if self._folder is not None:
            counted = CollectorRegistry()
            MultiProcessCollector(counted, str(self._folder))  # type: ignore[no-untyped-call]
        held = CollectorRegistry()
        if library is not None and library.exists():
            held.register(_OfLibrary(library))
        return generate_latest(counted) + generate_latest(held)

    def _count_answer(self, event: Finished, seconds: float) -> None:
        answer = event.answer
        self._answers.labels(answer.outcome.value, answer.receipt.model).inc()
        self._citations.inc(len(answer.citations))
        self._answering.observe(seconds)
        self._calls.labels(answer.receipt.model).inc(answer.receipt.calls)
        if any(note.code is NoteCode.MODEL_FAILED for note in answer.notes):
            self._model_failures.inc()


class _OfLibrary(Collector):
    """What is told of a version of the library, by its folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Its name and age."""
        info = GaugeMetricFamily("hkva_library_info", "The library in use.", labels=["version"])
        info.add_metric([self._folder.name], 1)
        yield info
        age = time.time() - (self._folder / "catalogue.sqlite").stat().st_mtime
        yield GaugeMetricFamily("hkva_library_age_seconds", "Time since the library was built.", age)
