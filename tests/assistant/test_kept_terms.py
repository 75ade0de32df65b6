from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.kept_terms import KeptTerms
from assistant.rule_index import RuleIndex
from assistant.rule_terms import RuleTerms, read_terms
from assistant.verify import open_verifier
from knowledge.glossary import Glossary
from knowledge.library import Library
from knowledge.rule import Rule


@pytest.fixture(scope="module")
def read(library: Library) -> list[tuple[Rule, RuleTerms]]:
    return [(rule, read_terms(rule, library.glossary)) for rule in library.rules.values()]


def test_another_process_finds_the_words_as_they_were_read(
    library: Library, read: list[tuple[Rule, RuleTerms]], tmp_path: Path
) -> None:
    KeptTerms(tmp_path, library.glossary).keep(read)
    kept = KeptTerms(tmp_path, library.glossary)
    assert [(rule, kept.find(rule)) for rule, _ in read] == read


def test_words_of_a_rule_that_says_something_else_by_now_are_not_found(
    library: Library, read: list[tuple[Rule, RuleTerms]], tmp_path: Path
) -> None:
    KeptTerms(tmp_path, library.glossary).keep(read)
    rule = read[0][0]
    changed = replace(rule, statement={**rule.statement, "en": "The figure is 7 now."})
    assert KeptTerms(tmp_path, library.glossary).find(changed) is None


def test_words_read_with_another_glossary_are_not_found_and_go_when_new_ones_are_kept(
    library: Library, read: list[tuple[Rule, RuleTerms]], tmp_path: Path
) -> None:
    KeptTerms(tmp_path, library.glossary).keep(read)
    other = KeptTerms(tmp_path, Glossary([["token", "代币"]]))
    assert not any(other.holds(rule) for rule, _ in read)
    other.keep(read)
    assert len(list(tmp_path.iterdir())) == 1


def test_words_that_other_code_read_are_not_found(
    library: Library, read: list[tuple[Rule, RuleTerms]], tmp_path: Path
) -> None:
    KeptTerms(tmp_path, library.glossary).keep(read)
    (path,) = tmp_path.iterdir()
    path.rename(path.with_stem("of-other-code"))
    assert KeptTerms(tmp_path, library.glossary).find(read[0][0]) is None


def test_a_damaged_file_counts_as_none(library: Library, read: list[tuple[Rule, RuleTerms]], tmp_path: Path) -> None:
    KeptTerms(tmp_path, library.glossary).keep(read[:1])
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:200])
    assert KeptTerms(tmp_path, library.glossary).find(read[0][0]) is None


def test_where_nothing_can_be_written_the_words_are_read_again(
    library: Library, read: list[tuple[Rule, RuleTerms]], tmp_path: Path
) -> None:
    (tmp_path / "words").write_text("no folder")
    kept = KeptTerms(tmp_path / "words", library.glossary)
    kept.keep(read)
    assert kept.find(read[0][0]) is None


def test_a_second_process_spends_far_less_on_the_words(library: Library) -> None:
    for path in (library.folder.parent.parent / "words").glob("*.jsonl"):
        path.unlink()
    first = RuleIndex(library, open_verifier().idf)
    begun = time.thread_time()
    first.read_all()
    read = time.thread_time()
    second = RuleIndex(library, open_verifier().idf)
    opened = time.thread_time()
    second.read_all()
    assert time.thread_time() - opened < (read - begun) / 2
    assert all(second.terms_of(place) == first.terms_of(place) for place in range(len(first.rules)))
