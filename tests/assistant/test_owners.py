"""A rule on another owner is told apart from one on the owner asked about."""

from __future__ import annotations

from functools import cache

import pytest

from assistant.asked_kind import read_asked
from assistant.owners import is_on_another, owners_of
from knowledge.register import Corpus, read_corpus
from knowledge.settings import KnowledgeSettings


@cache
def _corpus() -> Corpus:
    return read_corpus(KnowledgeSettings().corpus_dir)


def _is_on_another(question: str, rule: str) -> bool:
    held = _corpus().rules[rule]
    return is_on_another(question, read_asked(question), held, owners_of(held))


@pytest.mark.parametrize(
    ("question", "rule"),
    [
        ("What is the minimum paid-up capital of a stablecoin issuer in Singapore?", "sc-capital-25m"),
        ("日本規定交易所要有幾多資產放冷錢包?", "vatp-custody-cold-98"),
        ("What cold storage share does the US require of platforms?", "vatp-custody-cold-98"),
        ("When will a spot XRP ETF list on HKEX?", "solana-spot-etf-2025"),
        ("截至2023年12月，香港有没有现货比特币ETF上市？", "csop-futures-etfs-listed"),
        ("What share may the Harvest ether ETF stake?", "ether-etf-staking-2025"),
        ("华夏以太币ETF最多可质押多少？", "ether-etf-staking-2025"),
        ("巴塞尔标准下第2a组加密资产的风险权重是多少?", "basel-crypto-2026"),
        ("What is a level 6 fine in Hong Kong dollars?", "sc-penalty-advertising"),
        ("How much did the 2024-25 Budget set aside for Web3?", "budget-2023-24-web3"),
        ("銀行替客戶保管虛擬資產，賠償安排要覆蓋幾多?", "vatp-compensation-arrangement"),
    ],
)
def test_rule_on_another_owner_does_not_answer(question: str, rule: str) -> None:
    assert _is_on_another(question, rule)


@pytest.mark.parametrize(
    ("question", "rule"),
    [
        ("What is the minimum paid-up capital of a stablecoin issuer?", "sc-capital-25m"),
        ("If I run an exchange from Singapore, do I need a Hong Kong licence?", "vatp-amlo-active-marketing"),
        ("Can retail clients trade Dogecoin?", "vatp-token-eligible-large-cap"),
        ("博时以太币ETF最多可质押多少？", "ether-etf-staking-2025"),
        ("When did the ChinaAMC ether ETF begin to stake?", "ether-etf-staking-2025"),
        ("What fee does Harvest charge for its spot bitcoin ETF?", "spot-va-etfs-fees-and-structure"),
        ("數碼港元第一同第二階段,參與機構有咩分別?", "ehkd-pilot1-start-2023"),
        ("May reserves of a stablecoin be held in US dollars?", "sc-reserve-currency-match"),
        ("How much did the 2023-24 Budget set aside for Web3?", "budget-2023-24-web3"),
    ],
)
def test_rule_on_the_owner_or_on_all_answers(question: str, rule: str) -> None:
    assert not _is_on_another(question, rule)
