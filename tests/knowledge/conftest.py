"""Records of a small made-up corpus, so that each test states only what it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from knowledge.register import Corpus
from knowledge.rule import Evidence, Rule, Stage
from knowledge.source import Source, SourceKind
from tests.fakes.chroma_process import ChromaProcess, running_chroma

_EN, _ZH = "A lagoon permit costs 700 shells.", "潟湖许可证收费700枚贝壳。"

MakeSource = Callable[..., Source]
MakeRule = Callable[..., Rule]
MakeCorpus = Callable[..., Corpus]


@pytest.fixture(scope="session")
def make_source() -> MakeSource:
    """A source; what is given replaces the default fields."""

    def make(**fields: Any) -> Source:
        source = Source(
            id="reef/permits/2023-06", title="Permits", title_en="Permits", title_zh="许可证", publisher="Reef Office",
            authority="SFC", kind=SourceKind.GUIDELINE, language="en", published="2023-06-01", url=None, official=True,
            text=f"# English\n\n{_EN}\n\n# 简体中文\n\n{_ZH}\n",
        )  # fmt: skip
        return replace(source, **fields)

    return make


@pytest.fixture(scope="session")
def make_rule() -> MakeRule:
    """A rule that rests on the default source; what is given replaces the default fields."""

    def make(**fields: Any) -> Rule:
        rule = Rule(
            id="permit-fee", aliases=(), topic="licensing", authority="SFC", instrument="Permits, para 1",
            stage=Stage.MADE, published="2023-06-01", in_force_from=date(2023, 6, 1), in_force_to=None, supersedes=(),
            confidence="high", title={"en": "Permit fee", "zh-Hans": "许可证收费", "zh-Hant": "許可證收費"},
            statement={"en": _EN, "zh-Hans": _ZH, "zh-Hant": "潟湖許可證收費700枚貝殼。"},
            evidence=(Evidence("reef/permits/2023-06", _EN), Evidence("reef/permits/2023-06", _ZH)),
        )  # fmt: skip
        return replace(rule, **fields)

    return make


@pytest.fixture(scope="session")
def make_corpus(make_source: MakeSource, make_rule: MakeRule) -> MakeCorpus:
    """A corpus of these rules and sources; the default rule and source where none are given."""

    def make(rules: Iterable[Rule] = (), sources: Iterable[Source] = (), digest: str = "1") -> Corpus:
        held_rules = list(rules) or [make_rule()]
        held_sources = list(sources) or [make_source()]
        return Corpus({one.id: one for one in held_sources}, {one.id: one for one in held_rules}, (), digest)

    return make


@pytest.fixture(scope="session")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaProcess]:
    """A Chroma server. A test that kills it starts it again."""
    with running_chroma(tmp_path_factory.mktemp("chroma")) as running:
        yield running
