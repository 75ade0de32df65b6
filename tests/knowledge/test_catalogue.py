from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from knowledge.catalogue import Catalogue
from knowledge.errors import LibraryBroken, NotHeld
from knowledge.held import Held
from knowledge.passage import Locus, Passage, Scope
from knowledge.rule import Dispute, Polar, Rule
from knowledge.source import Source, SupportingSource
from knowledge.words import terms


def _passage(number: int, text: str, **fields: Any) -> Passage:
    return Passage(
        **{"id": f"p{number}", "kind": "section", "record": f"r{number}", "language": "en", "text": text} | fields
    )


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    opened = Catalogue(tmp_path / "catalogue.sqlite", create=True)
    yield opened
    opened.close()


def _found(catalogue: Catalogue, query: str, scope: Scope | None = None, limit: int = 10) -> list[str]:
    found = catalogue.find_by_words("en", terms(query), scope or Scope(), limit)
    return [catalogue.roster.ids[number] for number, _ in found]


def test_rule_and_source_come_back_as_they_were_put_in(
    catalogue: Catalogue, make_rule: Callable[..., Rule], make_source: Callable[..., Source]
) -> None:
    rule = make_rule(
        aliases=("fee",),
        supersedes=("old",),
        superseded_by=("new",),
        in_force_to=date(2024, 1, 1),
        asks_zh=("几多钱?",),
        polar=(Polar("Free?", "免费吗?", "no"),),
        disputes=(Dispute("odaily/x", {"en": "a", "zh-Hans": "甲"}, "differs", {"en": "b", "zh-Hans": "乙"}),),
    )
    source = make_source(supporting=(SupportingSource("Note", "Firm", "https://example.org", None, False),))
    catalogue.add_rule(rule)
    catalogue.add_source(source)
    catalogue.add_held(Held(source.id, "/a.txt", "1:x", etag='"e"'))
    assert catalogue.rules() == {rule.id: rule}
    assert catalogue.aliases() == {"fee": rule.id}
    assert catalogue.sources() == {source.id: source}
    assert catalogue.source_ids() == [source.id]
    assert catalogue.held() == [Held(source.id, "/a.txt", "1:x", etag='"e"')]


def test_passages_come_back_whole_and_in_order(catalogue: Catalogue) -> None:
    locus = Locus(("Part 1", "收费"), 3)
    kept = _passage(1, "text", start=4, end=8, known_from=date(2023, 6, 1), ends=date(2024, 1, 1), locus=locus)
    catalogue.add_passages([(kept, "text"), (_passage(2, "open"), "")])
    assert list(catalogue.all_passages()) == [kept, _passage(2, "open")]
    assert catalogue.passages(["p2", "p1"])["p1"] == kept
    assert catalogue.count_passages() == 2
    with pytest.raises(NotHeld, match="p9"):
        catalogue.passages(["p1", "p9"])


def test_many_ids_are_looked_up_at_once(catalogue: Catalogue) -> None:
    catalogue.add_passages([(_passage(number, "x"), "") for number in range(2_500)])
    assert len(catalogue.passages([f"p{number}" for number in range(2_500)])) == 2_500


def test_passage_with_more_and_rarer_words_of_the_query_stands_first(catalogue: Catalogue) -> None:
    texts = ["permit fee for a lagoon", "permit office hours", "lagoon tides", "权限 稳定币发行人须持牌"]
    catalogue.add_passages([(_passage(number, text), text) for number, text in enumerate(texts)])
    assert _found(catalogue, "lagoon permit fee")[0] == "p0"
    assert _found(catalogue, "穩定幣發行人") == ["p3"]
    assert _found(catalogue, "permits and FEES")[0] == "p0"
    assert _found(catalogue, "") == []
    assert _found(catalogue, "glacier") == []


