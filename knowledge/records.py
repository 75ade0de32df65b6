"""Sources and rules to JSON and back, as the catalogue stores them. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date

from knowledge.rule import Dispute, Evidence, Polar, Rule, Stage
from knowledge.source import Source, SourceKind, SupportingSource


def rule_to_json(rule: Rule) -> str:
    """The rule as JSON."""
    return json.dumps(asdict(rule), ensure_ascii=False, default=str)


def rule_from_json(body: object) -> Rule:
    """The rule that `rule_to_json` wrote."""
    data = json.loads(str(body))
    for key in ("aliases", "supersedes", "superseded_by", "asks_en", "asks_zh"):
        data[key] = tuple(data[key])
    for key in ("in_force_from", "in_force_to"):
        data[key] = date.fromisoformat(data[key]) if data[key] else None
    data["stage"] = Stage(data["stage"])
    data["evidence"] = tuple(Evidence(**item) for item in data["evidence"])
    data["disputes"] = tuple(Dispute(**item) for item in data["disputes"])
    data["polar"] = tuple(Polar(**item) for item in data["polar"])
    return Rule(**data)


def source_to_json(source: Source) -> str:
    """The source as JSON."""
    return json.dumps(asdict(source), ensure_ascii=False)


def source_from_json(body: object) -> Source:
    """The source that `source_to_json` wrote."""
    data = json.loads(str(body))
    data["kind"] = SourceKind(data["kind"])
    data["supporting"] = tuple(SupportingSource(**item) for item in data["supporting"])
    return Source(**data)
