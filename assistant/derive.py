"""Draft rules from one document: a chat model proposes, we verify, a person decides.

1. The document is cut at paragraphs into parts that the model can read; each part is one structured call.
2. A draft stands only if each of its quotes is in the document (white space aside; the document's own run is kept)
   and its figures and names stand in those quotes, the same figures in both languages.
3. Each draft is held against the rules we have: a later text on the same matter may replace one, another figure on
   the same matter may dispute one. Both are proposals, written as comments for the person who reviews.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

from assistant.chat_model import ChatModel
from assistant.evidence import as_data
from assistant.instructions import instructs
from assistant.measured import measured
from assistant.names import foreign_letters, missing_names
from assistant.numerals import spelled
from assistant.prompts import read_prompt
from assistant.wording import coverage
from knowledge.findings import TOPICS
from knowledge.quantities import quantities
from knowledge.rule import Rule, first_day
from knowledge.source import Source
from knowledge.words import has_han

PART = 8_000
"""Most characters of a document in one call."""
_SAME_MATTER = 0.55
"""Coverage of a draft's statement by a rule's from which both are taken to be on the same matter."""
_MOST_RELATED = 3
_ARTICLES = frozenset({"1"})


class Draft(BaseModel):
    """One drafted rule, as the model gives it."""

    title_en: str = Field(min_length=3, max_length=200)
    title_zh: str = Field(min_length=2, max_length=100)
    statement_en: str = Field(min_length=10, max_length=1_500)
    statement_zh: str = Field(min_length=5, max_length=800)
    quotes: list[str] = Field(min_length=1, max_length=4)
    topic: str
    instrument: str = ""
    stage: Literal["made", "proposed", "announced", "event"]
    in_force_from: date | None = None
    in_force_to: date | None = None
    asks_en: list[str] = Field(default=[], max_length=5)
    asks_zh: list[str] = Field(default=[], max_length=5)


class Drafts(BaseModel):
    """The drafts of one part of a document; an empty list where it holds none."""

    drafts: list[Draft]


@dataclass(frozen=True, slots=True)
class Relation:
    """What a draft may do to a rule that we hold: `supersedes` or `disputes`, and why we think so."""

    kind: Literal["supersedes", "disputes"]
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Derived:
    """A draft that stood, with the document's own runs as its quotes."""

    id: str
    draft: Draft
    quotes: tuple[str, ...]
    relations: tuple[Relation, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A draft that did not stand, and why."""

    title: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Derivation:
    """What came of one document."""

    source: str
    drafts: tuple[Derived, ...]
    refused: tuple[Refused, ...]
    calls: int


async def derive(
    source: Source,
    rules: Mapping[str, Rule],
    chat: ChatModel,
    report: Callable[[int, int], None] = lambda _done, _of: None,
) -> Derivation:
    """Draft rules from a source. Raises ModelError; `report` is told the parts done and how many there are."""
    kept: dict[str, Derived] = {}
    refused: list[Refused] = []
    parts = parts_of(source.text)
    calls = 0
    for number, part in enumerate(parts):
        report(number, len(parts))
        if not instructs(part):
            one_part = chat.begin()
            found = await one_part.structured([("human", _prompt(source, part))], Drafts)
            calls += one_part.usage.calls
            _take(found.drafts, source, rules, kept, refused)
        else:
            refused.append(Refused(f"part {number + 1}", ("It gives orders to a model and was not shown to it.",)))
    report(len(parts), len(parts))
    return Derivation(source.id, tuple(kept.values()), tuple(refused), calls)


def parts_of(text: str, size: int = PART) -> list[str]:
    """The text in parts of whole paragraphs of no more than `size` characters; a longer paragraph is cut."""
    parts: list[str] = []
    held = ""
    for paragraph in re.split(r"(?<=\n)\n+", text):
        for start in range(0, len(paragraph), size):
            piece = paragraph[start : start + size]
            if held and len(held) + len(piece) > size:
                parts.append(held)
                held = ""
            held += piece + "\n"
    return [*parts, held] if held.strip() else parts


def check_draft(draft: Draft, text: str) -> tuple[tuple[str, ...], list[str]]:
    """The document's runs that the draft quotes, and what is wrong with the draft; an empty list is a clean bill."""
    quotes = [found for found in (find_quote(quote, text) for quote in draft.quotes) if found is not None]
    faults = [f"Not in the document: {quote[:80]!r}" for quote in draft.quotes if find_quote(quote, text) is None]
    if draft.topic not in TOPICS:
        faults.append(f"No topic of ours: {draft.topic}")
    if not has_han(draft.statement_zh) or has_han(draft.title_en):
        faults.append("A text is in the wrong language.")
    faults += _figures_at_fault(draft, "\n".join(quotes))
    names = missing_names(draft.statement_en, "\n".join([*quotes, draft.title_en, draft.instrument]))
    if not any(has_han(quote) for quote in quotes) and names:
        faults.append(f"In no quote: {', '.join(names)}")
    if draft.in_force_from and draft.in_force_to and draft.in_force_to <= draft.in_force_from:
        faults.append("It ends before it begins.")
    return tuple(quotes), faults


def find_quote(quote: str, text: str) -> str | None:
    """The run of the document that the quote is, white space aside; None where there is none."""
    words = quote.split()
    if len("".join(words)) < 8:
        return None
    match = re.search(r"\s+".join(map(re.escape, words)), text)
    return match.group() if match else None


def relations_of(draft: Draft, source: Source, rules: Iterable[Rule]) -> Iterator[Relation]:
    """Rules on the same matter that the draft may replace (it is later) or dispute (its figures are others)."""
    near = sorted(((coverage(draft.statement_en, rule.statement["en"]), rule) for rule in rules), key=_by_score)
    for score, rule in [one for one in near if one[0] >= _SAME_MATTER][:_MOST_RELATED]:
        if any(evidence.source == source.id for evidence in rule.evidence):
            continue
        shared = f"{score:.0%} of its words are the rule's"
        new = draft.in_force_from or first_day(source.published)
        old = rule.in_force_from or rule.known_from
        if source.official and draft.stage == "made" and rule.in_force_to is None and old and new and new > old:
            yield Relation("supersedes", rule.id, f"{shared}, and it begins later ({new} after {old})")
        others = measured(draft.statement_en) ^ measured(rule.statement["en"])
        if len({unit for unit, _ in others}) < len(others):
            told = ", ".join(sorted(f"{value} {unit}" for unit, value in others))
            yield Relation("disputes", rule.id, f"{shared}, and figures differ ({told})")


def _by_score(one: tuple[float, Rule]) -> tuple[float, str]:
    return -one[0], one[1].id


def _take(
    drafts: Iterable[Draft], source: Source, rules: Mapping[str, Rule], kept: dict[str, Derived], refused: list[Refused]
) -> None:
    for draft in drafts:
        quotes, faults = check_draft(draft, source.text)
        if faults:
            refused.append(Refused(draft.title_en, tuple(faults)))
            continue
        name = _id(draft.title_en, {*rules, *kept})
        kept[name] = Derived(name, draft, quotes, tuple(relations_of(draft, source, rules.values())))


def _figures_at_fault(draft: Draft, quoted: str) -> list[str]:
    faults: list[str] = []
    for text in (draft.statement_en, draft.statement_zh):
        missing = (quantities(text) | spelled(text)) - quantities(quoted) - spelled(quoted) - _ARTICLES
        if missing:
            faults.append(f"Figures in no quote: {', '.join(sorted(missing))}")
        if foreign_letters(text) - foreign_letters(quoted):
            faults.append("Letters of a script that no quote has.")
    differing = _only_in(draft.statement_en, draft.statement_zh) | _only_in(draft.statement_zh, draft.statement_en)
    if differing - _ARTICLES:
        faults.append(f"Figures in one language only: {', '.join(sorted(differing - _ARTICLES))}")
    return list(dict.fromkeys(faults))


def _only_in(text: str, other: str) -> frozenset[str]:
    """Figures of a text that the other has neither in digits nor in words."""
    return quantities(text) - quantities(other) - spelled(other)


def _id(title: str, taken: set[str]) -> str:
    words = re.findall(r"[a-z0-9]+", title.lower())
    stem = "-".join(word for word in words if word not in {"a", "an", "the", "of", "for", "and"})[:56].strip("-")
    stem = stem if len(stem) > 1 else f"rule-{stem or 'x'}"
    number = 2
    name = stem
    while name in taken:
        name, number = f"{stem}-{number}", number + 1
    return name


def _prompt(source: Source, part: str) -> str:
    return read_prompt("derive").fill(
        topics=", ".join(sorted(TOPICS)),
        title=as_data(source.title),
        publisher=as_data(source.publisher),
        published=source.published or "undated",
        text=as_data(part),
    )
