"""What is wrong between records of the corpus. Pure: a corpus in, findings out; an empty list is a clean bill."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from knowledge.quantities import quantities
from knowledge.register import Corpus
from knowledge.rule import Rule, Stage, first_day
from knowledge.words import HAN, has_han

_EARLIEST, _LATEST = date(1990, 1, 1), date(2035, 1, 1)
_MOST_WORDS, _MOST_CHARACTERS = 70, 130
"""Of a statement, in English and in Chinese: longer ones hold more than one provision."""
_SAME_FIGURES_EXEMPT = frozenset({"1"})
"""`a month` against `1个月`: the article is a figure in one language only."""

TOPICS = frozenset(
    {
        "policy",
        "perimeter",
        "vatp",
        "licensing",
        "token-admission",
        "custody",
        "retail",
        "aml",
        "staking",
        "otc",
        "enforcement",
        "stablecoin",
        "cbdc",
        "e-cny",
        "tokenised-deposit",
        "tokenised-bond",
        "banking",
        "sandbox",
        "intermediary",
        "tokenised-security",
        "etf",
        "fund-management",
        "nft",
        "tax",
        "funding",
        "mainland",
        "market",
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect: the record it is in, a stable code, and what to mend."""

    record: str
    code: str
    message: str


def check_corpus(corpus: Corpus) -> list[Finding]:
    """Check identity, dates, supersession, quotes, languages and orphans over the whole corpus."""
    findings = [*_check_ids(corpus), *_check_loops(corpus), *_check_orphans(corpus)]
    for rule in corpus.rules.values():
        findings += [*_check_dates(rule), *_check_supersession(rule, corpus), *_check_evidence(rule, corpus)]
        findings += [*_check_languages(rule), *_check_length(rule), *_check_disputes(rule, corpus)]
    for source in corpus.sources.values():
        if source.supersedes is not None and source.supersedes not in corpus.sources:
            findings.append(Finding(source.id, "dangling_source", f"supersedes unknown source {source.supersedes}"))
    return findings


def _check_ids(corpus: Corpus) -> Iterator[Finding]:
    owner: dict[str, str] = {}
    for rule in corpus.rules.values():
        if rule.topic not in TOPICS:
            yield Finding(rule.id, "unknown_topic", f"topic {rule.topic!r} is not one of ours")
        for alias in rule.aliases:
            taken = rule.id if alias in corpus.rules else owner.setdefault(alias, rule.id)
            if alias in corpus.rules or taken != rule.id:
                yield Finding(rule.id, "alias_taken", f"alias {alias} already names another rule")


def _check_dates(rule: Rule) -> Iterator[Finding]:
    days = [day for day in (first_day(rule.published), rule.in_force_from, rule.in_force_to) if day]
    if any(not _EARLIEST <= day <= _LATEST for day in days):
        yield Finding(rule.id, "date_out_of_range", f"a date lies outside {_EARLIEST} to {_LATEST}")
    if rule.in_force_from and rule.in_force_to and rule.in_force_to <= rule.in_force_from:
        yield Finding(rule.id, "dates_out_of_order", "in_force_to is not after in_force_from")
    if rule.known_from is None and rule.confidence != "low":
        yield Finding(rule.id, "undated", "neither published nor in_force_from is given: date it or mark it low")
    if rule.stage is Stage.MADE and rule.in_force_from is None:
        yield Finding(rule.id, "no_effect_date", "a made rule needs in_force_from")


def _check_supersession(rule: Rule, corpus: Corpus) -> Iterator[Finding]:
    for old_id in rule.supersedes:
        old = corpus.rules.get(old_id)
        if old is None:
            yield Finding(rule.id, "dangling_rule", f"supersedes unknown rule {old_id}")
        elif old.in_force_to is None:
            yield Finding(old_id, "open_end", f"was superseded by {rule.id} but has no in_force_to")
        elif rule.in_force_from is None:
            yield Finding(rule.id, "no_effect_date", f"supersedes {old_id} but has no in_force_from")


def _check_loops(corpus: Corpus) -> Iterator[Finding]:
    for start in corpus.rules:
        seen: set[str] = set()
        frontier = list(corpus.rules[start].supersedes)
        while frontier:
            current = frontier.pop()
            if current == start:
                yield Finding(start, "supersession_loop", "supersedes itself through others")
                break
            if current not in seen and current in corpus.rules:
                seen.add(current)
                frontier.extend(corpus.rules[current].supersedes)


def _check_evidence(rule: Rule, corpus: Corpus) -> Iterator[Finding]:
    if not rule.evidence:
        yield Finding(rule.id, "no_evidence", "a rule needs at least one evidence quote")
    quoted = {"en": frozenset[str](), "zh": frozenset[str]()}
    for evidence in rule.evidence:
        source = corpus.sources.get(evidence.source)
        if source is None:
            yield Finding(rule.id, "dangling_source", f"evidence names unknown source {evidence.source}")
        elif evidence.quote not in source.text:
            yield Finding(rule.id, "quote_not_found", f"not in {evidence.source}: {evidence.quote[:60]!r}")
        language = "zh" if has_han(evidence.quote) else "en"
        quoted[language] |= quantities(evidence.quote) | {""}
    for language, key in (("en", "en"), ("zh", "zh-Hans")):
        if rule.evidence and not quoted[language]:
            yield Finding(rule.id, "quote_missing", f"no {key} evidence quote")
    unsupported = quantities(rule.statement["en"]) - quoted["en"] - quoted["zh"] - _SAME_FIGURES_EXEMPT
    if unsupported:
        yield Finding(rule.id, "figure_unsupported", f"in no quote: {', '.join(sorted(unsupported))}")


def _check_languages(rule: Rule) -> Iterator[Finding]:
    for part, text in (("title", rule.title), ("statement", rule.statement)):
        if has_han(text["en"]) and part == "title":
            yield Finding(rule.id, "wrong_language", f"the English {part} has Chinese characters")
        if not has_han(text["zh-Hans"]):
            yield Finding(rule.id, "wrong_language", f"the Chinese {part} has no Chinese characters")
        english, chinese = quantities(text["en"]), quantities(text["zh-Hans"])
        differing = (english ^ chinese) - _SAME_FIGURES_EXEMPT
        if differing:
            yield Finding(rule.id, "figures_differ", f"{part}: only in one language: {', '.join(sorted(differing))}")


def _check_length(rule: Rule) -> Iterator[Finding]:
    words, characters = len(rule.statement["en"].split()), len(HAN.findall(rule.statement["zh-Hans"]))
    if words > _MOST_WORDS or characters > _MOST_CHARACTERS:
        yield Finding(rule.id, "too_long", f"the statement has {words} words, {characters} Chinese characters")


def _check_disputes(rule: Rule, corpus: Corpus) -> Iterator[Finding]:
    for dispute in rule.disputes:
        if dispute.source not in corpus.sources:
            yield Finding(rule.id, "dangling_source", f"dispute names unknown source {dispute.source}")


def _check_orphans(corpus: Corpus) -> Iterator[Finding]:
    used = {evidence.source for rule in corpus.rules.values() for evidence in rule.evidence}
    used |= {dispute.source for rule in corpus.rules.values() for dispute in rule.disputes}
    for source_id in corpus.sources.keys() - used:
        yield Finding(source_id, "orphan_source", "no rule rests on it")
