"""What `hkva bench` measured, as rows of a table: what, measured, and the bar where there is one. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evals.performance.bench import Start, Steps
from evals.performance.building import Building
from evals.performance.growth import Size
from evals.performance.peers import Retriever
from evals.performance.serving import Serving

Row = tuple[str, str, str]
_START_S, _MEGABYTES, _LATENCY, _THROUGHPUT, _BUILD, _GROWTH = 3.0, 700.0, 2.5, 0.5, 0.85, 2.0
_LATENCY_CLIENTS, _THROUGHPUT_CLIENTS = 1, 8
_GROWN = 100_000


def start_rows(start: Start) -> Iterator[Row]:
    """Start-up and memory."""
    yield "start to ready", f"{start.seconds:.1f} s", _bar(start.seconds < _START_S, f"under {_START_S:.0f} s")
    memory = _bar(start.megabytes < _MEGABYTES, f"under {_MEGABYTES:.0f} MB")
    yield "memory", f"{start.megabytes:.0f} MB", memory
    yield "torch and its like loaded", ", ".join(start.heavy) or "none", _bar(not start.heavy, "none")


def step_rows(steps: Steps) -> Iterator[Row]:
    """The steps of an answer, as multiples of the embedding."""
    for name, value in (
        ("embed a question", steps.embed),
        ("understand it", steps.understand),
        ("search with its vector", steps.search),
        ("verify what was found", steps.verify),
        ("choose, word and check", steps.compose),
        ("a whole answer", steps.answer),
    ):
        yield name, f"{value:.1f} ms, {value / steps.embed:.2f} of the embedding", ""


def serving_rows(measured: Sequence[Serving]) -> Iterator[Row]:
    """`/v1/chat` against an endpoint that only embeds."""
    for one in measured:
        chat, clients = one.chat, one.chat.clients
        told = (
            f"p50 {chat.p50:.0f}, p95 {chat.p95:.0f}, p99 {chat.p99:.0f} ms; {one.latency_ratio:.2f} of embedding's p50"
        )
        meets = _bar(one.latency_ratio <= _LATENCY, f"at most {_LATENCY}") if clients == _LATENCY_CLIENTS else ""
        yield f"/v1/chat, {clients} clients", told, meets
        share = f"{chat.per_second:.1f} a second; {one.throughput_share:.2f} of embedding's"
        enough = one.throughput_share >= _THROUGHPUT
        yield "", share, _bar(enough, f"at least {_THROUGHPUT}") if clients == _THROUGHPUT_CLIENTS else ""
        if chat.processor_ms and one.embedding.processor_ms:
            yield "", f"{chat.processor_ms / one.embedding.processor_ms:.2f} of embedding's processor time", ""


def building_rows(building: Building) -> Iterator[Row]:
    """The build against the raw encoder."""
    told = f"{building.build:.1f} passages a second; {building.share:.2f} of the raw encoder"
    yield "build", told, _bar(building.share >= _BUILD, f"at least {_BUILD}")


def growth_rows(sizes: Sequence[Size]) -> Iterator[Row]:
    """Each size as multiples of the smallest."""
    for one in sizes:
        ratio = one.search / sizes[0].search
        bar = _bar(ratio <= _GROWTH, f"at most {_GROWTH:.0f} times") if one.passages == _GROWN else ""
        told = f"{one.search:.1f} ms (p95 {one.search_p95:.1f}), {ratio:.1f} times the first"
        yield f"search in {one.passages:,} passages", told, bar
        rest = f"ready in {one.ready_s:.1f} s, {one.megabytes:.0f} MB, one more document {one.ingest_s:.1f} s"
        yield "", rest, ""


def peer_rows(measured: Sequence[Retriever]) -> Iterator[Row]:
    """Retrievers by set: nDCG@10, and the time of a search as a multiple of ours."""
    for one in measured:
        ours = next(other for other in measured if other.set == one.set)
        if one.missing:
            yield f"{one.set}: {one.name}", f"not measured, {one.missing} is missing", ""
            continue
        told = f"nDCG@10 {one.mean:.3f}, search {one.p50:.1f} ms (p95 {one.p95:.1f}), {one.p50 / ours.p50:.1f} of ours"
        beaten = ours.p50 < one.p50 and ours.mean >= one.mean
        yield f"{one.set}: {one.name}", told, "" if one is ours else _bar(beaten, "slower and no better")


def _bar(met: bool, text: str) -> str:
    return f"{text}: {'met' if met else 'NOT MET'}"
