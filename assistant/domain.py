"""Whether a question is on our subject at all. Pure."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from assistant.asked_for import names_in
from assistant.content import asked_units
from assistant.rule_index import RuleIndex
from knowledge.words import fold, has_han

_ANCHORS = re.compile(
    r"(?<![a-z])(?:virtual assets?|crypto\w*|bitcoin|btc|ether\w*|eth|token\w*|stablecoins?|nfts?|usd[tc]|tether|xrp"
    r"|blockchain|web ?3|vatps?"
    r"|vasps?|sfc|hkma|fstb|legco|amlo|e-?hkd|e-?cny|cbdc|defi|dao|staking|custod\w+|etfs?|sto|ico|otc|digital assets?"
    r"|hong kong dollar|exchanges?|licen[cs]\w+|mbridge|ensemble|perpetuals?|wallets?|cold storage)(?![a-z])"
    r"|虚拟|加密|比特币|以太|代币|稳定币|区块链|数字资产|数码资产|数码港元|数字港元|数字人民币|央行数字|证监会|金管局|财库局"
    r"|牌照|持牌|发牌|交易所|交易平台|托管|私钥|冷钱包|质押|币|现货|散户|专业投资者|洗钱|条例|监管"
)
_SHARE = 0.3
"""Share of a question's words, by how telling they are, that must be terms of the field where none is plainly of it."""
_NEAR, _APART = 0.88, 3.6
"""Cosine to the nearest rule, and by how many standard deviations it must stand out: on the dev cases questions on
other matters reach the one or the other, never both."""
_TELLING = 3.0
"""Weight from which a name that the records have tells the subject."""


def is_in_domain(text: str, index: RuleIndex, vector: NDArray[np.float32]) -> bool:
    """Whether the question is on our subject: it names a term of it or a name that the records have, or it is near a
    rule and nearer than to the rest of them. `vector` is the question's."""
    folded = fold(text)
    if _ANCHORS.search(folded) or _is_near(index, vector, has_han(text)):
        return True
    units = asked_units(text)
    named = {unit for one in index.glossary.named_in(folded) for unit in asked_units(one.text)} & set(units)
    named |= {unit for unit in names_in(text) if index.knows([unit]) and index.weight([unit]) > _TELLING}
    total = sum(index.weight(met) for met in units.values()) or 1.0
    return sum(index.weight(units.get(unit, [unit])) for unit in named) / total > _SHARE


def _is_near(index: RuleIndex, vector: NDArray[np.float32], chinese: bool) -> bool:
    cosines, own = index.cosines(vector), "zh" if chinese else "en"
    best = np.maximum(cosines.asked[own], cosines.stated[own])
    greatest, spread = float(best.max()), float(best.std()) or 1.0
    return greatest >= _NEAR and (greatest - float(best.mean())) / spread >= _APART