@pytest.mark.parametrize(
    "query", ['"; DROP TABLE passages; --', "NOT AND OR NEAR(", "permit* -fee col:x ^y", "{}()''\\"]
)
def test_query_cannot_break_out_of_the_search(catalogue: Catalogue, query: str) -> None:
    catalogue.add_passages([(_passage(1, "permit fee"), "permit fee")])
    assert set(_found(catalogue, query)) <= {"p1"}
    assert catalogue.count_passages() == 1


def test_passage_without_keywords_is_found_by_vector_only(catalogue: Catalogue) -> None:
    catalogue.add_passages([(_passage(1, "permit"), "")])
    assert _found(catalogue, "permit") == []


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (Scope(), {"old", "new", "plan", "undated"}),
        (Scope(on=date(2022, 1, 1)), {"old", "undated"}),
        (Scope(on=date(2024, 1, 1)), {"new", "plan", "undated"}),
        (Scope(on=date(2024, 1, 1), ended=True), {"old"}),
        (Scope(on=date(2024, 1, 1), ended=None), {"old", "new", "plan", "undated"}),
        (Scope(on=date(2024, 1, 1), include_proposed=False), {"new", "undated"}),
        (Scope(topics=frozenset({"tax"})), {"plan"}),
        (Scope(authorities=frozenset({"SFC"})), {"old", "new"}),
        (Scope(without=frozenset({"new", "old"})), {"plan", "undated"}),
    ],
)
def test_scope_limits_the_search_by_words(catalogue: Catalogue, scope: Scope, expected: set[str]) -> None:
    change = date(2023, 6, 1)
    passages = [
        _passage(1, "permit", id="old", record="old", known_from=date(2020, 1, 1), ends=change, authority="SFC"),
        _passage(2, "permit", id="new", record="new", known_from=change, authority="SFC", stage="made"),
        _passage(3, "permit", id="plan", record="plan", known_from=change, stage="proposed", topic="tax"),
        _passage(4, "permit", id="undated", record="undated"),
    ]
    catalogue.add_passages([(passage, passage.text) for passage in passages])
    assert set(_found(catalogue, "permit", scope)) == expected
    assert len(_found(catalogue, "permit", scope, limit=1)) == 1


def test_removed_source_takes_its_passages_words_and_origin_with_it(
    catalogue: Catalogue, make_source: Callable[..., Source]
) -> None:
    catalogue.add_source(make_source(id="own/a"))
    catalogue.add_held(Held("own/a", "/a", "1:x"))
    catalogue.add_passages([(_passage(1, "kelp", record="own/a"), "kelp"), (_passage(2, "kelp"), "kelp")])
    assert catalogue.remove_source("own/a") == ["p1"]
    assert (_found(catalogue, "kelp"), catalogue.held(), catalogue.sources()) == (["p2"], [], {})


def test_failed_writing_leaves_nothing_behind(catalogue: Catalogue) -> None:
    with catalogue.writing():
        catalogue.add_passages([(_passage(1, "kelp"), "kelp")])
    with pytest.raises(sqlite3.IntegrityError), catalogue.writing():
        catalogue.add_passages([(_passage(2, "tide"), "tide"), (_passage(1, "again"), "again")])
    assert [one.id for one in catalogue.all_passages()] == ["p1"]
    assert _found(catalogue, "tide") == []


def test_catalogue_is_shared_by_threads(catalogue: Catalogue) -> None:
    catalogue.add_passages([(_passage(number, f"kelp {number}"), f"kelp {number}") for number in range(50)])
    found: list[int] = []
    threads = [Thread(target=lambda: found.append(len(_found(catalogue, "kelp", limit=50)))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [50] * 8


def test_missing_file_or_fact_says_what_to_run(catalogue: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(LibraryBroken, match="hkva build"):
        Catalogue(tmp_path / "none.sqlite")
    with pytest.raises(LibraryBroken, match="hkva build"):
        catalogue.get_meta("corpus")
    catalogue.set_meta("corpus", "1")
    assert catalogue.get_meta("corpus") == "1"
