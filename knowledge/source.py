"""A source: one document that we know of, with its provenance. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SourceKind(StrEnum):
    """What a document is. The order of `RANK` says which speaks louder when two disagree."""

    ORDINANCE = "ordinance"
    COURT_DECISION = "court_decision"
    GUIDELINE = "guideline"
    CIRCULAR = "circular"
    REGISTER = "register"
    NOTICE = "notice"
    CONCLUSIONS = "conclusions"
    POLICY_STATEMENT = "policy_statement"
    STATEMENT = "statement"
    BILL = "bill"
    CONSULTATION = "consultation"
    REPORT = "report"
    SPEECH = "speech"
    PRESS_RELEASE = "press_release"
    LAW_FIRM_NOTE = "law_firm_note"
    ARTICLE = "article"
    DOCUMENT = "document"


_RANK = {kind: place for place, kind in enumerate(SourceKind)}


@dataclass(frozen=True, slots=True)
class SupportingSource:
    """Another text that was read for a digest; not held itself."""

    title: str
    publisher: str
    url: str
    date: str | None
    official: bool


@dataclass(frozen=True, slots=True)
class Source:
    """One document. `text` is what we hold of it: our digest, or the whole of an ingested document.

    `published` is `YYYY-MM-DD`, `YYYY-MM`, `YYYY` or None. `supersedes` is the id of the source it replaced.
    """

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
    text: str
    supersedes: str | None = None
    supporting: tuple[SupportingSource, ...] = ()
    ingested: bool = False
    """True for a person's own document, False for a digest of the corpus."""

    def title_in(self, language: str) -> str:
        """The title for a reader of `language` (`en`, `zh-Hans`, `zh-Hant`)."""
        return self.title_en if language == "en" else self.title_zh

    @property
    def weight(self) -> tuple[int, int]:
        """Sort key: official before not, then by kind; smaller speaks louder."""
        return (0 if self.official else 1, _RANK[self.kind])
