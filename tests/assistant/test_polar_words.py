"""What a question shares with the yes/no questions of rules, by the words that are held of the rules."""

from __future__ import annotations

import pytest

from assistant.measure import covers
from assistant.rule_index import RuleIndex
from assistant.verify import open_verifier
from knowledge.library import Library
from knowledge.words import has_han


@pytest.mark.parametrize(
    "question",
    [
        "Must a platform keep 98% of client assets in cold storage?",
        "Can retail investors trade on a licensed exchange in 2024?",
        "持牌平台可以让散户买卖虚拟资产吗?",
        "VATP 要不要把客户的 98% 资产放在 cold wallet?",
        "zzyzx?",
    ],
)
def test_shares_by_held_words_are_those_of_the_texts_read(library: Library, question: str) -> None:
    index = RuleIndex(library, open_verifier().idf)
    language = "zh" if has_han(question) else "en"
    polars = index.polars(range(len(index.rules)), language, library.embedder.embed_query(question))
    shared = []
    for one in (one for its in polars.values() for one in its):
        held = one.polar.zh if has_han(question) else one.polar.en
        found = index.polar_words.shared(question, one)
        assert found.asked == pytest.approx(covers(index, question, f"{one.polar.en} {one.polar.zh}"))
        assert found.held == pytest.approx(covers(index, held, question))
        shared.append(sum(found))
    assert len(shared) > 50
    assert (max(shared) > 0.2) == (question != "zzyzx?")
