"""The topics that rules are filed under, and what each is called in the three scripts. Values only."""

from __future__ import annotations

from collections.abc import Mapping

from knowledge.rule import Language


def _named(en: str, hans: str, hant: str) -> Mapping[Language, str]:
    return {"en": en, "zh-Hans": hans, "zh-Hant": hant}


TOPIC_NAMES: Mapping[str, Mapping[Language, str]] = {
    "vatp": _named("Trading platforms", "交易平台", "交易平台"),
    "licensing": _named("Licensing", "发牌", "發牌"),
    "token-admission": _named("Admission of tokens", "代币纳入", "代幣納入"),
    "retail": _named("Retail investors", "零售投资者", "零售投資者"),
    "intermediary": _named("Intermediaries", "中介人", "中介人"),
    "custody": _named("Custody", "托管", "託管"),
    "otc": _named("Dealing and OTC", "交易服务及场外交易", "交易服務及場外交易"),
    "staking": _named("Staking", "质押", "質押"),
    "stablecoin": _named("Stablecoins", "稳定币", "穩定幣"),
    "banking": _named("Banks", "银行", "銀行"),
    "tokenised-deposit": _named("Tokenised deposits", "代币化存款", "代幣化存款"),
    "tokenised-bond": _named("Tokenised bonds", "代币化债券", "代幣化債券"),
    "tokenised-security": _named("Tokenised securities", "代币化证券", "代幣化證券"),
    "etf": _named("Funds and ETFs", "基金及ETF", "基金及ETF"),
    "fund-management": _named("Fund management", "基金管理", "基金管理"),
    "cbdc": _named("e-HKD", "数码港元", "數碼港元"),
    "e-cny": _named("e-CNY", "数字人民币", "數字人民幣"),
    "nft": _named("NFTs", "非同质化代币", "非同質化代幣"),
    "perimeter": _named("What is regulated", "规管范围", "規管範圍"),
    "aml": _named("Anti-money laundering", "打击洗钱", "打擊洗錢"),
    "tax": _named("Tax", "税务", "稅務"),
    "enforcement": _named("Enforcement", "执法", "執法"),
    "policy": _named("Policy", "政策", "政策"),
    "sandbox": _named("Sandboxes", "沙盒", "沙盒"),
    "mainland": _named("Mainland China", "中国内地", "中國內地"),
    "market": _named("Market", "市场", "市場"),
    "funding": _named("Public funding", "公共资助", "公共資助"),
}


def topic_name(topic: str, language: Language) -> str:
    """What a topic is called; its own id where it has no name yet."""
    names = TOPIC_NAMES.get(topic)
    return names[language] if names else topic
