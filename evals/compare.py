"""Two runs of the same cases against each other: what changed, whether by chance, and which cases turned. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evals.case import Case
from evals.case_file import digest_of
from evals.score import QUALITY, TITLES, CaseScore, slices_of
from evals.statistics import Difference, difference
from evals.table import Table, percent

IN_EVERY_SLICE = ("right", "key_facts", "citation_recall", "answered", "declined")
"""What is compared in every slice; over all cases everything is."""


_DECISION = frozenset({"outcome", "answered", "declined", "citation_precision", "citation_recall"})


@dataclass(frozen=True, slots=True)
class Before:
    """What a comparison needs of the earlier run: the case as it was then, by its digest, and its values."""

    digest: str
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Turned:
    """A case that came out otherwise: the measures that fell or rose, as (name, before, after)."""

    case: Case
    changes: tuple[tuple[str, float, float], ...]

    @property
    def weight(self) -> float:
        """How much was won, negative for lost; being right counts most."""
        return sum((10 if name == "right" else 1) * (after - before) for name, before, after in self.changes)

    @property
    def flipped(self) -> bool:
        """Whether it declined or cited otherwise than before; else the records or the words changed."""
        return any(name in _DECISION for name, _, _ in self.changes)

    def fell(self, measure: str) -> bool:
        """Whether the measure is lower than before."""
        return any(name == measure and after < before for name, before, after in self.changes)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`differences` by (slice, measure); `turned` worst first; `left_out` are cases not in both or changed between."""

    differences: Mapping[tuple[str, str], Difference]
    turned: tuple[Turned, ...]
    left_out: tuple[str, ...]
    missing: tuple[str, ...]
    """Cases of the earlier run that the later one does not have."""


def before_of(scores: Sequence[CaseScore]) -> dict[str, Before]:
    """An earlier run's scores, as `compare` takes them."""
    return {one.case.id: Before(digest_of(one.case), one.values) for one in scores}


def compare(before: Mapping[str, Before], after: Sequence[CaseScore]) -> Comparison:
    """Compare case by case. A case that asks or expects something else than before is another case."""
    pairs: list[tuple[Before, CaseScore]] = []
    left_out: list[str] = []
    for one in after:
        earlier = before.get(one.case.id)
        if earlier is None or earlier.digest != digest_of(one.case):
            left_out.append(one.case.id)
        else:
            pairs.append((earlier, one))
    turned = [found for found in (_turned(earlier, one) for earlier, one in pairs) if found.changes]
    turned.sort(key=lambda one: (one.weight, one.case.id))
    missing = sorted(before.keys() - {one.case.id for one in after})
    return Comparison(_differences(pairs), tuple(turned), tuple(left_out), tuple(missing))


def _turned(before: Before, after: CaseScore) -> Turned:
    both = [name for name in QUALITY if name in before.values and name in after.values]
    changes = [(name, rounded(before.values[name]), rounded(after.values[name])) for name in both]
    return Turned(after.case, tuple(change for change in changes if change[1] != change[2]))


def rounded(value: float) -> float:
    """A value as it is compared, and kept in a baseline: four decimals."""
    return round(value, 4)


def _differences(pairs: Sequence[tuple[Before, CaseScore]]) -> dict[tuple[str, str], Difference]:
    values: dict[tuple[str, str], tuple[list[float], list[float]]] = {}
    for before, after in pairs:
        for name in QUALITY:
            if name not in before.values or name not in after.values:
                continue
            for part in slices_of(after.case):
                if part == "all" or name in IN_EVERY_SLICE:
                    earlier, later = values.setdefault((part, name), ([], []))
                    earlier.append(rounded(before.values[name]))
                    later.append(rounded(after.values[name]))
    return {key: difference(earlier, later) for key, (earlier, later) in values.items()}


def difference_table(comparison: Comparison) -> Table:
    """One row for each slice and measure that changed at all, and for `right` over all in any case."""
    rows = [
        (
            part, TITLES[name], str(found.count), percent(found.before), percent(found.after),
            f"{100 * found.mean:+.1f}", f"{100 * found.low:+.1f} to {100 * found.high:+.1f}", f"{found.p:.3f}",
        )
        for (part, name), found in comparison.differences.items()
        if abs(found.mean) > 1e-9 or (part, name) == ("all", "right")
    ]  # fmt: skip
    heading = ("slice", "measure", "cases", "before", "after", "change", "95 % interval", "p")
    return Table(heading, tuple(rows), words=2)


def turned_table(comparison: Comparison, limit: int = 50) -> Table:
    """The cases that turned, worst first."""
    rows = [
        (
            one.case.id,
            one.case.question,
            ", ".join(f"{TITLES[name]} {percent(before)} to {percent(after)}" for name, before, after in one.changes),
        )
        for one in comparison.turned[:limit]
    ]
    return Table(("case", "question", "before to after"), tuple(rows), words=3)
