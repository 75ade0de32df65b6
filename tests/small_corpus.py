"""A small corpus cut out of the shipped one: whole records on a few sources, for tests that need a real library."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import yaml

from knowledge.register import Corpus, read_corpus

SOURCES = (
    "charltons/banking-services-for-vasps/2023-07",
    "government/carf-commitment/2024-12",
    "hkma/digital-asset-custody-guidance/2026-05-27",
    "hkma/project-ensemble-release/2024-03-07",
    "kwm/hkma-digital-asset-custody/2024-02",
    "sfc/collective-investment-schemes/2013-08",
)


def write_small_corpus(shipped: Path, folder: Path) -> Corpus:
    """Copy into `folder` the rules, with those that they replace, that rest on `SOURCES` alone, with what they leave
    open; read them back."""
    corpus = read_corpus(shipped)
    kept = {rule_id for rule_id in corpus.rules if _rests_on(corpus, rule_id) <= set(SOURCES)}
    (folder / "rules").mkdir(parents=True)
    for path in sorted((shipped / "rules").glob("*.yaml")):
        loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        chosen = [rule for rule in loaded if rule["id"] in kept]
        if chosen:
            text = yaml.safe_dump(chosen, allow_unicode=True, sort_keys=False)
            (folder / "rules" / path.name).write_text(text, encoding="utf-8")
    (folder / "open").mkdir()
    for path in sorted((shipped / "open").glob("*.jsonl")):
        lines = path.read_text(encoding="utf-8").splitlines()
        chosen = [line for line in lines if json.loads(line)["rule"] in kept]
        (folder / "open" / path.name).write_text("\n".join(chosen), encoding="utf-8")
    for source in SOURCES:
        copy = folder / "sources" / f"{source}.md"
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(shipped / "sources" / f"{source}.md", copy)
    return read_corpus(folder)


def _rests_on(corpus: Corpus, rule_id: str) -> set[str]:
    """The sources of a rule and of every rule that it is linked to by supersession."""
    sources: set[str] = set()
    seen: set[str] = set()
    waiting = [rule_id]
    while waiting:
        rule = corpus.rules[waiting.pop()]
        if rule.id in seen:
            continue
        seen.add(rule.id)
        waiting += [*rule.supersedes, *rule.superseded_by]
        sources |= {one.source for one in rule.evidence} | {one.source for one in rule.disputes}
    return sources
