"""The timeline of a topic: which rule held from when to when, as seen on a date. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from knowledge.rule import Language, Rule, Stage, Standing, standing


@dataclass(frozen=True, slots=True)
class Entry:
    """One rule on the timeline.

    `starts` is the day it took effect (for proposals, plans and events: the first day it was known) and None where
    nothing is dated; `ends` is the first day on which it no longer held. `when` is the start as it may be shown: a
    month or a year where no day is known.
    """

    rule: str
    title: Mapping[Language, str]
    authority: str
    instrument: str
    stage: Stage
    standing: Standing
    starts: date | None
    ends: date | None
    when: str
    supersedes: tuple[str, ...] = ()
    superseded_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Timeline:
    """The entries of a topic, oldest first and undated last, with their standing on `on`."""

    topic: str
    on: date
    entries: tuple[Entry, ...]


def build_timeline(
    rules: Iterable[Rule], topic: str, on: date, since: date | None = None, until: date | None = None
) -> Timeline:
    """The timeline of `topic` with standings as of `on`; limited to what held at some time from `since` to `until`.

    Both limits are included. Undated rules stand on an unlimited timeline only.
    """
    entries = [_entry_of(rule, on) for rule in rules if rule.topic == topic]
    inside = [entry for entry in entries if _is_inside(entry, since, until)]
    inside.sort(key=lambda entry: (entry.starts or date.max, entry.ends or date.max, entry.rule))
    return Timeline(topic, on, tuple(inside))


def count_topics(rules: Iterable[Rule]) -> dict[str, int]:
    """How many rules each topic has, largest first."""
    return dict(Counter(rule.topic for rule in rules).most_common())


def _entry_of(rule: Rule, on: date) -> Entry:
    starts = (rule.in_force_from or rule.known_from) if rule.stage is Stage.MADE else rule.known_from
    exact = starts is not None and (starts == rule.in_force_from or len(rule.published or "") == len("2026-11-23"))
    when = starts.isoformat() if starts and exact else rule.published or ""
    return Entry(
        rule=rule.id,
        title=rule.title,
        authority=rule.authority,
        instrument=rule.instrument,
        stage=rule.stage,
        standing=standing(rule, on),
        starts=starts,
        ends=rule.in_force_to,
        when=when,
        supersedes=rule.supersedes,
        superseded_by=rule.superseded_by,
    )


def _is_inside(entry: Entry, since: date | None, until: date | None) -> bool:
    if entry.starts is None:
        return since is None and until is None
    if until is not None and entry.starts > until:
        return False
    if since is None or entry.starts >= since:
        return True
    # It began earlier: an event was over on its day, everything else went on until it ended.
    return entry.stage is not Stage.EVENT and (entry.ends is None or entry.ends > since)
