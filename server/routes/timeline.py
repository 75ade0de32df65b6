"""The timeline of a topic: which rule held from when to when, as data and as a picture."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field

from assistant.errors import NotFound
from knowledge.library import Library
from knowledge.rule import LANGUAGES, Language, Stage, Standing
from knowledge.timeline import Entry, Timeline, build_timeline, count_topics
from knowledge.topics import topic_name
from server.deps import AsOf, ServiceDep
from server.problems import documented
from server.timeline_svg import Theme, draw_timeline
from server.wire import PlainDate, Shown, Word

router = APIRouter(tags=["records"])

# The picture carries its own style; opened by itself it may use that, and nothing else.
_PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The picture.", "content": {"image/svg+xml": {"schema": {"type": "string"}}}}
}

Topic = Annotated[Word, Query(description="One of `GET /v1/timeline/topics`.", examples=["stablecoin"])]
Since = Annotated[PlainDate | None, Query(alias="from", description="Only what still held on this day or began later.")]
Until = Annotated[PlainDate | None, Query(alias="to", description="Only what began by this day.")]


class EntryOut(Shown):
    """A rule on the timeline."""

    rule: str
    title: dict[Language, str]
    authority: str
    instrument: str
    stage: Stage
    standing: Standing = Field(description="On the day the timeline is seen from.")
    starts: date | None = Field(description="First day: of effect, or for proposals and events of being known.")
    ends: date | None = Field(description="First day on which it no longer held.")
    when: str = Field(description="The start as it may be shown: a month or a year where no day is known.")
    supersedes: list[str]
    superseded_by: list[str]


class TimelineOut(BaseModel):
    """The entries of a topic, oldest first and undated last."""

    topic: str
    name: dict[Language, str]
    as_of: date
    entries: list[EntryOut]


class TopicOut(BaseModel):
    """A topic that rules are filed under."""

    topic: str
    name: dict[Language, str]
    rules: int


@router.get("/v1/timeline/topics", responses=documented())
async def list_topics(service: ServiceDep) -> list[TopicOut]:
    """The topics, those with most rules first."""
    counted = count_topics(service.library.rules.values())
    return [TopicOut(topic=topic, name=_names(topic), rules=rules) for topic, rules in counted.items()]


@router.get("/v1/timeline", responses=documented(404))
async def read_timeline(
    service: ServiceDep, as_of: AsOf, topic: Topic, since: Since = None, until: Until = None
) -> TimelineOut:
    """The rules of a topic from when to when, with their standing on a date."""
    timeline = _timeline(service.library, topic, as_of, since, until)
    entries = [_entry_out(entry) for entry in timeline.entries]
    return TimelineOut(topic=topic, name=_names(topic), as_of=as_of, entries=entries)


@router.get("/v1/timeline.svg", response_class=Response, responses={**_PICTURE, **documented(404)})
async def read_picture(
    service: ServiceDep,
    as_of: AsOf,
    topic: Topic,
    since: Since = None,
    until: Until = None,
    language: Language = "en",
    width: Annotated[int, Query(ge=320, le=1600, description="Pixels.")] = 900,
    theme: Theme = "auto",
) -> Response:
    """The timeline as a picture (SVG)."""
    timeline = _timeline(service.library, topic, as_of, since, until)
    picture = draw_timeline(timeline, language, width, theme)
    headers = {"Content-Security-Policy": _PICTURE_POLICY}
    return Response(picture, media_type="image/svg+xml", headers=headers)


def _timeline(library: Library, topic: str, on: date, since: date | None, until: date | None) -> Timeline:
    rules = library.rules.values()
    if not any(rule.topic == topic for rule in rules):
        raise NotFound("We hold no rule of this topic. GET /v1/timeline/topics lists the topics.")
    return build_timeline(rules, topic, on, since, until)


def _entry_out(entry: Entry) -> EntryOut:
    fields = {name: getattr(entry, name) for name in EntryOut.model_fields}
    fields["title"] = {language: entry.title[language] for language in LANGUAGES}
    return EntryOut.model_validate(fields)


def _names(topic: str) -> dict[Language, str]:
    return {language: topic_name(topic, language) for language in LANGUAGES}
