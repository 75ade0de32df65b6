"""Numbers over many cases: by hand, and against another implementation of each."""

from __future__ import annotations

import math
import random

import numpy
import pytest
import pytrec_eval
from sklearn.metrics import precision_recall_fscore_support

from assistant.answer import Outcome
from evals.case import Case, Expect
from evals.reply import Cited, Reply
from evals.score import CaseScore, by_slice, score
from evals.summary import (
    Abstention,
    abstention_of,
    area_under_risk,
    mean_of,
    parity_of,
    quantile,
    risk_coverage,
)

ANSWER, DECLINE = Outcome.ANSWERED, Outcome.INSUFFICIENT


def one(
    number: int, expected: Outcome, came: Outcome, *, fact: bool = True, confidence: float = 0.5, error: str = ""
) -> tuple[Case, Reply]:
    facts = (("cold storage",),) if expected is ANSWER else ()
    case = Case(f"c{number}", "Where?", "en", "custody", Expect(outcome=frozenset({expected}), key_facts=facts))
    text = "In cold storage [1]." if fact else "In hot storage [1]."
    return case, Reply(text=text, outcome=None if error else came, confidence=confidence, error=error)


def scored(*pairs: tuple[Case, Reply]) -> list[CaseScore]:
    return score(pairs, {})


def test_abstention_by_hand() -> None:
    """Three to decline, two of them declined; one more declined that should have been answered."""
    scores = scored(
        one(1, DECLINE, DECLINE), one(2, DECLINE, DECLINE), one(3, DECLINE, ANSWER),
        one(4, ANSWER, DECLINE), one(5, ANSWER, ANSWER), one(6, ANSWER, ANSWER),
        one(7, ANSWER, ANSWER, error="timeout"),
    )  # fmt: skip
    assert abstention_of(scores) == Abstention(2 / 3, 2 / 3, 2 / 3, 6)


def test_abstention_agrees_with_scikit_learn() -> None:
    dice = random.Random(3)
    pairs = [one(n, dice.choice((ANSWER, DECLINE)), dice.choice((ANSWER, DECLINE))) for n in range(200)]
    ours = abstention_of(scored(*pairs))
    due = [case.expect.outcome == {DECLINE} for case, _ in pairs]
    did = [reply.outcome is DECLINE for _, reply in pairs]
    theirs = precision_recall_fscore_support(due, did, average="binary")[:3]
    assert (ours.precision, ours.recall, ours.f1) == pytest.approx(theirs)


def test_abstention_is_undefined_rather_than_zero_where_nothing_was_declined_or_due() -> None:
    nothing = abstention_of(scored(one(1, ANSWER, ANSWER)))
    assert all(math.isnan(number) for number in (nothing.precision, nothing.recall, nothing.f1))


def test_risk_and_coverage_by_hand() -> None:
    """Surest first: right, wrong, two right together; one of five is declined."""
    scores = scored(
        one(1, ANSWER, ANSWER, confidence=0.9), one(2, ANSWER, ANSWER, fact=False, confidence=0.8),
        one(3, ANSWER, ANSWER, confidence=0.4), one(4, ANSWER, ANSWER, confidence=0.4), one(5, ANSWER, DECLINE),
    )  # fmt: skip
    points = [(point.confidence, point.coverage, point.risk) for point in risk_coverage(scores)]
    assert points == [(0.9, 0.2, 0.0), (0.8, 0.4, 0.5), (0.4, 0.8, 0.25)]
    assert area_under_risk(risk_coverage(scores)) == pytest.approx((0.2 * 0 + 0.2 * 0.5 + 0.4 * 0.25) / 0.8)


def test_risk_and_coverage_agree_with_counting_at_every_threshold() -> None:
    dice = random.Random(5)
    scores = scored(
        *(
            one(
                n,
                ANSWER,
                dice.choice((ANSWER, ANSWER, DECLINE)),
                fact=dice.random() < 0.7,
                confidence=dice.randint(0, 9) / 10,
            )
            for n in range(120)
        )
    )
    for point in risk_coverage(scores):
        kept = [s for s in scores if not s.declined and (s.reply.confidence or 0) >= point.confidence]
        assert point.coverage == pytest.approx(len(kept) / 120)
        assert point.risk == pytest.approx(sum(not s.right for s in kept) / len(kept))


