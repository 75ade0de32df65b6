"""A rule: one derived provision or fact, dated. Values, and the one place where standing is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Literal

Language = Literal["en", "zh-Hans", "zh-Hant"]
LANGUAGES: tuple[Language, ...] = ("en", "zh-Hans", "zh-Hant")


class Stage(StrEnum):
    """How far a text had come when it was published."""

    MADE = "made"
    PROPOSED = "proposed"
    ANNOUNCED = "announced"
    EVENT = "event"


class Standing(StrEnum):
    """What a rule is worth on a date. Computed, never stored."""

    IN_FORCE = "in_force"
    NOT_YET = "not_yet"
    SUPERSEDED = "superseded"
    PROPOSED = "proposed"
    LAPSED = "lapsed"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Evidence:
    """An exact run of a source's text that supports a rule."""

    source: str
    quote: str


@dataclass(frozen=True, slots=True)
class Dispute:
    """What another source claims, held against the rule. `verdict`: agrees, imprecise, differs or unverifiable."""

    source: str
    claim: Mapping[Language, str]
    verdict: str
    note: Mapping[Language, str]


@dataclass(frozen=True, slots=True)
class Polar:
    """A yes/no question on which the rule gives a ruling. `answer`: yes, no or depends."""

    en: str
    zh: str
    answer: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One provision or fact, in three scripts.

    `in_force_to` is the first day on which it no longer holds; `superseded_by` is derived from the other
    rules' `supersedes` when the corpus is read.
    """

    id: str
    aliases: tuple[str, ...]
    topic: str
    authority: str
    instrument: str
    stage: Stage
    published: str | None
    in_force_from: date | None
    in_force_to: date | None
    supersedes: tuple[str, ...]
    confidence: str
    title: Mapping[Language, str]
    statement: Mapping[Language, str]
    evidence: tuple[Evidence, ...]
    disputes: tuple[Dispute, ...] = ()
    asks_en: tuple[str, ...] = ()
    asks_zh: tuple[str, ...] = ()
    polar: tuple[Polar, ...] = ()
    superseded_by: tuple[str, ...] = field(default=())

    @property
    def known_from(self) -> date | None:
        """First day on which anyone could know of it: the earlier of publication and effect; None if undated."""
        days = [day for day in (first_day(self.published), self.in_force_from) if day is not None]
        return min(days) if days else None


@lru_cache(maxsize=4096)
def first_day(when: str | None) -> date | None:
    """The first day of a `YYYY-MM-DD`, `YYYY-MM` or `YYYY`; None for None. Raises ValueError for anything else."""
    if when is None:
        return None
    year, _, rest = when.partition("-")
    month, _, day = rest.partition("-")
    return date(int(year), int(month or 1), int(day or 1))


def standing(rule: Rule, on: date) -> Standing:
    """The rule's standing on a date.

    A made rule is in force from `in_force_from` up to the day before `in_force_to`; after that it is superseded
    where another rule replaced it and lapsed where none did. Before its day it is not yet in force (also while it
    is published but not commenced). Proposals and plans stay proposed until they end. Events stay events, unless a
    later state of the same matter replaced them.
    """
    begins = rule.in_force_from or rule.known_from
    ended = rule.in_force_to is not None and on >= rule.in_force_to
    if rule.stage is not Stage.MADE:
        begins = rule.known_from
    if begins is not None and on < begins:
        return Standing.NOT_YET
    if ended:
        return Standing.SUPERSEDED if rule.superseded_by else Standing.LAPSED
    if rule.stage is Stage.EVENT:
        return Standing.EVENT
    return Standing.IN_FORCE if rule.stage is Stage.MADE else Standing.PROPOSED
