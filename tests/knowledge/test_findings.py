from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from knowledge.findings import check_corpus
from knowledge.register import Corpus
from knowledge.rule import Dispute, Evidence, Rule, Stage
from knowledge.source import Source

EN, ZH = "A lagoon permit costs 700 shells.", "潟湖许可证收费700枚贝壳。"
SOURCE = "reef/permits/2023-06"


def _codes(corpus: Corpus) -> list[tuple[str, str]]:
    return [(one.record, one.code) for one in check_corpus(corpus)]


def test_sound_corpus_has_no_findings(make_corpus: Callable[..., Corpus]) -> None:
    assert check_corpus(make_corpus()) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"topic": "weather"}, "unknown_topic"),
        ({"aliases": ("permit-fee",)}, "alias_taken"),
        ({"in_force_from": date(1889, 6, 1)}, "date_out_of_range"),
        ({"in_force_to": date(2023, 6, 1)}, "dates_out_of_order"),
        ({"stage": Stage.EVENT, "published": None, "in_force_from": None}, "undated"),
        ({"in_force_from": None}, "no_effect_date"),
        ({"supersedes": ("lost",)}, "dangling_rule"),
        ({"supersedes": ("permit-fee",), "in_force_to": date(2024, 1, 1)}, "supersession_loop"),
        ({"disputes": (Dispute("lost", {}, "differs", {}),)}, "dangling_source"),
    ],
)
def test_defect_of_one_field_is_found(
    make_corpus: Callable[..., Corpus], make_rule: Callable[..., Rule], fields: dict[str, Any], code: str
) -> None:
    assert _codes(make_corpus([make_rule(**fields)])) == [("permit-fee", code)]


@pytest.mark.parametrize(
    ("evidence", "codes"),
    [
        ((), {"no_evidence", "figure_unsupported", "orphan_source"}),
        ((Evidence("lost", EN), Evidence(SOURCE, ZH)), {"dangling_source"}),
        ((Evidence(SOURCE, "A lagoon permit costs 700 pearls."), Evidence(SOURCE, ZH)), {"quote_not_found"}),
        ((Evidence(SOURCE, EN),), {"quote_missing"}),
        ((Evidence(SOURCE, "lagoon permit"), Evidence(SOURCE, "许可证收费")), {"figure_unsupported"}),
    ],
)
def test_evidence_must_be_quoted_in_both_languages_and_hold_the_figures(
    make_corpus: Callable[..., Corpus],
    make_rule: Callable[..., Rule],
    evidence: tuple[Evidence, ...],
    codes: set[str],
) -> None:
    assert {code for _, code in _codes(make_corpus([make_rule(evidence=evidence)]))} == codes


@pytest.mark.parametrize(
    ("english", "chinese", "code"),
    [
        (EN, "潟湖许可证收费800枚贝壳。", "figures_differ"),
        (EN, "A lagoon permit costs 700 shells.", "wrong_language"),
        (f"{EN} {'It holds for one lagoon. ' * 14}", ZH, "too_long"),
        (EN, f"{ZH}{'每张许可证只适用于一个潟湖。' * 10}", "too_long"),
    ],
)
def test_languages_must_agree_and_stay_short(
    make_corpus: Callable[..., Corpus], make_rule: Callable[..., Rule], english: str, chinese: str, code: str
) -> None:
    statement = {"en": english, "zh-Hans": chinese, "zh-Hant": chinese}
    assert _codes(make_corpus([make_rule(statement=statement)])) == [("permit-fee", code)]


def test_chinese_in_an_english_title_is_found(
    make_corpus: Callable[..., Corpus], make_rule: Callable[..., Rule]
) -> None:
    title = {"en": "许可证 fee", "zh-Hans": "许可证收费", "zh-Hant": "許可證收費"}
    assert _codes(make_corpus([make_rule(title=title)])) == [("permit-fee", "wrong_language")]


def test_supersession_needs_both_ends_dated(make_corpus: Callable[..., Corpus], make_rule: Callable[..., Rule]) -> None:
    old, new = make_rule(id="old-fee"), make_rule(id="new-fee", supersedes=("old-fee",))
    assert _codes(make_corpus([old, new])) == [("old-fee", "open_end")]
    ended = replace(old, in_force_to=date(2024, 1, 1))
    undated = replace(new, stage=Stage.ANNOUNCED, in_force_from=None)
    assert _codes(make_corpus([ended, undated])) == [("new-fee", "no_effect_date")]
    assert _codes(make_corpus([ended, new])) == []


def test_loop_through_several_rules_is_found_at_each(
    make_corpus: Callable[..., Corpus], make_rule: Callable[..., Rule]
) -> None:
    ring = [
        make_rule(id=one, supersedes=(other,), in_force_to=date(2024, 1, 1))
        for one, other in (("aa", "bb"), ("bb", "cc"), ("cc", "aa"))
    ]
    assert _codes(make_corpus(ring)) == [(one, "supersession_loop") for one in ("aa", "bb", "cc")]


def test_two_rules_cannot_share_an_older_id(make_corpus: Callable[..., Corpus], make_rule: Callable[..., Rule]) -> None:
    rules = [make_rule(id="one", aliases=("fee",)), make_rule(id="two", aliases=("fee",))]
    assert _codes(make_corpus(rules)) == [("two", "alias_taken")]


def test_source_without_rules_or_with_a_lost_forerunner_is_found(
    make_corpus: Callable[..., Corpus], make_source: Callable[..., Source]
) -> None:
    sources = [make_source(supersedes="lost"), make_source(id="reef/other/2023")]
    assert _codes(make_corpus(sources=sources)) == [("reef/other/2023", "orphan_source"), (SOURCE, "dangling_source")]
