from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from math import isnan
from pathlib import Path

import pytest

from evals.retrieval.retrieval_set import RetrievalSet, library_of
from knowledge.build import build_library
from knowledge.e5_embedder import E5Embedder
from knowledge.library import Library, open_library
from knowledge.passage import Scope
from knowledge.register import Corpus
from knowledge.retrieval import Merge, search
from knowledge.rule import Evidence, Rule, Stage
from knowledge.source import Source
from knowledge.vector_cache import VectorCache

CHANGE = date(2024, 6, 1)


def _rule(make_rule: Callable[..., Rule], name: str, english: str, chinese: str, **fields: object) -> Rule:
    evidence = (Evidence("reef/permits/2023-06", english), Evidence("reef/permits/2023-06", chinese))
    statement = {"en": english, "zh-Hans": chinese, "zh-Hant": chinese}
    title = {"en": english.split()[0], "zh-Hans": chinese[:4], "zh-Hant": chinese[:4]}
    return make_rule(id=name, statement=statement, title=title, evidence=evidence, **fields)


@pytest.fixture(scope="module")
def library(
    embedder: E5Embedder,
    tmp_path_factory: pytest.TempPathFactory,
    make_rule: Callable[..., Rule],
    make_source: Callable[..., Source],
    make_corpus: Callable[..., Corpus],
) -> Iterator[Library]:
    rules = [
        _rule(make_rule, "fee-then", "A lagoon permit costs 700 shells.", "潟湖许可证收费700枚贝壳。",
              in_force_to=CHANGE, asks_en=("What does fishing cost?",)),
        _rule(make_rule, "fee-now", "A lagoon permit costs 900 shells.", "潟湖许可证收费900枚贝壳。",
              published="2024-06-01", in_force_from=CHANGE, supersedes=("fee-then",)),
        _rule(make_rule, "fee-plan", "The Board proposes to charge 1,200 shells for a lagoon permit.",
              "渔务局建议潟湖许可证收费1,200枚贝壳。", stage=Stage.PROPOSED, published="2025-03-01",
              in_force_from=None, topic="policy"),
        _rule(make_rule, "lamp", "The lighthouse keeper lights 9 red lamps.", "灯塔看守人点燃9盏红灯。",
              authority="HKMA"),
        _rule(make_rule, "goats", "A ferry carries at most 31 goats.", "渡轮最多运载31只山羊。", topic="tax"),
    ]  # fmt: skip
    text = "\n\n".join(rule.statement[language] for language in ("en", "zh-Hans") for rule in rules)
    sections = make_source(text=f"# English\n\n{text}\n")
    corpus = make_corpus(rules, [sections])
    root = tmp_path_factory.mktemp("retrieval") / "library"
    build_library(root, corpus, embedder)
    with closing(open_library(root, embedder)) as opened:
        yield opened


def _rules(library: Library, query: str, scope: Scope | None = None, limit: int = 10) -> list[str]:
    return [hit.passage.record for hit in search(library, query, scope, limit) if hit.passage.kind != "section"]


def test_rule_in_force_is_found_and_the_superseded_one_takes_no_place(library: Library) -> None:
    found = _rules(library, "What does a lagoon permit cost?", Scope(on=date(2026, 1, 1)))
    assert found[0] == "fee-now"
    assert "fee-then" not in found


def test_superseded_rule_is_found_for_its_own_time_and_the_future_is_not(library: Library) -> None:
    found = _rules(library, "What does a lagoon permit cost?", Scope(on=date(2023, 12, 31)))
    assert found[0] == "fee-then"
    assert not {"fee-now", "fee-plan"} & set(found)


def test_what_ended_can_be_asked_for_alone(library: Library) -> None:
    assert _rules(library, "permit fee", Scope(on=date(2026, 1, 1), ended=True)) == ["fee-then"]
    assert {"fee-then", "fee-now"} <= set(_rules(library, "permit fee", Scope(on=date(2026, 1, 1), ended=None)))


@pytest.mark.parametrize(
    ("scope", "absent"),
    [
        (Scope(include_proposed=False), "fee-plan"),
        (Scope(topics=frozenset({"tax"})), "fee-now"),
        (Scope(authorities=frozenset({"HKMA"})), "goats"),
        (Scope(without=frozenset({"lamp"})), "lamp"),
    ],
)
def test_what_is_out_of_scope_is_not_found_by_vector_or_by_word(library: Library, scope: Scope, absent: str) -> None:
    query = "lagoon permit shells lighthouse lamps ferry goats charge"
    assert absent in _rules(library, query, Scope())
    assert absent not in _rules(library, query, scope)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("How many goats may a ferry carry?", "goats"),
        ("渡轮可以载多少只山羊？", "goats"),
        ("渡輪可以載幾多隻山羊？", "goats"),
        ("燈塔點幾多盞燈", "lamp"),
        ("lighthouse", "lamp"),
    ],
)
def test_question_in_any_script_finds_the_rule(library: Library, query: str, expected: str) -> None:
    assert _rules(library, query)[0] == expected


def test_question_that_a_rule_is_known_to_answer_leads_to_it(library: Library) -> None:
    assert _rules(library, "What does fishing cost?", Scope(on=date(2023, 12, 31)))[0] == "fee-then"


