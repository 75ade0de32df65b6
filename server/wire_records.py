"""The JSON of records: rules, sources, hits of a search, and the timeline of a topic."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, Field

from knowledge.library import Library
from knowledge.passage import Hit
from knowledge.rule import LANGUAGES, Language, Rule, Stage, Standing, standing
from knowledge.source import Source, SourceKind
from server.wire import Shown

_T = TypeVar("_T", bound=BaseModel)

InLanguages = dict[Language, str]


class Page(BaseModel, Generic[_T]):
    """A part of a list. `total` counts all that fit."""

    items: list[_T]
    total: int
    offset: int
    limit: int


class RuleBrief(Shown):
    """A rule without its evidence."""

    id: str
    topic: str
    authority: str
    instrument: str
    stage: Stage
    standing: Standing = Field(description="Computed for the date asked for.")
    published: str | None
    in_force_from: date | None
    in_force_to: date | None = Field(description="First day on which it no longer holds.")
    title: InLanguages
    statement: InLanguages


class EvidenceOut(Shown):
    """An exact run of a source's text; `start` and `end` are offsets into it."""

    source: str
    quote: str
    start: int
    end: int


class DisputeOut(Shown):
    """What another source claims, held against the rule."""

    source: str
    claim: InLanguages
    verdict: str
    note: InLanguages


class RuleOut(RuleBrief):
    """A rule in full."""

    aliases: list[str]
    supersedes: list[str]
    superseded_by: list[str]
    confidence: str
    evidence: list[EvidenceOut]
    disputes: list[DisputeOut]
    as_of: date


class SupportingOut(Shown):
    """Another text that was read for a digest."""

    title: str
    publisher: str
    url: str
    date: str | None
    official: bool


class SourceBrief(Shown):
    """A source without its text."""

    id: str
    title: str
    title_en: str
    title_zh: str
    publisher: str
    authority: str
    kind: SourceKind
    language: str
    published: str | None
    url: str | None
    official: bool
    supersedes: str | None
    ingested: bool


class SourceOut(SourceBrief):
    """A source in full. `text` is what we hold: our digest, or the whole of an ingested document."""

    text: str
    supporting: list[SupportingOut]
    rules: list[str] = Field(description="Ids of the rules that rest on it.")


class HitOut(BaseModel):
    """A record's best passage for a query. `score` compares hits of one search only."""

    rank: int
    kind: str = Field(description="`rule` or `passage`.")
    id: str
    title: str
    text: str
    score: float
    language: str
    standing: Standing | None = None
    start: int
    end: int


def rule_brief(rule: Rule, on: date) -> RuleBrief:
    """A rule in a list."""
    return RuleBrief(**_brief_fields(rule, on))


def rule_out(rule: Rule, library: Library, on: date) -> RuleOut:
    """A rule in full, its evidence located in the sources."""
    evidence = []
    for one in rule.evidence:
        start = library.sources[one.source].text.find(one.quote)
        evidence.append(EvidenceOut(source=one.source, quote=one.quote, start=start, end=start + len(one.quote)))
    return RuleOut(
        **_brief_fields(rule, on),
        aliases=list(rule.aliases),
        supersedes=list(rule.supersedes),
        superseded_by=list(rule.superseded_by),
        confidence=rule.confidence,
        evidence=evidence,
        disputes=[DisputeOut.model_validate(one) for one in rule.disputes],
        as_of=on,
    )


def source_out(source: Source, rules: Iterable[Rule]) -> SourceOut:
    """A source in full."""
    brief = SourceBrief.model_validate(source).model_dump()
    resting = [rule.id for rule in rules if any(one.source == source.id for one in rule.evidence)]
    supporting = [SupportingOut.model_validate(one) for one in source.supporting]
    return SourceOut(**brief, text=source.text, supporting=supporting, rules=resting)


def hit_out(hit: Hit, library: Library, on: date) -> HitOut:
    """A hit: a rule by its title and statement in the language that it was found in, a section by its text."""
    passage = hit.passage
    language: Language = "en" if hit.language == "en" else "zh-Hans"
    rule = library.rules.get(passage.record)
    place: dict[str, Any] = {"rank": hit.rank, "id": passage.record, "score": hit.score, "language": hit.language}
    if rule is not None:
        text = rule.statement[language]
        return HitOut(
            **place, kind="rule", title=rule.title[language], text=text, standing=standing(rule, on), start=0,
            end=len(text),
        )  # fmt: skip
    source = library.sources[passage.record]
    text = source.text[passage.start : passage.end]
    return HitOut(
        **place, kind="passage", title=source.title_in(language), text=text, start=passage.start, end=passage.end
    )


def _brief_fields(rule: Rule, on: date) -> dict[str, Any]:
    return {
        "id": rule.id,
        "topic": rule.topic,
        "authority": rule.authority,
        "instrument": rule.instrument,
        "stage": rule.stage,
        "standing": standing(rule, on),
        "published": rule.published,
        "in_force_from": rule.in_force_from,
        "in_force_to": rule.in_force_to,
        "title": {language: rule.title[language] for language in LANGUAGES},
        "statement": {language: rule.statement[language] for language in LANGUAGES},
    }
