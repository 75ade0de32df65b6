"""Whether a question is on our subject at all. Pure."""

from __future__ import annotations

import re

from assistant.asked_for import names_in
from assistant.content import asked_units
from assistant.rule_index import RuleIndex
from knowledge.words import fold

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
_TELLING = 3.0
"""Weight from which a name that the records have tells the subject."""


def is_in_domain(text: str, index: RuleIndex) -> bool:
    """Whether the question names anything of our subject: a term of it, or a name that the records have."""
    folded = fold(text)
    if _ANCHORS.search(folded):
        return True
    units = asked_units(text)
    named = {unit for one in index.glossary.named_in(folded) for unit in asked_units(one.text)} & set(units)
    named |= {unit for unit in names_in(text) if index.knows([unit]) and index.weight([unit]) > _TELLING}
    total = sum(index.weight(met) for met in units.values()) or 1.0
    return sum(index.weight(units.get(unit, [unit])) for unit in named) / total > _SHARE
