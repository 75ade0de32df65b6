"""Each measure against examples worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.answer import Outcome
from evals.case import Case, Expect
from evals.measures import MEASURES, Asked, Skipped
from evals.reply import Cited, Reply

CASE = Case(
    "capital",
    "What is the minimum paid-up capital, and since when?",
    "en",
    "figures",
    Expect(
        key_facts=(("HK$5 million",), ("paid-up",), ("1 June 2023",)),
        must_not=("HK$3 million",),
        rules=(("capital",), ("guidelines", "guidelines-old")),
    ),
)
GOOD = Reply(
    text="At least HK$5 million of paid-up capital [1], since 1 June 2023 [2].",
    outcome=Outcome.ANSWERED,
    citations=(
        Cited(1, "capital", "in_force", "HK$5 million", held="HK$5 million"),
        Cited(2, "guidelines", "in_force", "1 June 2023", held="1 June 2023"),
    ),
    confidence=0.9,
    seconds=0.5,
)
MEASURE = {measure.name: measure.of for measure in MEASURES}


def value(name: str, case: Case = CASE, reply: Reply = GOOD) -> float | Skipped:
    return MEASURE[name](Asked(case, reply, {"vatp-capital": "capital"}))


def expecting(expect: Expect) -> Case:
    return replace(CASE, expect=expect)


def test_good_answer_is_good_at_everything_that_applies() -> None:
    applied = {name: value(name) for name in MEASURE if not isinstance(value(name), Skipped)}
    assert {name: score for name, score in applied.items() if name not in ("seconds", "length")} == {
        "right": 1, "outcome": 1, "answered": 1, "key_facts": 1, "all_facts": 1, "figures": 1, "nothing_wrong": 1,
        "citation_precision": 1, "citation_recall": 1, "quotes": 1, "supported": 2 / 3, "language": 1,
    }  # fmt: skip


def test_two_of_three_facts_are_two_thirds_and_not_all() -> None:
    reply = replace(GOOD, text="At least HK$5 million of paid-up capital [1].")
    assert value("key_facts", reply=reply) == pytest.approx(2 / 3)
    assert value("all_facts", reply=reply) == 0
    assert value("figures", reply=reply) == 1 / 2
    assert value("right", reply=reply) == 0


def test_wrong_statement_makes_an_answer_wrong() -> None:
    reply = replace(GOOD, text=GOOD.text + " Or HK$3,000,000.")
    assert value("nothing_wrong", reply=reply) == 0
    assert value("right", reply=reply) == 0


def test_citations_are_held_against_gold_ids_and_aliases() -> None:
    cited = (Cited(1, "capital", "in_force", ""), Cited(2, "other", "in_force", ""), Cited(3, "more", "event", ""))
    reply = replace(GOOD, citations=cited)
    case = expecting(Expect(rules=(("vatp-capital",), ("guidelines", "guidelines-old"))))
    assert value("citation_precision", case, reply) == pytest.approx(1 / 3)
    assert value("citation_recall", case, reply) == 1 / 2


def test_quote_that_its_record_does_not_hold_is_counted() -> None:
    cited = (
        Cited(1, "a", "in_force", "the same", held="the same"),
        Cited(2, "b", "in_force", "made up", held="really"),
        Cited(3, "c", "in_force", "nowhere", held=""),
        Cited(4, "d", "in_force", "not looked up"),
    )
    assert value("quotes", reply=replace(GOOD, citations=cited)) == pytest.approx(1 / 3)


def test_fact_is_supported_by_what_is_cited_in_its_sentence() -> None:
    """Of three facts one stands beside its record, one beside another's, and one is not stated at all."""
    case = expecting(Expect(key_facts=(("HK$5 million",), ("98%",), ("12 months",))))
    cited = (Cited(1, "a", "in_force", "500万港元"), Cited(2, "b", "in_force", "98 per cent in cold storage"))
    reply = replace(GOOD, text="At least HK$5 million [1]. And 98% offline [1]. See also [2].", citations=cited)
    assert value("supported", case, reply) == 1 / 2
    mended = replace(reply, text=reply.text.replace("offline [1]", "offline [1][2]"))
    assert value("supported", case, mended) == 1
    assert value("supported", case, replace(reply, text="Nothing.")) == Skipped("no key fact stated")


def test_version_of_the_day_must_be_cited_and_no_other_as_in_force() -> None:
    case = expecting(Expect(version=("new", "newer"), not_version=("old",)))

    def with_cited(*cited: tuple[str, str]) -> float | Skipped:
        return value("version", case, replace(GOOD, citations=tuple(Cited(1, i, s, "") for i, s in cited)))

    assert with_cited(("newer", "in_force")) == 1
    assert with_cited(("new", "in_force"), ("old", "superseded")) == 1
    assert with_cited(("new", "in_force"), ("old", "in_force")) == 0
    assert with_cited(("old", "superseded")) == 0
    assert with_cited() == 0


def test_declining_is_right_only_where_it_is_expected() -> None:
    declined = Reply(text="Our records do not say.", outcome=Outcome.INSUFFICIENT, citations=())
    unanswerable = expecting(Expect(outcome=frozenset({Outcome.INSUFFICIENT})))
    assert value("right", unanswerable, declined) == 1
    assert value("declined", unanswerable, declined) == 1
    assert value("declined", unanswerable, GOOD) == 0
    assert value("answered", CASE, declined) == 0
    assert value("right", CASE, declined) == 0
    assert value("answered", unanswerable, declined) == Skipped("not answerable")
    assert value("declined", CASE, declined) == Skipped("answerable")


