"""The benchmark's charts, as SVG or PNG files. Drawn by matplotlib, with no display."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evals.extras import check_extras
from evals.performance.growth import Size
from evals.performance.peers import Retriever
from evals.performance.serving import Serving

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_OURS, _OTHERS, _BAR = "#2b6cb0", "#9aa5b1", "#b7472a"


def draw(
    folder: Path, growth: Sequence[Size], serving: Sequence[Serving], peers: Sequence[Retriever], form: str = "png"
) -> list[Path]:
    """Write a chart of each part that was measured; returns the files. Raises ExtraMissing."""
    check_extras(("matplotlib",))
    folder.mkdir(parents=True, exist_ok=True)
    run = [one for one in peers if not one.missing]
    figures: dict[str, Figure] = {}
    if growth:
        figures["growth"] = _growth(growth)
    if serving:
        figures["serving"] = _serving(serving)
    if run:
        figures["peers"] = _peers(run)
    for name, figure in figures.items():
        figure.savefig(folder / f"bench-{name}.{form}", dpi=110, bbox_inches="tight")
    return [folder / f"bench-{name}.{form}" for name in figures]


def _growth(sizes: Sequence[Size]) -> Figure:
    """How much of everything a larger library takes, as multiples of the smallest."""
    figure, (search, rest) = _figure(2)
    count = [one.passages for one in sizes]
    search.plot(count, [one.search / sizes[0].search for one in sizes], "o-", color=_OURS, label="median")
    search.plot(count, [one.search_p95 / sizes[0].search for one in sizes], "o--", color=_OTHERS, label="p95")
    search.set_title("A search, as a multiple of the median in the smallest", fontsize=9)
    for name, values in (
        ("memory", [one.megabytes for one in sizes]),
        ("start with a first search", [one.ready_s for one in sizes]),
        ("one more document", [one.ingest_s for one in sizes]),
    ):
        rest.plot(count, [value / values[0] for value in values], "o-", label=name)
    rest.set_title("The rest, as multiples of the smallest", fontsize=9)
    for axes in (search, rest):
        axes.set_xscale("log")
        axes.set_ylim(bottom=0)
        axes.set_xlabel("passages")
        axes.legend(fontsize=8, frameon=False)
    return figure


def _serving(measured: Sequence[Serving]) -> Figure:
    """The two ratios to an endpoint that only embeds, with their bars."""
    figure, (latency, throughput) = _figure(2)
    clients = [str(one.chat.clients) for one in measured]
    latency.bar(clients, [one.latency_ratio for one in measured], color=_OURS)
    latency.axhline(2.5, color=_BAR, lw=1)
    latency.set_title("Median of /v1/chat over a bare embedding's", fontsize=9)
    throughput.bar(clients, [one.throughput_share for one in measured], color=_OURS)
    throughput.axhline(0.5, color=_BAR, lw=1)
    throughput.set_title("Answers a second over embeddings a second", fontsize=9)
    for axes in (latency, throughput):
        axes.set_xlabel("clients")
    return figure


def _peers(measured: Sequence[Retriever]) -> Figure:
    """nDCG@10 over the time of a search, a panel for each set."""
    sets = list(dict.fromkeys(one.set for one in measured))
    figure, panels = _figure(len(sets))
    for name, axes in zip(sets, panels, strict=True):
        here = [one for one in measured if one.set == name]
        ours = here[0]
        for one in here:
            axes.plot(one.p50 / ours.p50, one.mean, "o", color=_OURS if one is ours else _OTHERS)
            axes.annotate(
                one.name, (one.p50 / ours.p50, one.mean), fontsize=8, xytext=(4, 4), textcoords="offset points"
            )
        axes.set_xscale("log")
        axes.margins(0.3)
        axes.set_title(name, fontsize=9)
        axes.set_xlabel("time of a search over ours")
        axes.set_ylabel("nDCG@10")
    return figure


def _figure(panels: int) -> tuple[Figure, list[Axes]]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.2 * panels, 2.9), layout="constrained")
    axes = figure.subplots(1, panels, squeeze=False)[0]
    for one in axes:
        one.spines[["top", "right"]].set_visible(False)
        one.tick_params(labelsize=8)
    return figure, list(axes)
