from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.build import build_library, passages_of_rule, passages_of_source
from knowledge.e5_embedder import E5Embedder
from knowledge.errors import CorpusError, LibraryBroken, LibraryBusy
from knowledge.library import lock_for_writing, open_library, read_current
from knowledge.register import Corpus
from knowledge.rule import Polar, Rule
from knowledge.source import Source


def test_unchanged_corpus_is_left_as_it_is_and_a_changed_one_is_built(
    tmp_path: Path, embedder: E5Embedder, make_corpus: Callable[..., Corpus]
) -> None:
    root = tmp_path / "library"
    stages: list[str] = []

    def report(stage: str, done: int, total: int) -> None:
        stages.append(stage)

    first = build_library(root, make_corpus(), embedder, report)
    assert set(stages) == {"embed", "index", "tokens"}
    stages.clear()
    assert build_library(root, make_corpus(), embedder, report) == first
    assert stages == []
    assert build_library(root, make_corpus(), embedder, report, force=True) == first
    assert set(stages) == {"index"}
    assert build_library(root, make_corpus(digest="2"), embedder, report) != first


def test_forced_build_mends_a_library_whose_vectors_are_lost(
    tmp_path: Path, embedder: E5Embedder, make_corpus: Callable[..., Corpus]
) -> None:
    version = build_library(tmp_path, make_corpus(), embedder)
    vectors = tmp_path / "versions" / version / "vectors"
    for path in vectors.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(LibraryBroken, match="hkva build --force"):
        open_library(tmp_path, embedder)
    assert build_library(tmp_path, make_corpus(), embedder, force=True) == version
    with closing(open_library(tmp_path, embedder)) as library:
        assert library.vectors.count() == library.catalogue.count_passages() > 0
    assert [path.name for path in (tmp_path / "versions").iterdir()] == [version]


def test_corpus_with_findings_is_not_built(
    tmp_path: Path, embedder: E5Embedder, make_corpus: Callable[..., Corpus], make_rule: Callable[..., Rule]
) -> None:
    build_library(tmp_path, make_corpus(), embedder)
    before = read_current(tmp_path)
    broken = make_corpus([make_rule(topic="weather")], digest="2")
    with pytest.raises(CorpusError, match=r"1 findings \(permit-fee.*hkva rules check"):
        build_library(tmp_path, broken, embedder)
    assert read_current(tmp_path) == before


def test_second_builder_is_told_to_wait(
    tmp_path: Path, embedder: E5Embedder, make_corpus: Callable[..., Corpus]
) -> None:
    with lock_for_writing(tmp_path), pytest.raises(LibraryBusy):
        build_library(tmp_path, make_corpus(), embedder)


def test_library_holds_all_records_passages_and_terms(
    tmp_path: Path, embedder: E5Embedder, make_corpus: Callable[..., Corpus]
) -> None:
    corpus = replace(make_corpus(), glossary=(("stablecoin", "稳定币"), ("VATP", "平台", "交易所")))
    build_library(tmp_path / "library", corpus, embedder)
    with closing(open_library(tmp_path / "library", embedder)) as library:
        assert (library.rules, library.sources) == (corpus.rules, corpus.sources)
        assert library.catalogue.get_meta("glossary") == "stablecoin\t稳定币\nVATP\t平台\t交易所"
        kinds = [passage.kind for passage in library.catalogue.all_passages()]
    assert (kinds.count("rule"), kinds.count("section")) == (2, 2)


def test_rule_is_found_through_its_statement_and_each_question_in_either_language(
    make_rule: Callable[..., Rule],
) -> None:
    rule = make_rule(
        asks_en=("permit price?", "permit price?"), asks_zh=("几多钱?",), polar=(Polar("Free?", "免费吗?", "no"),)
    )
    found = list(passages_of_rule(rule))
    assert [(one.kind, one.language, one.text) for one, _ in found] == [
        ("rule", "en", "Permit fee. A lagoon permit costs 700 shells."),
        ("ask", "en", "permit price?"),
        ("ask", "en", "Free?"),
        ("rule", "zh", "许可证收费. 潟湖许可证收费700枚贝壳。"),
        ("ask", "zh", "几多钱?"),
        ("ask", "zh", "免费吗?"),
    ]
    assert len({one.id for one, _ in found}) == len(found)
    assert [bool(words) for _, words in found] == [True, False, False, True, False, False]
    assert "几多钱?" in found[3][1]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=300))
def test_passages_of_any_text_are_exact_runs_of_it(make_source: Callable[..., Source], text: str) -> None:
    source = make_source(text=text)
    passages = [passage for passage, _ in passages_of_source(source)]
    assert all(one.text.endswith(text[one.start : one.end]) for one in passages)
    assert len({one.id for one in passages}) == len(passages)


def test_section_is_searched_with_title_and_headings_of_its_own_language(make_source: Callable[..., Source]) -> None:
    text = "# English\n\n## Fees\n\nIt costs 7.\n\n# 简体中文\n\n## 收费\n\n收费7元。\n"
    found = [passage.text for passage, _ in passages_of_source(make_source(text=text))]
    assert found == ["Permits › Fees\nIt costs 7.", "许可证 › 收费\n收费7元。"]


def test_title_that_is_only_an_id_is_not_searched(make_source: Callable[..., Source]) -> None:
    source = make_source(id="m0001", title="m0001", title_en="m0001", title_zh="m0001", text="Kelp pays 7.\n")
    assert [passage.text for passage, _ in passages_of_source(source)] == ["Kelp pays 7."]
