"""A small tool set for other people's LangChain agents: search the policy, read one rule, follow what replaced it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from langchain_core.tools import BaseTool, StructuredTool
from pydantic import BaseModel, Field

from assistant.retriever import PolicyRetriever
from knowledge.library import Library
from knowledge.rule import Rule, standing


class SearchArguments(BaseModel):
    """What `search_policy` takes."""

    query: str = Field(description="A question or keywords, in English or Chinese.", min_length=1, max_length=500)
    as_of: date | None = Field(
        default=None, description="The day whose policy is asked for, YYYY-MM-DD; today if empty."
    )
    limit: int = Field(default=5, ge=1, le=10, description="Most records.")


class RuleArguments(BaseModel):
    """What `get_rule` and `rule_history` take."""

    rule_id: str = Field(description="Id of a rule as search_policy gives it.", min_length=1, max_length=200)
    as_of: date | None = Field(default=None, description="The day for which its standing is told; today if empty.")


def policy_tools(library: Library) -> list[BaseTool]:
    """`search_policy`, `get_rule` and `rule_history` over one library. Each gives JSON; an unknown id gives `error`."""

    def search_policy(query: str, as_of: date | None = None, limit: int = 5) -> str:
        retriever = PolicyRetriever(library=library, as_of=as_of, limit=limit, current_only=as_of is not None)
        found = [{"text": one.page_content, **one.metadata} for one in retriever.invoke(query)]
        return json.dumps({"as_of": str(as_of or date.today()), "records": found}, ensure_ascii=False)

    def get_rule(rule_id: str, as_of: date | None = None) -> str:
        rule = library.find_rule(rule_id)
        told = _told(rule, as_of or date.today()) if rule else _unknown(rule_id)
        return json.dumps(told, ensure_ascii=False)

    def rule_history(rule_id: str, as_of: date | None = None) -> str:
        rule = library.find_rule(rule_id)
        if rule is None:
            return json.dumps(_unknown(rule_id), ensure_ascii=False)
        chain = [_told(one, as_of or date.today()) for one in _chain(library, rule)]
        return json.dumps({"rules": chain}, ensure_ascii=False)

    return [
        StructuredTool.from_function(
            search_policy,
            description="Search Hong Kong's virtual-asset policy: rules and documents with their standing on a day.",
            args_schema=SearchArguments,
        ),
        StructuredTool.from_function(
            get_rule,
            description="One rule in full: statement in English and Chinese, dates, standing, evidence, disputes.",
            args_schema=RuleArguments,
        ),
        StructuredTool.from_function(
            rule_history,
            description="What a rule replaced and what replaced it, oldest first.",
            args_schema=RuleArguments,
        ),
    ]


def _unknown(rule_id: str) -> dict[str, Any]:
    return {"error": f"We hold no rule {rule_id!r}. Find ids with search_policy."}


def _told(rule: Rule, on: date) -> dict[str, Any]:
    return {
        "id": rule.id, "topic": rule.topic, "title": dict(rule.title), "statement": dict(rule.statement),
        "authority": rule.authority, "instrument": rule.instrument, "published": rule.published,
        "in_force_from": str(rule.in_force_from) if rule.in_force_from else None,
        "in_force_to": str(rule.in_force_to) if rule.in_force_to else None,
        "standing": standing(rule, on).value, "supersedes": list(rule.supersedes),
        "superseded_by": list(rule.superseded_by), "confidence": rule.confidence,
        "evidence": [{"source": one.source, "quote": one.quote} for one in rule.evidence],
        "disputes": [
            {"source": one.source, "verdict": one.verdict, "claim": dict(one.claim), "note": dict(one.note)}
            for one in rule.disputes
        ],
    }  # fmt: skip


def _chain(library: Library, rule: Rule) -> list[Rule]:
    """The rule with all that it replaced and all that replaced it, by the day they began."""
    held = {rule.id: rule}
    waiting = [rule]
    while waiting:
        one = waiting.pop()
        for near in (*one.supersedes, *one.superseded_by):
            other = library.find_rule(near)
            if other is not None and other.id not in held:
                held[other.id] = other
                waiting.append(other)
    return sorted(held.values(), key=lambda one: (one.in_force_from or one.known_from or date.min, one.id))
