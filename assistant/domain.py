"""Whether a question is on our subject at all. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from assistant.asked_for import names_in
from assistant.content import asked_units
from assistant.owners import without_places
from assistant.rule_index import RuleIndex
from knowledge.words import fold, has_han

_ANCHORS = re.compile(
    r"(?<![a-z])(?:virtual assets?|crypto\w*|bitcoin|btc|ether\w*|eth|token\w*|stablecoins?|nfts?|usd[tc]|tether|xrp"
    r"|blockchain|web ?3|vatps?"
    r"|vasps?|sfc|hkma|fstb|legco|amlo|e-?hkd|e-?cny|cbdc|defi|dao|staking|etfs?|sto|ico|otc|digital assets?"
    r"|hong kong dollar|mbridge|ensemble|perpetuals?|cold storage|(?:licensed|trading) platforms?)(?![a-z])"
    r"|虚拟|加密|比特币|以太|代币|稳定币|区块链|数字资产|数码资产|数码港元|数字港元|数字人民币|央行数字|证监会|金管局|财库局"
    r"|私钥|冷钱包|质押|币|专业投资者|洗钱|持牌|交易平台"
)
"""Words of our subject alone."""
_COMMON = re.compile(
    r"(?<![a-z])(?:exchanges?|licen[cs]\w+|custod\w+|wallets?)(?![a-z])"
    r"|牌照|发牌|交易所|托管|现货|散户|条例|监管"
)
"""Words of our subject and of others: a driving licence is none of ours."""
_CHAT = re.compile(
    r"\b(?:jokes?|poems?|limericks?|haikus?|lyrics|songs?|recipes?|horoscopes?|python|javascript|essays?)\b"
    r"|\btranslate\b.*\b(?:into|to)\b|笑话|食谱|菜谱|星座|翻译成|写(?:一?首|诗|歌|作文|程序|代码)|作(?:一?首)?诗"
)
"""What people ask of any assistant, whatever it is about."""
_POINTING = re.compile("[跟同和]?(?:刚才|刚刚|上面|前面)|一样")
"""Words that only point back, though no record has them."""
_SHARE = 0.3
"""Share of a question's words, by how telling they are, that must be terms of the field where none is plainly of it."""
_NEAR, _APART = 0.88, 3.6
"""Cosine to the nearest rule, and by how many standard deviations it must stand out: on the dev cases questions on
other matters reach the one or the other, never both."""
_NEAREST, _STANDS_OUT, _ALONE = 0.92, 4.5, 6.0
"""The same for a question whose words no record has: that near, or standing out that far."""
_FOREIGN, _MOSTLY_FOREIGN = 0.3, 0.4
"""Share of a question's words that no record has, from which a word of ours and others no longer tells the subject,
and from which the question must be as near as that."""
_FEW = 2
_TELLING = 3.0
"""Weight from which a name that the records have tells the subject."""


def is_in_domain(text: str, index: RuleIndex, vector: NDArray[np.float32]) -> bool:
    """Whether the question is on our subject: it names a term of it or a name that the records have, or it is near a
    rule and nearer than to the rest of them. `vector` is the question's."""
    folded = fold(text)
    if _CHAT.search(folded):
        return False
    units = asked_units(text)
    foreign = len(_unknown(units, index)) / (len(units) or 1)
    if _ANCHORS.search(folded) or (_COMMON.search(folded) and foreign < _FOREIGN):
        return True
    if _is_near(index, vector, has_han(text), foreign):
        return True
    named = {unit for one in index.glossary.named_in(folded) for unit in asked_units(one.text)} & set(units)
    named |= {
        unit for unit in names_in(without_places(text))
        if index.knows([unit]) and index.weight([unit]) > _TELLING
    }  # fmt: skip
    total = sum(index.weight(met) for met in units.values()) or 1.0
    return foreign < _FOREIGN and sum(index.weight(units.get(unit, [unit])) for unit in named) / total > _SHARE


def is_elsewhere(text: str, index: RuleIndex) -> bool:
    """Whether a question that is not on our subject says plainly what it is about: then nothing is asked back."""
    units = asked_units(_POINTING.sub(" ", fold(text)))
    unknown = _unknown(units, index)
    return bool(_CHAT.search(fold(text)) or names_in(text)) or len(unknown) > max(_FEW, len(units) / 2)


def _unknown(units: Mapping[str, frozenset[str]], index: RuleIndex) -> list[str]:
    return [unit for unit, met in units.items() if not index.speaks_of(met) and not unit.isdigit()]


def _is_near(index: RuleIndex, vector: NDArray[np.float32], chinese: bool, foreign: float) -> bool:
    cosines, own = index.cosines(vector), "zh" if chinese else "en"
    best = np.maximum(cosines.asked[own], cosines.stated[own])
    greatest, spread = float(best.max()), float(best.std()) or 1.0
    apart = (greatest - float(best.mean())) / spread
    if foreign >= _MOSTLY_FOREIGN:
        return (greatest >= _NEAREST and apart >= _STANDS_OUT) or (greatest >= _NEAR and apart >= _ALONE)
    return greatest >= _NEAR and apart >= _APART
