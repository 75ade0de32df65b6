from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.errors import CorpusError
from knowledge.overlap import check_overlap, read_texts
from knowledge.register import Corpus, read_corpus
from knowledge.rule import Rule
from knowledge.settings import KnowledgeSettings
from knowledge.source import Source

ARTICLE = (
    "渔务署昨日宣布全面开放潟湖钓鱼许可证申请,市民反应热烈。\n"
    "依据《有关潟湖垂钓者及其小船安全装备的联合通函》办理。\n"
    "The harbour master told a crowded hall that nobody had ever asked for so many permits in one morning.\n"
)


def _corpus(make_corpus: Callable[..., Corpus], make_source: Callable[..., Source], text: str) -> Corpus:
    return make_corpus(sources=[make_source(text=text)])


@pytest.mark.parametrize(
    "text",
    [
        "据悉,渔务署昨日宣布全面开放,潟湖钓鱼许可证申请。",
        "據悉，漁務署昨日宣布全面開放潟湖釣魚許可證申請。",
        "He said that THE harbour-master told a crowded hall that nobody had ever come.",
    ],
)
def test_copied_run_is_found_whatever_its_marks_script_or_case(
    make_corpus: Callable[..., Corpus], make_source: Callable[..., Source], text: str
) -> None:
    findings = check_overlap(_corpus(make_corpus, make_source, text), [ARTICLE])
    assert [(one.record, one.code) for one in findings] == [("reef/permits/2023-06", "shares_a_run")]


@pytest.mark.parametrize(
    "text",
    [
        "渔务署昨日宣布全面开放潟湖,到今天才受理申请。",
        "The harbour master told a crowded hall about tides.",
        "通函名为《有关潟湖垂钓者及其小船安全装备的联合通函》,自六月起适用。",
        "有关潟湖垂钓者及其小船安全装备的联合通函自六月起适用。",
    ],
)
def test_shorter_runs_and_names_of_instruments_may_be_shared(
    make_corpus: Callable[..., Corpus], make_source: Callable[..., Source], text: str
) -> None:
    assert check_overlap(_corpus(make_corpus, make_source, text), [ARTICLE]) == []


def test_copied_run_is_found_in_a_rule_as_well(
    make_corpus: Callable[..., Corpus], make_rule: Callable[..., Rule]
) -> None:
    rule = make_rule(asks_zh=("渔务署昨日宣布全面开放潟湖钓鱼许可证申请了吗?",))
    assert [one.record for one in check_overlap(make_corpus(rules=[rule]), [ARTICLE])] == ["permit-fee"]


def test_folder_without_texts_says_which_setting_to_mend(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="HKVA_SEEDS"):
        read_texts(tmp_path)


def test_no_sentence_of_the_shipped_corpus_stands_in_the_two_articles() -> None:
    root = Path(__file__).resolve().parents[2]
    folder = Path(os.environ.get("HKVA_SEEDS") or root.parent / "shared" / "seeds")
    if not folder.is_dir():
        pytest.skip("the two articles are not here; set HKVA_SEEDS to their folder")
    corpus = read_corpus(KnowledgeSettings().corpus_dir)
    assert [str(finding) for finding in check_overlap(corpus, read_texts(folder))] == []
