"""Rows of the timeline picture: what stands on one line, in which order, and where a day falls. Pure.

One row for each entry, oldest first, except that what replaced an entry stands right below it, so that a chain of
proposals, a bill and the law reads downwards. Entries of one standing that begin and end on the same days and have
neither predecessor nor successor would draw the same bar many times over (a guideline's twenty paragraphs): they
share one row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from knowledge.timeline import Entry, Timeline

_MARGIN = timedelta(days=45)
_SHORTEST = timedelta(days=300)


@dataclass(frozen=True, slots=True)
class Row:
    """One line: its entry, and the others that share its dates."""

    entry: Entry
    others: tuple[Entry, ...] = ()
    above: int | None = None
    """Index of the row of the entry that this one replaced."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Days onto pixels: `first` falls on `left`, `last` on `right`."""

    first: date
    last: date
    left: float
    right: float

    def x(self, day: date) -> float:
        """Where a day falls, held inside the axis."""
        share = (day - self.first).days / max((self.last - self.first).days, 1)
        return round(self.left + min(max(share, 0.0), 1.0) * (self.right - self.left), 1)

    def years(self, apart: float) -> list[date]:
        """First days of years, thinned so that neighbours are at least `apart` pixels from each other."""
        days = [date(year, 1, 1) for year in range(self.first.year, self.last.year + 1)]
        days = [day for day in days if day >= self.first]
        per_year = (self.right - self.left) * 365.25 / max((self.last - self.first).days, 1)
        step = max(1, int(-(-apart // per_year)))
        return days[::step]


def build_axis(timeline: Timeline, left: float, right: float) -> Axis:
    """An axis that holds every dated entry and the day the timeline is seen from, with a margin."""
    days = [timeline.on]
    for entry in timeline.entries:
        days.extend(day for day in (entry.starts, entry.ends) if day is not None)
    first, last = min(days) - _MARGIN, max(days) + _MARGIN
    return Axis(min(first, last - _SHORTEST), last, left, right)


def build_rows(entries: Iterable[Entry]) -> tuple[Row, ...]:
    """The rows of the dated entries, in drawing order."""
    ordered = list(_in_chains([entry for entry in entries if entry.starts is not None]))
    held = {entry.rule for entry in ordered}
    rows: list[Row] = []
    place: dict[str, int] = {}
    shared: dict[tuple[object, ...], int] = {}
    for entry in ordered:
        before = [place[rule] for rule in entry.supersedes if rule in place]
        linked = bool(before) or any(rule in held for rule in entry.superseded_by)
        key = (entry.standing, entry.stage, entry.starts, entry.ends)
        if not linked and key in shared:
            row = rows[shared[key]]
            rows[shared[key]] = Row(row.entry, (*row.others, entry), row.above)
            continue
        if not linked:
            shared[key] = len(rows)
        place[entry.rule] = len(rows)
        rows.append(Row(entry, above=max(before, default=None)))
    return tuple(rows)


def _in_chains(entries: Sequence[Entry]) -> Iterator[Entry]:
    """Every entry once; those that replaced an entry follow it."""
    by_rule = {entry.rule: entry for entry in entries}
    done: set[str] = set()
    for first in entries:
        waiting = [first]
        while waiting:
            entry = waiting.pop()
            if entry.rule in done:
                continue
            done.add(entry.rule)
            yield entry
            waiting.extend(by_rule[rule] for rule in reversed(entry.superseded_by) if rule in by_rule)
