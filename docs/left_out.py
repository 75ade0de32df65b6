"""Compares the researched facts with the corpus and writes what was left out: python docs/left_out.py FACTS_FOLDER.

A fact is held where a rule has its id, as its own or as an alias. What a held fact says in figures is then looked up
in the rule with its quotes, else in the other rules.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

from knowledge.quantities import quantities
from knowledge.register import Corpus, read_corpus
from knowledge.rule import Rule
from knowledge.settings import KnowledgeSettings
from knowledge.words import has_han

PAGE = Path(__file__).resolve().parent / "left-out.md"
REASONS = {
    "vatp-occasional-transactions": "the end of a range of paragraphs; the rule names those that say it",
    "va-licensing-bill-status-2026": "the day on which somebody searched, which is no fact of the policy;"
    " the rule says “as far as our records go”",
}  # fmt: skip
"""Why a figure of a fact stands in no rule at all."""

Fact = Mapping[str, str]


def read_facts(folder: Path) -> list[tuple[str, Fact]]:
    """Every fact with the name of its sheet."""
    sheets = sorted(folder.glob("*.yaml"))
    return [(sheet.stem, fact) for sheet in sheets for fact in yaml.safe_load(sheet.read_text(encoding="utf-8"))]


def held_by(corpus: Corpus) -> dict[str, Rule]:
    """The rule that goes by each id or alias."""
    return {name: rule for rule in corpus.rules.values() for name in (rule.id, *rule.aliases)}


def figures(rules: Iterable[Rule]) -> frozenset[str]:
    """All figures that the rules and their quotes have."""
    texts = [
        text.replace("-", " ")
        for rule in rules
        for text in (
            *rule.title.values(), *rule.statement.values(), rule.instrument, str(rule.published),
            str(rule.in_force_from), str(rule.in_force_to), *(one.quote for one in rule.evidence),
        )
    ]  # fmt: skip
    return quantities("\n".join(texts))


def lost_figures(facts: list[tuple[str, Fact]], corpus: Corpus) -> list[str]:
    """A row for every fact with a figure that its own rule does not state."""
    held = held_by(corpus)
    rows = []
    for _, fact in facts:
        rule = held.get(fact["id"])
        if rule is None:
            continue
        lacking = quantities(fact["statement_en"].replace("-", " ")) - figures([rule])
        if not lacking:
            continue
        alike = [other for other in corpus.rules.values() if other.topic == rule.topic]
        nowhere = lacking - figures(alike)
        where = (
            "in other rules of its topic" if not nowhere else REASONS.get(fact["id"], "**no rule, no reason given**")
        )
        rows.append(f"| `{fact['id']}` | {', '.join(sorted(lacking))} | {where} |")
    return rows


def merged(facts: list[tuple[str, Fact]], corpus: Corpus) -> list[str]:
    """A row for every rule that took more than one entry."""
    held, entries = held_by(corpus), defaultdict(list)
    for sheet, fact in facts:
        if fact["id"] in held:
            entries[held[fact["id"]].id].append(f"`{fact['id']}` ({sheet})")
    return [f"| `{rule}` | {', '.join(names)} |" for rule, names in sorted(entries.items()) if len(names) > 1]


def counts(corpus: Corpus) -> list[str]:
    """Counts of rules and sources, as table rows."""
    rules, sources = list(corpus.rules.values()), list(corpus.sources.values())
    chinese = sum(1 for source in sources if has_han(source.text))
    english = sum(1 for source in sources if source.language.startswith("en"))
    rows = {
        "rules": [("in English, Simplified and Traditional Chinese", len(rules))],
        "rules by topic": Counter(rule.topic for rule in rules).most_common(),
        "rules by confidence": Counter(rule.confidence for rule in rules).most_common(),
        "rules by stage": Counter(rule.stage.value for rule in rules).most_common(),
        "questions that rules are known to answer": [
            ("English", sum(len(rule.asks_en) + len(rule.polar) for rule in rules)),
            ("Chinese", sum(len(rule.asks_zh) + len(rule.polar) for rule in rules)),
        ],
        "sources": [
            ("official", sum(source.official for source in sources)),
            ("not official", sum(not source.official for source in sources)),
        ],
        "sources by kind": Counter(source.kind.value.replace("_", " ") for source in sources).most_common(),
        "sources by language of the original": [("English", english), ("Chinese", len(sources) - english)],
        "digests": [("with a Chinese part", chinese), ("all", len(sources))],
        "groups of equivalent terms": [("all", len(corpus.glossary))],
    }
    return [f"| {name} | {', '.join(f'{what}: {count}' for what, count in parts)} |" for name, parts in rows.items()]


def page(facts: list[tuple[str, Fact]], corpus: Corpus) -> str:
    """The comparison as Markdown."""
    held = held_by(corpus)
    missing = [f"- `{fact['id']}` ({sheet})" for sheet, fact in facts if fact["id"] not in held]
    distinct = {fact["id"] for _, fact in facts}
    own = len(corpus.rules) - len({held[name].id for name in distinct & held.keys()})
    return "\n".join(
        [
            "# What the corpus holds, and what of the researched facts it leaves out",
            "",
            f"The sheets have {len(facts)} entries with {len(distinct)} ids. {len(distinct & held.keys())} of the ids"
            f" name a rule, as its id or as an alias; {len(missing)} do not."
            f" {own} rules have no entry: they divide one that says several things, or add to the sheets.",
            "",
            *(["Left out whole:", "", *missing] if missing else ["No fact was left out whole."]),
            "",
            "## Figures that a fact has and its rule does not state",
            "",
            "| fact | figures | where they stand instead |",
            "|---|---|---|",
            *lost_figures(facts, corpus),
            "",
            "## Entries that became one rule",
            "",
            "| rule | entries |",
            "|---|---|",
            *merged(facts, corpus),
            "",
            "## Counts",
            "",
            "| | |",
            "|---|---|",
            *counts(corpus),
            "",
            "Written by `python docs/left_out.py FACTS_FOLDER`.",
            "",
        ]
    )


def main(folder: str) -> None:
    """Compare, and write the page."""
    corpus = read_corpus(KnowledgeSettings().corpus_dir)
    PAGE.write_text(page(read_facts(Path(folder)), corpus), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