def test_quantiles_agree_with_numpy() -> None:
    dice = random.Random(7)
    values = [dice.expovariate(1) for _ in range(57)]
    for share in (0.0, 0.5, 0.95, 1.0):
        assert quantile(values, share) == pytest.approx(float(numpy.quantile(values, share)))
    assert math.isnan(quantile([], 0.5))


def ranked(number: int, gold: tuple[tuple[str, ...], ...], found: tuple[str, ...] | None) -> tuple[Case, Reply]:
    return Case(f"c{number}", "Which?", "en", "search", Expect(rules=gold)), Reply(retrieved=found, outcome=ANSWER)


def test_ranking_by_hand() -> None:
    """Gold at ranks 2 and 4 of five: recall@5 1, reciprocal rank 1/2, nDCG (1/log2 3 + 1/log2 5) / (1 + 1/log2 3)."""
    (found,) = scored(ranked(1, (("a",), ("b",)), ("x", "a", "y", "b", "z")))
    assert found.values["recall@5"] == 1
    assert found.values["rr"] == 0.5
    ideal = 1 + 1 / math.log2(3)
    assert found.values["ndcg@10"] == pytest.approx((1 / math.log2(3) + 1 / math.log2(5)) / ideal)


def test_any_of_a_group_counts_once_at_its_first_rank() -> None:
    (found,) = scored(ranked(1, (("a", "twin-of-a"),), ("x", "twin-of-a", "a")))
    assert found.values["rr"] == 0.5
    assert found.values["recall@5"] == 1
    assert found.values["ndcg@10"] == pytest.approx(1 / math.log2(3))


def test_ranking_agrees_with_trec_eval() -> None:
    dice = random.Random(11)
    names = [f"r{n}" for n in range(30)]
    pairs = [ranked(n, tuple((g,) for g in dice.sample(names, 3)), tuple(dice.sample(names, 10))) for n in range(50)]
    qrels = {case.id: {group[0]: 1 for group in case.expect.rules} for case, _ in pairs}
    run = {case.id: {name: float(-rank) for rank, name in enumerate(reply.retrieved or ())} for case, reply in pairs}
    theirs = pytrec_eval.RelevanceEvaluator(qrels, {"recall.5,10", "recip_rank", "ndcg_cut.10"}).evaluate(run)
    for found in scored(*pairs):
        expected = theirs[found.case.id]
        assert found.values["recall@5"] == pytest.approx(expected["recall_5"])
        assert found.values["recall@10"] == pytest.approx(expected["recall_10"])
        assert found.values["rr"] == pytest.approx(expected["recip_rank"])
        assert found.values["ndcg@10"] == pytest.approx(expected["ndcg_cut_10"])


def test_search_that_finds_nothing_is_zero_and_one_that_cannot_be_asked_is_skipped() -> None:
    nothing, unknown = scored(ranked(1, (("a",),), ()), ranked(2, (("a",),), None))
    assert nothing.values["recall@10"] == 0
    assert unknown.skipped["recall@10"] == "not given by the target"


def test_mean_counts_what_applies_and_says_why_the_rest_does_not() -> None:
    mean = mean_of(
        scored(one(1, ANSWER, ANSWER), one(2, ANSWER, ANSWER, fact=False), one(3, DECLINE, DECLINE)), "key_facts"
    )
    assert (mean.value, mean.count) == (0.5, 2)
    assert mean.skipped == {"nothing expected": 1}


def test_parity_is_the_share_of_groups_that_come_out_alike_in_every_script() -> None:
    def member(group: str, language: str, cited: str) -> tuple[Case, Reply]:
        case = Case(f"{group}-{language}", "?", language, "parity", group=group)  # type: ignore[arg-type]
        return case, Reply(text="x", outcome=ANSWER, citations=(Cited(1, cited, "in_force", ""),))

    scores = scored(
        member("a", "en", "r1"), member("a", "zh-Hans", "r1"), member("a", "zh-Hant", "r1"),
        member("b", "en", "r1"), member("b", "zh-Hans", "r2"), member("lone", "en", "r1"),
    )  # fmt: skip
    parity = parity_of(scores)
    assert (parity.value, parity.count) == (0.5, 2)


def test_case_counts_in_each_of_its_slices() -> None:
    case = Case("c", "?", "zh-Hant", "figures", tags=frozenset({"typo", "cantonese"}), split="test")
    names = list(by_slice(score([(case, Reply())], {})))
    assert names == ["all", "category:figures", "language:zh-Hant", "split:test", "tag:cantonese", "tag:typo"]
