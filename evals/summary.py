"""Many scores as few numbers: means with their counts, abstention, risk and coverage, parity, latency. Pure."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from assistant.answer import Outcome
from evals.score import QUALITY, CaseScore


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over `count` cases; `value` is NaN over none. `skipped` counts the reasons why others don't count."""

    value: float
    count: int
    skipped: Counter[str]


@dataclass(frozen=True, slots=True)
class Abstention:
    """Declining as a yes/no prediction; positive is "should decline". NaN where undefined."""

    precision: float
    recall: float
    f1: float
    count: int


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """Answering only the surest: `coverage` is the share of all cases answered, `risk` the share of those wrong."""

    confidence: float
    coverage: float
    risk: float


def mean_of(scores: Sequence[CaseScore], name: str) -> Mean:
    """The mean of one measure over the cases that it applies to."""
    values = [one.values[name] for one in scores if name in one.values]
    skipped = Counter(one.skipped[name] for one in scores if name in one.skipped)
    return Mean(math.fsum(values) / len(values) if values else math.nan, len(values), skipped)


def means_of(scores: Sequence[CaseScore]) -> dict[str, Mean]:
    """The means of all measures of quality."""
    return {name: mean_of(scores, name) for name in QUALITY}


def abstention_of(scores: Sequence[CaseScore]) -> Abstention:
    """Over cases where declining is either right or wrong; a failed reply is left out: it is no decision."""
    clear = [one for one in scores if not one.reply.error and (one.case.expect.answerable or _must_decline(one))]
    hits = sum(one.declined and _must_decline(one) for one in clear)
    declined = sum(one.declined for one in clear)
    due = sum(map(_must_decline, clear))
    precision = hits / declined if declined else math.nan
    recall = hits / due if due else math.nan
    f1 = 2 * hits / (declined + due) if declined + due else math.nan
    return Abstention(precision, recall, f1, len(clear))


def _must_decline(score: CaseScore) -> bool:
    return Outcome.ANSWERED not in score.case.expect.outcome


def risk_coverage(scores: Sequence[CaseScore]) -> list[RiskPoint]:
    """The curve from the surest answer to all that were answered; equal confidences enter together."""
    answered = sorted(
        (one for one in scores if not one.declined and one.reply.confidence is not None),
        key=lambda one: -(one.reply.confidence or 0.0),
    )
    points: list[RiskPoint] = []
    wrong = 0
    for count, one in enumerate(answered, 1):
        wrong += not one.right
        confidence = one.reply.confidence or 0.0
        if count < len(answered) and answered[count].reply.confidence == one.reply.confidence:
            continue
        points.append(RiskPoint(confidence, count / len(scores), wrong / count))
    return points


def area_under_risk(points: Sequence[RiskPoint]) -> float:
    """Mean risk over the coverage reached, each step at its own risk; NaN without a point. Smaller is better."""
    if not points:
        return math.nan
    area = before = 0.0
    for point in points:
        area += (point.coverage - before) * point.risk
        before = point.coverage
    return area / before


def parity_of(scores: Sequence[CaseScore]) -> Mean:
    """Share of the groups asked in several scripts that came out alike: right or not, outcome, first record cited."""
    groups: dict[tuple[str, date | None], list[CaseScore]] = defaultdict(list)
    for one in scores:
        if one.case.group:
            groups[one.case.group, one.case.as_of].append(one)
    several = [group for group in groups.values() if len({one.case.language for one in group}) > 1]
    same = [len({(one.right, one.reply.outcome, _first_cited(one)) for one in group}) == 1 for group in several]
    return Mean(sum(same) / len(same) if same else math.nan, len(same), Counter())


def _first_cited(score: CaseScore) -> str:
    cited = score.reply.citations
    return cited[0].id if cited else ""


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie, interpolated linearly; NaN over none."""
    if not values:
        return math.nan
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def failures_of(scores: Sequence[CaseScore]) -> list[CaseScore]:
    """The cases whose reply failed."""
    return [one for one in scores if one.reply.error]


def numbers_of(scores: Sequence[CaseScore]) -> dict[str, float]:
    """All numbers of a slice by name, NaN where nothing applies: the means, abstention, parity and latency."""
    abstention = abstention_of(scores)
    seconds = [one.values["seconds"] for one in scores if "seconds" in one.values]
    return {name: mean.value for name, mean in means_of(scores).items()} | {
        "abstention_precision": abstention.precision,
        "abstention_recall": abstention.recall,
        "abstention_f1": abstention.f1,
        "parity": parity_of(scores).value,
        "area_under_risk": area_under_risk(risk_coverage(scores)),
        "seconds_p50": quantile(seconds, 0.5),
        "seconds_p95": quantile(seconds, 0.95),
    }
