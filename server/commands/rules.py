"""`hkva rules`: list and show the rules, follow one through time, check the corpus."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from knowledge.errors import NotHeld
from knowledge.history import history
from knowledge.records import rule_to_json
from knowledge.rule import LANGUAGES, Language, Rule, Standing, standing
from knowledge.settings import KnowledgeSettings
from server.commands.derive import derive
from server.console import make_output
from server.errors import BadSettings
from server.settings import read_settings

app = typer.Typer(no_args_is_help=True, help="List, show, follow, check and draft the dated rules.")
app.command("derive")(derive)

_Id = Annotated[str, typer.Argument(help="Its id or an older id; see: hkva rules list")]
_AsOf = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Standing on this day; default today.")]
_AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_In = Annotated[str, typer.Option("--language", help="en, zh-Hans or zh-Hant.")]


@app.command("list")
def list_rules(
    topic: Annotated[str, typer.Option(help="Only this topic.")] = "",
    authority: Annotated[str, typer.Option(help="Only this authority's.")] = "",
    standing_is: Annotated[Standing | None, typer.Option("--standing", help="Only of this standing.")] = None,
    as_of: _AsOf = None,
    language: _In = "en",
    as_json: _AsJson = False,
) -> None:
    """List the rules with their standing."""
    on = _day(as_of)
    rules, _ = _read_rules()
    chosen = [
        rule
        for rule in rules.values()
        if (not topic or rule.topic == topic)
        and (not authority or rule.authority.lower() == authority.lower())
        and (standing_is is None or standing(rule, on) is standing_is)
    ]
    _print_rules(chosen, on, _language(language), as_json)


@app.command("history")
def show_history(rule_id: _Id, as_of: _AsOf = None, language: _In = "en", as_json: _AsJson = False) -> None:
    """Show what a rule replaced and what replaced it, oldest first."""
    rules, aliases = _read_rules()
    rule = _get(rules, aliases, rule_id)
    _print_rules(history(rules, rule.id), _day(as_of), _language(language), as_json)


@app.command("show")
def show_rule(rule_id: _Id, as_of: _AsOf = None, language: _In = "en", as_json: _AsJson = False) -> None:
    """Show one rule with its evidence and what other sources say of it."""
    rules, aliases = _read_rules()
    rule, on, shown = _get(rules, aliases, rule_id), _day(as_of), _language(language)
    if as_json:
        make_output().print_json(json.dumps(_as_json(rule, on), ensure_ascii=False))
        return
    lines = [
        rule.title[shown],
        "",
        rule.statement[shown],
        "",
        f"{rule.authority}, {rule.instrument}",
        f"{standing(rule, on)} on {on}; {_dates(rule)}; confidence {rule.confidence}",
    ]
    lines += [f"replaces {old}" for old in rule.supersedes] + [f"replaced by {new}" for new in rule.superseded_by]
    lines += [f"evidence  {one.source}: {one.quote}" for one in rule.evidence]
    lines += [f"{one.verdict}  {one.source}: {one.claim[shown]} {one.note[shown]}" for one in rule.disputes]
    make_output().print("\n".join(lines), markup=False)


@app.command("check")
def check(as_json: _AsJson = False) -> None:
    """Check the corpus: ids, dates, supersession, quotes, languages, orphans and, with HKVA_SEEDS, copied wording."""
    from knowledge.findings import check_corpus
    from knowledge.overlap import check_overlap, read_texts
    from knowledge.register import read_corpus

    corpus = read_corpus(read_settings(KnowledgeSettings).corpus_dir)
    findings = check_corpus(corpus)
    if seeds := os.environ.get("HKVA_SEEDS"):
        findings += check_overlap(corpus, read_texts(Path(seeds)))
    output = make_output()
    if as_json:
        output.print_json(json.dumps([[one.record, one.code, one.message] for one in findings], ensure_ascii=False))
    else:
        for one in findings:
            output.print(f"{one.record}  {one.code}: {one.message}", markup=False)
        held = f"{len(corpus.rules)} rules, {len(corpus.sources)} sources, {len(corpus.glossary)} groups of terms"
        output.print(f"{held}: {len(findings) or 'no'} findings.", markup=False)
    if findings:
        raise typer.Exit(1)


def _read_rules() -> tuple[dict[str, Rule], dict[str, str]]:
    """The library's rules by id, and their ids by alias."""
    from knowledge.library import open_catalogue

    with closing(open_catalogue(read_settings(KnowledgeSettings).library_dir)) as catalogue:
        return catalogue.rules(), catalogue.aliases()


def _get(rules: dict[str, Rule], aliases: dict[str, str], rule_id: str) -> Rule:
    rule = rules.get(aliases.get(rule_id, rule_id))
    if rule is None:
        raise NotHeld(f"No rule {rule_id!r}. See: hkva rules list")
    return rule


def _day(as_of: datetime | None) -> date:
    return as_of.date() if as_of else date.today()


def _language(written: str) -> Language:
    found = next((one for one in LANGUAGES if one.lower() == written.lower()), None)
    if found is None:
        raise BadSettings(f"--language {written!r} is none of {', '.join(LANGUAGES)}.")
    return found


def _dates(rule: Rule) -> str:
    begins = rule.in_force_from.isoformat() if rule.in_force_from else (rule.published or "undated")
    return f"from {begins} until {rule.in_force_to}" if rule.in_force_to else f"from {begins}"


def _as_json(rule: Rule, on: date) -> dict[str, object]:
    return {**json.loads(rule_to_json(rule)), "standing": standing(rule, on), "as_of": on.isoformat()}


def _print_rules(rules: Sequence[Rule], on: date, language: Language, as_json: bool) -> None:
    if as_json:
        make_output().print_json(json.dumps([_as_json(rule, on) for rule in rules], ensure_ascii=False))
        return
    for rule in rules:
        # Plain lines: a table would cut ids short, and an id has to be copied whole.
        line = f"{rule.id:<44} {standing(rule, on):<10}  {_dates(rule):<33}  {rule.title[language]}"
        make_output().print(line, markup=False)
