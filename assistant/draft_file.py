"""Drafted rules as YAML in the form of the corpus, one file a topic, for a person to review."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import yaml

from assistant.derive import Derivation, Derived
from knowledge.register import read_rules
from knowledge.source import Source


def to_files(derivation: Derivation, source: Source) -> dict[str, str]:
    """File name to text. Proposed relations and refused drafts stand in comments: nothing is claimed unreviewed."""
    topics = sorted({one.draft.topic for one in derivation.drafts})
    files = {
        f"{topic}.yaml": _file(source, [one for one in derivation.drafts if one.draft.topic == topic])
        for topic in topics
    }
    if derivation.refused:
        lines = [f"# Drafts from {source.id} that did not stand."]
        lines += [f"# - {one.title}: {' '.join(one.reasons)}".replace("\n", " ") for one in derivation.refused]
        files["refused.txt"] = "\n".join(lines) + "\n"
    return files


def write_drafts(files: dict[str, str], folder: Path) -> None:
    """Write the files into `folder`, in place of those of an earlier derivation; each must read as corpus rules."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in [*folder.glob("*.yaml"), *folder.glob("refused.txt")]:
        old.unlink()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
        if name.endswith(".yaml"):
            read_rules(folder / name)


def difference(files: dict[str, str], folder: Path) -> str:
    """What a new derivation changes against the files in `folder`, as a unified diff; empty where nothing."""
    held = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.*")) if path.is_file()}
    lines: list[str] = []
    for name in sorted({*held, *files}):
        before, after = held.get(name, "").splitlines(), files.get(name, "").splitlines()
        lines += difflib.unified_diff(before, after, f"held/{name}", f"derived/{name}", lineterm="")
    return "\n".join(lines)


def _file(source: Source, drafts: list[Derived]) -> str:
    head = f"# Drafted by a chat model from {source.id} and not yet reviewed. Quotes and figures are verified.\n"
    return head + "\n".join(_block(source, one) for one in drafts)


def _block(source: Source, derived: Derived) -> str:
    draft = derived.draft
    comments = [f"# REVIEW: perhaps it {one.kind} {one.rule}: {one.reason}" for one in derived.relations]
    begins = draft.in_force_from or (source.published if len(source.published or "") == 10 else None)
    body: dict[str, Any] = {
        "id": derived.id, "aliases": [], "topic": draft.topic, "authority": source.authority,
        "instrument": draft.instrument or source.title, "stage": draft.stage, "published": source.published,
        "in_force_from": str(begins) if begins else None,
        "in_force_to": str(draft.in_force_to) if draft.in_force_to else None,
        "supersedes": [], "confidence": "medium" if source.official else "low",
        "title": {"en": draft.title_en, "zh-Hans": draft.title_zh},
        "statement": {"en": draft.statement_en, "zh-Hans": draft.statement_zh},
        "asks": {"en": draft.asks_en, "zh": draft.asks_zh},
        "evidence": [{"source": source.id, "quote": quote} for quote in derived.quotes],
    }  # fmt: skip
    text = yaml.safe_dump([body], allow_unicode=True, sort_keys=False, width=10_000)
    return "".join(f"{line}\n" for line in comments) + text