def test_refusal_states_no_fact_whatever_it_names_as_nearby() -> None:
    declined = Reply(text="Not held. Nearby: the HK$5 million of paid-up capital.", outcome=Outcome.INSUFFICIENT)
    assert value("key_facts", CASE, declined) == value("figures", CASE, declined) == 0


def test_wrong_kind_of_refusal_is_not_right() -> None:
    case = expecting(Expect(outcome=frozenset({Outcome.OFF_TOPIC})))
    declined = Reply(text="Our records do not say.", outcome=Outcome.INSUFFICIENT)
    assert value("declined", case, declined) == 1
    assert value("outcome", case, declined) == 0


@pytest.mark.parametrize(
    ("text", "polarity", "score"),
    [
        ("Yes. Retail clients may [1].", "yes", 1),
        ("No: the licence covers depositaries only [1].", "no", 1),
        ("Not yet [1].", "no", 1),
        ("It depends on the product [1].", "depends", 1),
        ("可以,但须通过评估[1]。", "yes", 1),
        ("不是。第13类受规管活动才是[1]。", "no", 1),
        ("唔可以[1]。", "no", 1),
        ("不一定[1]。", "depends", 1),
        ("冇,金管局未承諾[1]。", "no", 1),
        ("Platforms need a licence [1].", "yes", 0),
        ("Yes.", "no", 0),
        ("Notable cases exist.", "no", 0),
        ("是：市民可用转数快增值[1]。", "yes", 1),
        ("視情況而定：不同產品不同[1]。", "depends", 1),
        ("Only if the client passes a knowledge test [1].", "depends", 1),
        ("Only domestic banks can [1].", "depends", 0),
        ("对零售客户而言，平台须先评估[1]。", "yes", 0),
        ("会计师须审计[1]。", "yes", 0),
        ("不同平台有不同安排[1]。", "no", 0),
        ("非证券型代币不受该条例规管[1]。", "no", 0),
    ],
)
def test_polarity_is_read_off_the_opening(text: str, polarity: str, score: float) -> None:
    case = expecting(Expect(polarity=polarity))  # type: ignore[arg-type]
    assert value("polarity", case, replace(GOOD, text=text)) == score


def test_yes_no_question_may_be_answered_by_its_facts_but_not_against_them() -> None:
    def is_right(text: str, **expected: object) -> float | Skipped:
        case = expecting(Expect(polarity="no", **expected))  # type: ignore[arg-type]
        return value("right", case, replace(GOOD, text=text))

    facts = (("depositaries",),)
    assert is_right("The licence covers depositaries [1].", key_facts=facts) == 1
    assert is_right("Yes. The licence covers depositaries [1].", key_facts=facts) == 0
    assert is_right("No. The licence covers depositaries [1].", key_facts=facts) == 1
    assert is_right("The licence covers depositaries [1].") == 0
    assert is_right("No. It does not [1].") == 1
    assert is_right("The licence covers depositaries [1].", rules=(("capital",),)) == 1
    assert is_right("The licence covers depositaries [1].", rules=(("another",),)) == 0
    assert is_right("Yes. It does [1].", rules=(("capital",),)) == 0


def test_case_that_expects_only_records_is_right_where_they_are_cited() -> None:
    case = expecting(Expect(rules=(("capital",),)))
    assert value("right", case) == 1
    assert value("right", case, replace(GOOD, citations=GOOD.citations[1:])) == 0  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Platforms must hold 98% of client assets (客户资产) in cold storage [1].", "en"),
        ("平台须将98%的客户资产存放于冷钱包[1]。", "zh-Hans"),
        ("平台須將98%的客戶資產存放於冷錢包[1]。", "zh-Hant"),
        ("肖風話穩定幣係橋樑 (Stablecoin)[1]。", "zh-Hant"),
    ],
)
def test_language_and_script_of_the_text_are_told_apart(text: str, language: str) -> None:
    for asked in ("en", "zh-Hans", "zh-Hant"):
        case = replace(CASE, language=asked)
        assert value("language", case, replace(GOOD, text=text)) == float(asked == language)


def test_failed_reply_costs_what_an_empty_answer_costs() -> None:
    failed = Reply(error="ReadTimeout: nothing in 60 s")
    scores = {name: value(name, reply=failed) for name in MEASURE}
    assert scores["right"] == scores["answered"] == scores["key_facts"] == scores["citation_recall"] == 0
    assert scores["seconds"] == Skipped("failed")
    unanswerable = expecting(Expect(outcome=frozenset({Outcome.INSUFFICIENT})))
    assert value("declined", unanswerable, failed) == 0


def test_assistant_without_types_is_read_by_its_wording() -> None:
    refusal = Reply(text="I'm sorry, I do not have information on licence fees in 2031.")
    unanswerable = expecting(Expect(outcome=frozenset({Outcome.INSUFFICIENT})))
    assert value("declined", unanswerable, refusal) == 1
    assert value("declined", unanswerable, Reply(text="抱歉，資料不足，無法回答。")) == 1
    assert value("answered", CASE, Reply(text="HK$5 million, no less.")) == 1
    assert value("citation_recall", CASE, Reply(text="HK$5 million.")) == Skipped("not given by the target")


def test_what_is_not_expected_is_skipped_with_a_reason_never_zero() -> None:
    bare = expecting(Expect())
    for name in ("key_facts", "figures", "nothing_wrong", "citation_precision", "citation_recall", "version"):
        assert isinstance(value(name, bare), Skipped)
