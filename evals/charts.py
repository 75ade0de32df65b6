"""The report's charts, each one SVG element to stand inside a page. Drawn by matplotlib, with no display."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from evals.compare import Comparison
from evals.score import TITLES, CaseScore, by_slice
from evals.summary import mean_of, quantile, risk_coverage

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INK, _SOFT, _GOOD, _BAD = "#1f2933", "#9aa5b1", "#2b6cb0", "#b7472a"
_WIDTH = 7.2
"""Inches; the page scales the drawing to its column."""


def slices_chart(scores: Sequence[CaseScore]) -> str:
    """Share of right cases in every category and language, with the number of cases."""
    parts = [(name, members) for name, members in by_slice(scores).items() if name.startswith(("category", "language"))]
    figure, axes = _figure(0.28 * len(parts) + 0.7)
    shares = [mean_of(members, "right").value for _, members in parts]
    places = range(len(parts))
    axes.barh(places, [1.0] * len(parts), color="#e4e7eb", height=0.62)
    axes.barh(places, shares, color=_GOOD, height=0.62)
    for place, share in enumerate(shares):
        axes.text(1.015, place, f"{100 * share:.0f} %", va="center", fontsize=8, color=_INK)
    axes.set_yticks(list(places), [f"{name.partition(':')[2]} ({len(members)})" for name, members in parts])
    axes.set_xlim(0, 1.09)
    axes.set_xticks([])
    axes.set_ylim(len(parts) - 0.5, -0.5)
    return _svg(figure, "Share of cases that are right, by category and language")


def risk_chart(scores: Sequence[CaseScore]) -> str:
    """Risk over coverage; empty where the target gives no confidence."""
    points = risk_coverage(scores)
    if not points:
        return ""
    figure, axes = _figure(2.6)
    axes.step([0.0, *(p.coverage for p in points)], [points[0].risk, *(p.risk for p in points)], color=_GOOD, lw=1.8)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, max(0.1, 1.1 * max(p.risk for p in points)))
    axes.set_xlabel("coverage: share of all cases answered, surest first")
    axes.set_ylabel("risk: share of those wrong")
    return _svg(figure, "Risk and coverage")


def latency_chart(scores: Sequence[CaseScore]) -> str:
    """Share of the cases answered within a time; empty where every case failed."""
    seconds = sorted(one.values["seconds"] for one in scores if "seconds" in one.values)
    if not seconds:
        return ""
    figure, axes = _figure(2.6)
    axes.step(seconds, [(n + 1) / len(seconds) for n in range(len(seconds))], where="post", color=_GOOD, lw=1.8)
    for share, name in ((0.5, "half"), (0.95, "95 %")):
        at = quantile(seconds, share)
        axes.axvline(at, color=_SOFT, lw=0.9, ls="--")
        axes.text(at, 0.03, f" {name}: {at:.2f} s", fontsize=8, color=_INK)
    axes.set_ylim(0, 1.02)
    axes.set_xlim(left=0)
    axes.set_xlabel("seconds")
    axes.set_ylabel("share answered by then")
    return _svg(figure, "Latency")


def differences_chart(comparison: Comparison) -> str:
    """Change of every measure over all cases, with its 95 % interval; empty where nothing was compared."""
    rows = [(name, found) for (part, name), found in comparison.differences.items() if part == "all"]
    if not rows:
        return ""
    figure, axes = _figure(0.28 * len(rows) + 0.9)
    for place, (_, found) in enumerate(rows):
        colour = _SOFT if found.p >= 0.05 else (_GOOD if found.mean > 0 else _BAD)
        axes.plot([100 * found.low, 100 * found.high], [place, place], color=colour, lw=2.2)
        axes.plot([100 * found.mean], [place], "o", color=colour, ms=5)
    axes.axvline(0, color=_INK, lw=0.8)
    widest = max(1.0, *(100 * abs(edge) for _, found in rows for edge in (found.low, found.high)))
    axes.set_xlim(-1.1 * widest, 1.1 * widest)
    axes.set_yticks(range(len(rows)), [TITLES[name] for name, _ in rows])
    axes.set_xlabel("percentage points, after minus before")
    axes.set_ylim(len(rows) - 0.5, -0.5)
    return _svg(figure, "Change of every measure, with 95 % intervals")


def _figure(height: float) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH, height), layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(_SOFT)
    axes.tick_params(labelsize=8, color=_SOFT, labelcolor=_INK)
    axes.xaxis.label.set_fontsize(8)
    axes.yaxis.label.set_fontsize(8)
    return figure, axes


def _svg(figure: Figure, title: str) -> str:
    """The figure as an `svg` element: no prolog, no date, no style or id that would reach the rest of the page."""
    import matplotlib

    out = io.StringIO()
    # Ids inside the drawing are hashed with the title: several drawings stand in one page.
    with matplotlib.rc_context({"svg.hashsalt": title, "svg.fonttype": "none", "font.family": "sans-serif"}):
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    drawing = out.getvalue()
    drawing = re.sub(r"<style.*?</style>|<metadata>.*?</metadata>", "", drawing[drawing.index("<svg") :], flags=re.S)
    named = set(re.findall(r"#([\w-]+)", drawing))
    drawing = re.sub(r' id="([^"]+)"', lambda found: found.group() if found[1] in named else "", drawing)
    width = math.floor(figure.get_figwidth() * 100)
    return drawing.replace("<svg ", f'<svg role="img" aria-label="{title}" style="max-width:{width}px" ', 1)
