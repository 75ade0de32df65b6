"""What we hold: search, rules, sources."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from assistant.errors import NotFound
from knowledge.library import Library
from knowledge.passage import Scope
from knowledge.retrieval import search as search_library
from knowledge.rule import Standing, standing
from server.deps import AsOf, Limit, Offset, ServiceDep
from server.problems import documented
from server.wire import QuestionText, Word
from server.wire_records import (
    HitOut,
    Page,
    RuleBrief,
    RuleOut,
    SourceBrief,
    SourceOut,
    hit_out,
    rule_brief,
    rule_out,
    source_out,
)

router = APIRouter(tags=["records"])


class Found(BaseModel):
    """The hits of a search, best first."""

    library: str
    hits: list[HitOut]


@router.get("/v1/search", responses=documented())
async def search(
    service: ServiceDep,
    as_of: AsOf,
    q: Annotated[QuestionText, Query(description="What to look for, in English or Chinese.")],
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    topic: Annotated[list[Word] | None, Query(max_length=50, description="Only these topics.")] = None,
    authority: Annotated[list[Word] | None, Query(max_length=50, description="Only these authorities.")] = None,
) -> Found:
    """The rules and passages nearest to a query, without an answer."""
    scope = Scope(on=as_of, topics=frozenset(topic or ()), authorities=frozenset(authority or ()))

    def work(library: Library) -> Found:
        hits = search_library(library, q, scope, limit)
        return Found(library=library.version, hits=[hit_out(hit, library, as_of) for hit in hits])

    return await service.in_library(work)


@router.get("/v1/rules", responses=documented())
async def list_rules(
    service: ServiceDep,
    as_of: AsOf,
    topic: Word | None = None,
    authority: Word | None = None,
    standing_is: Annotated[Standing | None, Query(alias="standing")] = None,
    offset: Offset = 0,
    limit: Limit = 100,
) -> Page[RuleBrief]:
    """The rules, by id, with their standing on a date."""
    chosen = [
        rule
        for _, rule in sorted(service.library.rules.items())
        if topic in (None, rule.topic)
        and authority in (None, rule.authority)
        and standing_is in (None, standing(rule, as_of))
    ]
    items = [rule_brief(rule, as_of) for rule in chosen[offset : offset + limit]]
    return Page(items=items, total=len(chosen), offset=offset, limit=limit)


@router.get("/v1/rules/{rule_id}", responses=documented(404))
async def read_rule(service: ServiceDep, as_of: AsOf, rule_id: str) -> RuleOut:
    """One rule, by its id or an older one, with its evidence and what disputes it."""
    library = service.library
    rule = library.find_rule(rule_id)
    if rule is None:
        raise NotFound("We hold no rule of this id. GET /v1/rules lists those that we hold.")
    return rule_out(rule, library, as_of)


@router.get("/v1/sources", responses=documented())
async def list_sources(
    service: ServiceDep,
    authority: Word | None = None,
    ingested: Annotated[bool | None, Query(description="Only own documents, or only the corpus.")] = None,
    offset: Offset = 0,
    limit: Limit = 100,
) -> Page[SourceBrief]:
    """The sources, by id, without their texts."""
    chosen = [
        source
        for _, source in sorted(service.library.sources.items())
        if authority in (None, source.authority) and ingested in (None, source.ingested)
    ]
    items = [SourceBrief.model_validate(source) for source in chosen[offset : offset + limit]]
    return Page(items=items, total=len(chosen), offset=offset, limit=limit)


@router.get("/v1/sources/{source_id:path}", responses=documented(404))
async def read_source(service: ServiceDep, source_id: str) -> SourceOut:
    """One source with the text that we hold of it."""
    library = service.library
    source = library.sources.get(source_id)
    if source is None:
        raise NotFound("We hold no source of this id. GET /v1/sources lists those that we hold.")
    return source_out(source, library.rules.values())
