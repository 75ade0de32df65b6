from __future__ import annotations

import pytest

from knowledge.glossary import Glossary
from knowledge.register import read_glossary
from knowledge.retrieval import expanded
from knowledge.settings import KnowledgeSettings

GROUPS = (
    ("stablecoin", "稳定币", "穩定幣"),
    ("virtual asset", "虚拟资产", "VA"),
    ("VATP", "virtual asset trading platform", "虚拟资产交易平台", "交易所"),
)


@pytest.fixture(scope="module")
def glossary() -> Glossary:
    return Glossary(GROUPS)


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("What is a stablecoin?", {0}),
        ("Are STABLECOINS allowed?", {0}),
        ("穩定幣發行人", {0}),
        ("licensed virtual asset trading platforms", {2}),
        ("虚拟资产交易平台须持牌", {2}),
        ("a virtual asset on a VATP", {1, 2}),
        ("varnish and vatpl", set()),
        ("", set()),
    ],
)
def test_longest_term_at_a_place_names_its_group(glossary: Glossary, text: str, groups: set[int]) -> None:
    assert {named.group for named in glossary.named_in(text)} == groups


def test_terms_within_longer_ones_count_where_all_groups_are_wanted(glossary: Glossary) -> None:
    assert glossary.groups_in("虛擬資產交易平台") == {1, 2}


def test_query_is_widened_by_the_equivalents_of_what_it_names(glossary: Glossary) -> None:
    found = expanded("交易所 stablecoin", glossary)
    english, chinese = found["en"], found["zh"]
    assert english[:3] == chinese[:3] == ["交易", "易所", "stablecoin"]
    assert "vatp" in english
    assert {"稳定", "定币"} <= set(chinese)
    assert len(chinese) == len(set(chinese))
    assert expanded("lighthouse", glossary) == {"en": ["lighthouse"], "zh": ["lighthouse"]}


def test_of_an_english_question_only_names_and_figures_are_looked_for_in_chinese_texts(glossary: Glossary) -> None:
    found = expanded("Since when does the HKMA license 3 stablecoin issuers?", glossary)
    assert found["zh"] == ["hkma", "3", "稳定", "定币"]
    assert {"since", "license", "stablecoin", "issuers"} <= set(found["en"])


def test_shipped_glossary_has_over_two_hundred_groups_in_both_languages() -> None:
    groups = read_glossary(KnowledgeSettings().corpus_dir / "glossary.yaml")
    assert len(groups) >= 200
    named = Glossary(groups)
    assert all(any(one.group == number for one in named.named_in(group[0])) for number, group in enumerate(groups))
