"""A case: one question and what a good answer to it must have. Values only; `case_file` reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Literal

from assistant.answer import Outcome
from knowledge.rule import Language

Split = Literal["dev", "test"]
Polarity = Literal["yes", "no", "depends"]
AnyOf = tuple[str, ...]
"""Alternatives, any one of which will do."""


@dataclass(frozen=True, slots=True)
class Expect:
    """What a good answer has. What is left empty is not asked of it.

    `key_facts` must all be in the text, each in any of its forms. `must_not` are wrong statements: none may be in it.
    `rules` must all be cited, each by any of its ids. `version` (any of) is cited as what held on the case's date;
    none of `not_version` may be cited as law: as a record that was in force on that date.
    """

    outcome: frozenset[Outcome] = frozenset({Outcome.ANSWERED})
    key_facts: tuple[AnyOf, ...] = ()
    must_not: AnyOf = ()
    rules: tuple[AnyOf, ...] = ()
    version: AnyOf = ()
    not_version: AnyOf = ()
    polarity: Polarity | None = None

    @property
    def answerable(self) -> bool:
        """Whether declining would be a mistake."""
        return self.outcome == frozenset({Outcome.ANSWERED})


@dataclass(frozen=True, slots=True)
class Case:
    """One question as one person would ask it. `language` is the question's, and the answer's.

    `turns` are the earlier questions of the session, asked in order before it. `group` joins cases that ask the same
    in several scripts. `category` is the name of the file unless the case says otherwise.
    """

    id: str
    question: str
    language: Language
    category: str
    expect: Expect = field(default_factory=Expect)
    turns: tuple[str, ...] = ()
    as_of: date | None = None
    tags: frozenset[str] = frozenset()
    group: str = ""
    split: Split = "dev"
    source: str = ""
    """Where the expectation comes from, for the reader of a report."""


def split_of(key: str) -> Split:
    """The split that a case belongs to by its group, or by its id where it has none: a third is for testing."""
    return "test" if int(sha256(key.encode()).hexdigest()[:8], 16) % 3 == 0 else "dev"
