"""The shipped cases hold together: what they expect stands in the records that they name."""

from __future__ import annotations

import re
from functools import cache

import pytest

from evals.case import AnyOf, Case
from evals.case_file import SHIPPED, read_cases
from evals.facts import holds
from knowledge.register import Corpus, read_corpus
from knowledge.rule import Language
from knowledge.settings import KnowledgeSettings
from knowledge.words import fold, to_traditional


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return read_corpus(KnowledgeSettings().corpus_dir)


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return read_cases(SHIPPED)


@cache
def _half(digest: str, language: Language) -> str:
    english, _, chinese = digest.partition("# 简体中文")
    if language == "en":
        return english
    return chinese if language == "zh-Hans" else to_traditional(chinese)


def _said(corpus: Corpus, name: str, language: Language) -> str:
    ids = {alias: rule.id for rule in corpus.rules.values() for alias in rule.aliases}
    rule = corpus.rules.get(ids.get(name, name))
    return rule.statement[language] if rule else _half(corpus.sources[name].text, language)


def _stands(fact: AnyOf, case: Case, corpus: Corpus) -> bool:
    """Whether any answer that cites what it should can say the fact: it stands in every record of some group."""
    groups = case.expect.rules
    return any(all(holds(fact, _said(corpus, name, case.language)) for name in group) for group in groups)


def test_every_gold_record_is_in_the_corpus(cases: list[Case], corpus: Corpus) -> None:
    known = {*corpus.rules, *corpus.sources, *(alias for rule in corpus.rules.values() for alias in rule.aliases)}
    named = {
        (case.id, name)
        for case in cases
        for names in (*case.expect.rules, case.expect.version, case.expect.not_version)
        for name in names
    }
    assert sorted(one for one in named if one[1] not in known) == []


def test_every_key_fact_stands_in_its_gold_records_in_the_language_of_the_case(
    cases: list[Case], corpus: Corpus
) -> None:
    missing = [(case.id, fact) for case in cases for fact in case.expect.key_facts if not _stands(fact, case, corpus)]
    assert missing == []


def test_no_wrong_statement_stands_in_a_gold_record(cases: list[Case], corpus: Corpus) -> None:
    found = [
        (case.id, wrong, name)
        for case in cases
        for wrong in case.expect.must_not
        for group in case.expect.rules
        for name in group
        if holds((wrong,), _said(corpus, name, case.language))
    ]
    assert found == []


def test_no_case_repeats_a_question_by_which_the_corpus_finds_a_rule(cases: list[Case], corpus: Corpus) -> None:
    def bare(text: str) -> str:
        return re.sub(r"[\W_]+", "", fold(text))

    listed = {bare(ask) for rule in corpus.rules.values() for ask in (*rule.asks_en, *rule.asks_zh)}
    listed |= {bare(text) for rule in corpus.rules.values() for polar in rule.polar for text in (polar.en, polar.zh)}
    assert [case.id for case in cases if bare(case.question) in listed] == []


def test_a_parity_group_asks_once_in_each_script(cases: list[Case]) -> None:
    scripts: dict[str, list[str]] = {}
    for case in cases:
        if "parity" in case.tags:
            scripts.setdefault(case.group, []).append(case.language)
    assert {group: found for group, found in scripts.items() if sorted(found) != ["en", "zh-Hans", "zh-Hant"]} == {}
