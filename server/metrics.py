"""Counters for Prometheus: requests, answers and how they ended, citations, calls of the model, the library."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from assistant.answer import NoteCode
from assistant.events import Event, Finished
from server.closing import closable
from server.problems import problem_of

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class Metrics:
    """The counters of one server, in a registry of its own."""

    def __init__(self) -> None:
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
        self._under_way = Gauge("hkva_answers_under_way", "Answers being made now.", registry=self.registry)
        self._library = Gauge("hkva_library_info", "The library in use.", ["version"], registry=self.registry)
        self._age = Gauge("hkva_library_age_seconds", "Time since the library was built.", registry=self.registry)

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
        self._library.clear()
        if library is not None and library.exists():
            self._library.labels(library.name).set(1)
            self._age.set(time.time() - library.stat().st_mtime)
        return generate_latest(self.registry)

    def _count_answer(self, event: Finished, seconds: float) -> None:
        answer = event.answer
        self._answers.labels(answer.outcome.value, answer.receipt.model).inc()
        self._citations.inc(len(answer.citations))
        self._answering.observe(seconds)
        self._calls.labels(answer.receipt.model).inc(answer.receipt.calls)
        if any(note.code is NoteCode.MODEL_FAILED for note in answer.notes):
            self._model_failures.inc()
