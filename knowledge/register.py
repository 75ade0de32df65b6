"""Read the corpus from disk: sources, rules, glossary. The files' form is described in `corpus/README.md`.

The Pydantic models here are the door: they refuse unknown keys and wrong types with the file's name. What is
true *between* records is checked in `findings`.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from knowledge.errors import CorpusError
from knowledge.question_file import read_open, with_asks
from knowledge.rule import Dispute, Evidence, Language, Polar, Rule, Stage, first_day
from knowledge.source import Source, SourceKind, SupportingSource
from knowledge.words import to_traditional

_M = TypeVar("_M", bound=BaseModel)
_R = TypeVar("_R", Source, Rule)


@dataclass(frozen=True, slots=True)
class Corpus:
    """All that we know by ourselves. `digest` changes whenever any file of it does, or the Traditional derived."""

    sources: dict[str, Source]
    rules: dict[str, Rule]
    glossary: tuple[tuple[str, ...], ...]
    digest: str
    left_open: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Questions that rules leave open, by rule."""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Text(_File):
    en: str = Field(min_length=1)
    zh_hans: str = Field(min_length=1, alias="zh-Hans")
    zh_hant: str | None = Field(default=None, alias="zh-Hant")

    def in_all(self) -> dict[Language, str]:
        return {"en": self.en, "zh-Hans": self.zh_hans, "zh-Hant": self.zh_hant or to_traditional(self.zh_hans)}


class _Asks(_File):
    en: list[str] = []
    zh: list[str] = []


class _Polar(_File):
    en: str
    zh: str
    answer: Literal["yes", "no", "depends"]


class _Evidence(_File):
    source: str
    quote: str = Field(min_length=4)


class _Dispute(_File):
    source: str
    claim: _Text
    verdict: Literal["agrees", "imprecise", "differs", "unverifiable"]
    note: _Text


