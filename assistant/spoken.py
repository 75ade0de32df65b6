"""Spoken Cantonese put into the written words that records use, for searching only. Pure."""

from __future__ import annotations

import re

from knowledge.words import has_han, to_simplified

_PAIRS = """
系咪=是不是 系唔系=是不是 可唔可以=可否 得唔得=可以吗 使唔使=需要不需要 要唔要=要不要
会唔会=会不会 有冇=有没有 啱唔啱=对不对 点解=为什么 点样=怎样 点睇=怎么看待 几时=什么时候
几耐=多久 几多=多少 边个=谁 边位=谁 边度=哪里 边处=哪里 边间=哪家 边家=哪家 边啲=哪些
边日=哪天 边份=哪份 边条=哪条 边只=哪种 乜嘢=什么 咩嘢=什么 做乜=为什么 嗰阵=的时候
嗰时=的时候 嗰个=那个 嗰啲=那些 嗰间=那家 呢个=这个 呢啲=这些 呢间=这家 呢度=这里
而家=现在 依家=现在 宜家=现在 佢哋=他们 我哋=我们 你哋=你们 同埋=和 仲有=还有 仲要=还要
仲系=仍是 仲系咪=是否仍是 攞到=取得 攞牌=领牌 攞=取得 俾=给 畀=给 搵=找 睇=看 谂=想 讲过=说过 讲=说
摆喺=存放在 摆=存放 摆放=存放 擺=存放 拉咗=拘捕了 揸住=持有 揸=持有 炒币=买卖虚拟资产
炒=买卖 借钱=贷款 银纸=资金 蚀=亏损 罚几多=罚款多少 冷钱包=冷储存 热钱包=热储存 嘢=东西
唔该=请 单嘢=事件 单案=案件 铺头=店铺 执笠=倒闭 出咗=发出了 出粮=薪金
大陆=内地 细路=未成年人 老细=负责人 搞唔搞=是否进行 仲搞=还进行 唔准=不准 唔使=不需要
唔可以=不可以 唔得=不可以 唔会=不会 唔系=不是 冇=没有 嘅=的 喺=在 咗=了 啲=些 咩=什么
乜=什么 佢=他 哋=们 噉=那么 咁=那么 㗎=呢 喎=呢 啫=呢 喇=了 嚟=来 番=回 畀人=被
俾人=被 几成=百分之几 真㗎=真的吗 唔=不 系=是
"""
_WRITTEN = dict(pair.split("=") for pair in _PAIRS.split())
_CANTONESE = re.compile(
    "[嘅喺咗冇嗰啲哋嚟唔咩乜嘢佢噉咁攞谂睇㗎喎俾畀揸搵]|边[个间度啲家位日份条只]|几多|点解|点样|而家|依家|系咪|几耐"
)
_SPOKEN = re.compile("|".join(sorted(map(re.escape, _WRITTEN), key=len, reverse=True)))


def to_written(text: str) -> str:
    """The text in written Chinese (Simplified) where it is Cantonese; as it is otherwise."""
    if not has_han(text):
        return text
    simplified = to_simplified(text)
    if _CANTONESE.search(simplified) is None:
        return text
    return _SPOKEN.sub(lambda match: _WRITTEN[match.group()], simplified)
