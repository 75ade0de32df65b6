from __future__ import annotations

import math
import random
import sqlite3
from collections import Counter

import numpy as np
import pytest

from knowledge.keywords import SCHEMA, Keywords
from knowledge.stem import stem
from knowledge.words import terms

TEXTS = {
    1: "A lagoon permit costs 900 shells.",
    2: "Permits are required for the lagoon, and a permit for the reef.",
    4: "潟湖许可证收费900枚贝壳。",
    7: "The ferry carries goats.",
    9: "Goats need no permit; the ferry requires 3 shells for each of the goats.",
}


@pytest.fixture
def keywords() -> Keywords:
    return _made({"en": TEXTS})


def _made(texts: dict[str, dict[int, str]]) -> Keywords:
    connection = sqlite3.connect(":memory:")
    connection.executescript(SCHEMA)
    made = Keywords(connection)
    made.add((number, language, text) for language, held in texts.items() for number, text in held.items())
    return made


def _by_hand(texts: dict[int, str], query: str) -> dict[int, float]:
    """BM25 written out from its definition (k1 1.2, b 0.75, Lucene's rarity), terms in over half of all left out."""
    bags = {number: Counter(stem(term) for term in terms(text)) for number, text in texts.items()}
    mean = sum(bag.total() for bag in bags.values()) / len(bags)
    scores = dict.fromkeys(texts, 0.0)
    for term in {stem(term) for term in terms(query)}:
        held = sum(term in bag for bag in bags.values())
        rarity = math.log(1 + (len(bags) - held + 0.5) / (held + 0.5))
        for number, bag in bags.items():
            if held <= len(bags) / 2 and bag[term]:
                norm = 1.2 * (0.25 + 0.75 * bag.total() / mean)
                scores[number] += rarity * bag[term] * 2.2 / (bag[term] + norm)
    return {number: score for number, score in scores.items() if score}


def _scores(keywords: Keywords, query: str) -> dict[int, float]:
    numbers, scores = keywords.best("en", terms(query), np.ones(20, bool), 10)
    return dict(zip(numbers.tolist(), scores.tolist(), strict=True))


@pytest.mark.parametrize(
    "query", ["goats on the ferry", "requirement of shells", "許可證收費", "reef permit reef", "900"]
)
def test_scores_are_those_of_the_definition(keywords: Keywords, query: str) -> None:
    assert _scores(keywords, query) == pytest.approx(_by_hand(TEXTS, query), rel=1e-5)
    assert _scores(keywords, query)


def test_term_of_most_passages_counts_only_where_there_is_no_other(keywords: Keywords) -> None:
    assert set(_scores(keywords, "permit")) == {1, 2, 9}
    assert set(_scores(keywords, "permit reef")) == {2}


def test_added_in_parts_or_at_once_and_with_others_removed_scores_are_the_same(keywords: Keywords) -> None:
    keywords.add([(12, "en", "A goat of the reef"), (13, "zh", "礁石")])
    assert _scores(keywords, "goat reef") == pytest.approx(_by_hand({**TEXTS, 12: "A goat of the reef"}, "goat reef"))
    keywords.remove([12, 13])
    assert _scores(keywords, "goats reef") == pytest.approx(_by_hand(TEXTS, "goats reef"))


@pytest.mark.parametrize("limit", [1, 5, 40])
def test_best_of_many_are_those_of_the_definition_whether_their_terms_are_rare_or_common(limit: int) -> None:
    draw = random.Random(limit)
    words = [f"w{chr(97 + number)}x" for number in range(12)]
    shares = [0.5 / (number + 1) ** 1.6 for number in range(12)]
    texts = {
        number: " ".join(word for word, share in zip(words, shares, strict=True) if draw.random() < share) or "none"
        for number in range(3, 1_500, 2)
    }
    inside = np.array([draw.random() < 0.7 for _ in range(1_500)])
    made = _made({"en": texts, "zh": {2_000: "贝壳"}})
    for _ in range(20):
        query = " ".join(draw.sample(words, 4))
        right = sorted(_by_hand(texts, query).items(), key=lambda one: (-round(one[1], 4), one[0]))
        numbers, scores = made.best("en", terms(query), inside, limit)
        expected = [one for one in right if inside[one[0]]][:limit]
        assert scores.tolist() == pytest.approx([score for _, score in expected], rel=1e-4)
        assert numbers.tolist() == [number for number, _ in expected]


def test_language_without_passages_has_no_scores(keywords: Keywords) -> None:
    assert len(keywords.best("zh", ["贝壳"], np.ones(20, bool), 10)[0]) == 0
    assert _scores(keywords, "") == {}


@pytest.mark.parametrize(
    ("term", "expected"), [("requirements", "requir"), ("required", "requir"), ("稳定", "稳定"), ("2023", "2023")]
)
def test_english_words_are_cut_to_their_stem_and_others_are_left(term: str, expected: str) -> None:
    assert stem(term) == expected