class _Rule(_File):
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]+$")
    aliases: list[str] = []
    topic: str
    authority: str
    instrument: str
    stage: Stage
    published: str | None
    in_force_from: date | None
    in_force_to: date | None = None
    supersedes: list[str] = []
    confidence: Literal["high", "medium", "low"]
    title: _Text
    statement: _Text
    asks: _Asks = _Asks()
    polar: list[_Polar] = []
    evidence: list[_Evidence]
    disputes: list[_Dispute] = []

    @field_validator("published", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return _date_text(value)

    def to_rule(self) -> Rule:
        return Rule(
            id=self.id,
            aliases=tuple(self.aliases),
            topic=self.topic,
            authority=self.authority,
            instrument=self.instrument,
            stage=self.stage,
            published=self.published,
            in_force_from=self.in_force_from,
            in_force_to=self.in_force_to,
            supersedes=tuple(self.supersedes),
            confidence=self.confidence,
            title=self.title.in_all(),
            statement=self.statement.in_all(),
            evidence=tuple(Evidence(e.source, e.quote) for e in self.evidence),
            disputes=tuple(Dispute(d.source, d.claim.in_all(), d.verdict, d.note.in_all()) for d in self.disputes),
            asks_en=tuple(self.asks.en),
            asks_zh=tuple(self.asks.zh),
            polar=tuple(Polar(p.en, p.zh, p.answer) for p in self.polar),
        )


class _Supporting(_File):
    title: str
    publisher: str
    url: str
    date: str | None = None
    official: bool

    @field_validator("date", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return _date_text(value)


class _Source(_File):
    id: str
    title: str
    title_en: str
    title_zh: str
    publisher: str
    authority: str
    kind: SourceKind
    language: str
    published: str | None
    url: str | None
    official: bool
    supersedes: str | None = None
    supporting: list[_Supporting] = []

    @field_validator("published", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return _date_text(value)

    def to_source(self, text: str) -> Source:
        supporting = tuple(SupportingSource(**one.model_dump()) for one in self.supporting)
        return Source(**{**self.model_dump(exclude={"supporting"}), "text": text, "supporting": supporting})


def _date_text(value: object) -> object:
    """YAML reads 2023-06-01 as a date and 2023 as a number; both become text, and the text must be a date."""
    text = str(value) if value is not None else None
    first_day(text)
    return text


def read_corpus(folder: Path) -> Corpus:
    """Read the whole corpus below `folder`. Raises CorpusError naming the file and what is wrong with it."""
    if not (folder / "rules").is_dir() or not (folder / "sources").is_dir():
        raise CorpusError(f"No corpus at {folder}: it needs the folders rules/ and sources/. Set HKVA_CORPUS_DIR.")
    asks, left_open = sorted(folder.glob("asks/*.jsonl")), sorted(folder.glob("open/*.jsonl"))
    read = [*folder.glob("rules/*.yaml"), *folder.glob("sources/**/*.md"), *folder.glob("glossary.yaml")]
    paths = sorted([*read, *asks, *left_open])
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    sources = _unique(read_source(path, folder / "sources") for path in paths if path.suffix == ".md")
    rules = _unique(rule for path in paths if path.parent.name == "rules" for rule in read_rules(path))
    for rule in rules.values():
        # Derived by tables that may improve: a library built with older ones is another library.
        digest.update(f"{rule.title['zh-Hant']}\0{rule.statement['zh-Hant']}\0".encode())
    rules = with_asks(_with_successors(rules), asks)
    glossary = read_glossary(folder / "glossary.yaml")
    return Corpus(sources, rules, glossary, digest.hexdigest(), read_open(rules, left_open))


def read_source(path: Path, root: Path) -> Source:
    """Read one digest; its id must be its path below `root`."""
    parts = path.read_text(encoding="utf-8").split("---\n", 2)
    if len(parts) != 3 or parts[0]:
        raise CorpusError(f"{path}: a digest begins with YAML front matter between two lines of ---.")
    source = _validated(_Source, _yaml(parts[1], path), path).to_source(parts[2].strip() + "\n")
    expected = path.relative_to(root).with_suffix("").as_posix()
    if source.id != expected:
        raise CorpusError(f"{path}: the id is {source.id!r}, but the path says {expected!r}.")
    return source


def read_rules(path: Path) -> list[Rule]:
    """Read one topic's rules."""
    loaded = _yaml(path.read_text(encoding="utf-8"), path)
    if not isinstance(loaded, list):
        raise CorpusError(f"{path}: expected a list of rules.")
    rules = [_validated(_Rule, item, path).to_rule() for item in loaded]
    for rule in rules:
        if rule.topic != path.stem:
            raise CorpusError(f"{path}: rule {rule.id} has topic {rule.topic!r}; the file's name is the topic.")
    return rules


def read_glossary(path: Path) -> tuple[tuple[str, ...], ...]:
    """Read the groups of equivalent terms; an absent file is an empty glossary."""
    if not path.is_file():
        return ()
    loaded = _yaml(path.read_text(encoding="utf-8"), path)
    if not isinstance(loaded, list) or not all(isinstance(group, list) and len(group) > 1 for group in loaded):
        raise CorpusError(f"{path}: expected a list of groups of two or more terms.")
    for term in (str(term) for group in loaded for term in group):
        if not any(letter.isalnum() for letter in term):
            raise CorpusError(f"{path}: {term!r} is no term. It needs a letter or a figure.")
    return tuple(tuple(str(term) for term in group) for group in loaded)


def _yaml(text: str, path: Path) -> Any:
    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise CorpusError(f"{path}: not valid YAML: {error}") from error


def _validated(model: type[_M], data: object, path: Path) -> _M:
    try:
        return model.model_validate(data)
    except (ValidationError, ValueError) as error:
        name = data.get("id", "?") if isinstance(data, dict) else "?"
        raise CorpusError(f"{path}: {name}: {error}") from error


def _unique(records: Iterable[_R]) -> dict[str, _R]:
    found: dict[str, _R] = {}
    for record in records:
        if record.id in found:
            raise CorpusError(f"The id {record.id} stands twice.")
        found[record.id] = record
    return found


def _with_successors(rules: dict[str, Rule]) -> dict[str, Rule]:
    successors: dict[str, list[str]] = defaultdict(list)
    for rule in rules.values():
        for old in rule.supersedes:
            successors[old].append(rule.id)
    return {rule.id: replace(rule, superseded_by=tuple(successors[rule.id])) for rule in rules.values()}