def test_each_record_is_found_once_and_ranks_are_counted_from_one(library: Library) -> None:
    hits = search(library, "lagoon permit", limit=20)
    records = [hit.passage.record for hit in hits if hit.passage.kind != "section"]
    assert len(records) == len(set(records))
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(isnan(hit.cosine) or -1 <= hit.cosine <= 1.001 for hit in hits)
    assert [hit.passage.id for hit in search(library, "lagoon permit", limit=3)] == [h.passage.id for h in hits[:3]]


def test_same_search_gives_the_same_hits(library: Library) -> None:
    first = [(hit.passage.id, hit.score) for hit in search(library, "permit")]
    assert first == [(hit.passage.id, hit.score) for hit in search(library, "permit")]


def test_scope_that_holds_nothing_finds_nothing(library: Library) -> None:
    assert search(library, "permit", Scope(on=date(1999, 1, 1))) == []
    assert search(library, "permit", Scope(topics=frozenset({"nft"}))) == []


_THINGS = ("lamp", "rope", "barrel", "anchor", "kettle", "ladder", "mirror", "basket", "shovel", "candle")
_PLACES = ("harbour", "mill", "bakery", "chapel", "library", "orchard", "quarry", "stable", "tavern", "workshop")
_THINGS_ZH = ("灯", "绳子", "木桶", "船锚", "水壶", "梯子", "镜子", "篮子", "铲子", "蜡烛")
_PLACES_ZH = ("港口", "磨坊", "面包店", "教堂", "图书馆", "果园", "采石场", "马厩", "酒馆", "工场")
_ENGLISH = {f"{a} {b}": f"The {b} keeps one {a} by its door." for a in _THINGS for b in _PLACES}
_CHINESE = {f"{a} {b}": f"{b}门边放着一个{a}。" for a in _THINGS_ZH for b in _PLACES_ZH}
_APART = {
    "whale": ("How much does a blue whale weigh?", "A blue whale weighs up to 150 tonnes.",
              "蓝鲸有多重？", "蓝鲸的体重可达一百五十吨。"),
    "rain": ("Why does it rain in summer?", "Summer rain comes from warm, moist air that rises and cools.",
             "夏天为什么下雨？", "夏季的雨来自上升后冷却的湿热空气。"),
    "fever": ("Which medicine brings down a fever?", "Paracetamol is a medicine that lowers a fever.",
              "哪种药可以退烧？", "扑热息痛是一种退烧药。"),
}  # fmt: skip


@pytest.mark.parametrize(("own", "many", "held"), [(0, _ENGLISH, 3), (2, _CHINESE, 1)])
def test_passage_held_in_the_other_language_only_is_found_among_many_of_the_askers(
    embedder: E5Embedder, tmp_path: Path, own: int, many: dict[str, str], held: int
) -> None:
    corpus = {**many, **{key: texts[held] for key, texts in _APART.items()}}
    with searched(corpus, embedder, tmp_path) as library:
        for key, texts in _APART.items():
            assert key in [hit.passage.record for hit in search(library, texts[own])]


def test_passage_of_the_askers_language_that_answers_is_not_crowded_out_by_the_other_language(
    embedder: E5Embedder, tmp_path: Path
) -> None:
    apart = {f"{key} {held}": texts[held] for key, texts in _APART.items() for held in (1, 3)}
    with searched({**_ENGLISH, **_CHINESE, **apart}, embedder, tmp_path) as library:
        assert search(library, "What does the mill keep by its door, a kettle?")[0].passage.record == "kettle mill"
        for key, texts in _APART.items():
            for own, held in ((0, f"{key} 1"), (2, f"{key} 3")):
                assert held in [hit.passage.record for hit in search(library, texts[own])[:2]]
                alone = search(library, texts[own], merge=Merge(advance=0.0))
                assert alone[0].passage.record == held


@pytest.mark.parametrize("held", [1, 3])
def test_library_of_a_few_texts_gives_all_of_them_the_right_one_first(
    embedder: E5Embedder, tmp_path: Path, held: int
) -> None:
    with searched({key: texts[held] for key, texts in _APART.items()}, embedder, tmp_path) as library:
        for key, texts in _APART.items():
            for own in (0, 2):
                found = [hit.passage.record for hit in search(library, texts[own])]
                assert found[0] == key
                assert set(found) == set(_APART)


def test_lone_text_is_found_in_either_language(embedder: E5Embedder, tmp_path: Path) -> None:
    with searched({"whale": _APART["whale"][1]}, embedder, tmp_path) as library:
        assert [len(search(library, query)) for query in ("whale", "蓝鲸有多重？")] == [1, 1]


@contextmanager
def searched(corpus: dict[str, str], embedder: E5Embedder, folder: Path) -> Iterator[Library]:
    """A library of these texts alone."""
    kept = folder / "library"
    kept.mkdir()
    with closing(VectorCache(folder / "v.sqlite", embedder)) as cache:
        one = RetrievalSet("texts", corpus, {}, {})
        with closing(library_of(one, embedder, cache, kept)) as library:
            yield library
