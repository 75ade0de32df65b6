from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from evals.retrieval.cross_language import HALVES, MERGES, compare, make_sets, of_rules, read_parallel
from knowledge.e5_embedder import E5Embedder
from knowledge.library import open_library
from knowledge.rule import Rule
from knowledge.settings import KnowledgeSettings
from knowledge.vector_cache import VectorCache
from knowledge.words import has_han


@pytest.fixture(scope="module")
def rules(small_knowledge: KnowledgeSettings, embedder: E5Embedder) -> dict[str, Rule]:
    with closing(open_library(small_knowledge.library_dir, embedder)) as library:
        return library.rules


def test_rule_asked_for_is_held_in_the_other_language_only_and_all_others_in_the_askers(
    rules: dict[str, Rule],
) -> None:
    held_apart: dict[str, set[str]] = {}
    for half in HALVES:
        for one in make_sets(of_rules(rules), half)[:2]:
            chinese = one.name.startswith("zh")
            right = {key for grades in one.grades.values() for key in grades}
            assert set(one.corpus) == set(rules)
            assert right
            assert all(has_han(text) == (chinese != (key in right)) for key, text in one.corpus.items())
            assert all(has_han(text) == chinese for text in one.queries.values())
            held_apart[half] = right
    assert not held_apart["choose"] & held_apart["report"]


def test_sets_are_the_same_each_time_and_the_plain_one_holds_both_languages(rules: dict[str, Rule]) -> None:
    assert make_sets(of_rules(rules), "choose") == make_sets(of_rules(dict(rules)), "choose")
    plain = make_sets(of_rules(rules), "report")[2]
    assert len(plain.corpus) == 2 * len(rules)
    assert all(len(grades) == 2 for grades in plain.grades.values())


def test_every_merge_is_measured_on_every_query(rules: dict[str, Rule], embedder: E5Embedder, tmp_path: Path) -> None:
    sets = make_sets(of_rules(rules), "choose")
    with closing(VectorCache(tmp_path / "v.sqlite", embedder)) as cache:
        table = compare(sets[:1], embedder, cache, "")
    measured = table[sets[0].name]
    assert set(measured) == set(MERGES)
    assert {len(rows) for rows in measured.values()} == {len(sets[0].queries)}
    assert all(0 <= value <= 1 for rows in measured.values() for value in rows)


def test_public_set_in_two_languages_is_read_and_padded_in_the_language_asked_in(tmp_path: Path) -> None:
    file = tmp_path / "parallel.jsonl"
    row = {"en": "A goat.", "zh": "一只山羊。", "asks_en": ["What is it?"], "asks_zh": ["这是什么？"]}
    file.write_text("\n".join([json.dumps(row)] * 20), encoding="utf-8")
    padding = ["A lamp.", "一盏灯。"]
    for one in make_sets(read_parallel(file), "choose", padding)[:2]:
        filled = [text for key, text in one.corpus.items() if key.startswith("padding")]
        assert filled == [padding[one.name.startswith("zh")]]
        assert len(one.corpus) == 21
