"""Names and ranks: whether a question asks for names, which names a record gives, what is first or fourth. Pure."""

from __future__ import annotations

import re

from knowledge.words import fold

_BODIES = (
    r"(?:banks?|firms?|compan(?:y|ies)|institutions?|managers?|brokers?|platforms?|funds?|issuers?|exchanges?|members?"
    r"|officers?|judges?|auditors?|vendors?|partners?|investors?|buyers?|custodians?|applicants?|participants?"
    r"|providers?|people|persons?|outlets?|cit(?:y|ies)|countr(?:y|ies))"
)
_ASKING = re.compile(
    r"\b(?:who|whom|whose|name (?:the|all|two|three|\d+))\b"
    rf"|\b(?:which|what) (?:\w+ ){{0,3}}?{_BODIES}\b"
    r"|谁|哪位|何人|名单|叫什么名"
    r"|[哪边][\d一二两三四五六七八九十几些]{0,3}(?:家|间|个|位|名|只|批)?[\u4e00-\u9fff]{0,3}"
    r"(?:银行|公司|机构|基金|经理|券商|平台|发行人|交易所|成员|法官|参与者|投资者|央行|国家|城市|地区)"
    r"|(?:机构|成员|公司|银行)(?:分别)?(?:是|有)?哪些"
)
_NAME = re.compile(r"(?<![.!?] )(?<!^)\b[A-Z][A-Za-z0-9&.-]*[A-Za-z0-9]\b|\b[A-Z][a-z]*[A-Z]\w*\b")
_NO_NAMES = frozenset(
    {
        "sfc", "hkma", "fstb", "hong", "kong", "government", "sar", "hk", "hkd", "rmb", "usd", "amlo", "sfo", "cap",
        "ordinance", "bill", "regime", "licence", "english", "chinese", "january", "february", "march", "april", "may",
        "june", "july", "august", "september", "october", "november", "december", "mainland", "type", "phase",
        "guidelines", "circular", "policy", "statement", "section", "part", "schedule", "web3", "vatp", "ecny", "ehkd",
        "nft", "etf",
    }
)  # fmt: skip
_COUNTED = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth",
)  # fmt: skip
_NUMERALS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_RANK = re.compile(
    rf"\b(?:{'|'.join(_COUNTED)}|\d+(?:st|nd|rd|th)"
    r"|last|latest|largest|biggest|smallest|highest|fastest|oldest|newest|only|sole)\b"
    r"|首[个家次批只位份]|第[一二三四五六七八九十\d]+(?![类条段组阶])|唯一|最(?:大|新|快|早|近|后)"
)
_SAME_RANK = {word: words[0] for words in (
    ("first", "首个", "首家", "首次", "首批", "首只", "首位", "首份"),
    ("only", "sole", "唯一"), ("largest", "biggest", "最大"), ("latest", "newest", "last", "最新", "最近", "最后"),
    *((word, f"第{_NUMERALS[n]}", f"第{n + 1}", *(f"{n + 1}{end}" for end in ("st", "nd", "rd", "th")))
      for n, word in enumerate(_COUNTED)),
) for word in words}  # fmt: skip
COUNTED = frozenset(_COUNTED)
ORDINAL = re.compile(
    rf"(?i)\b(?:{'|'.join(_COUNTED)}|\d+(?:st|nd|rd|th))\b|第[一二三四五六七八九十\d]+|首(?=[个個家间間次批位份只隻期])"
)
"""A place in an order, as it stands in a question of either script."""


def asks_for_names(question: str) -> bool:
    """Whether persons, firms or places by name would answer."""
    return _ASKING.search(fold(question)) is not None


def names_given(english: str) -> frozenset[str]:
    """The words that an English text writes as names, folded, without months, regulators and words of law."""
    found = {fold(name).strip(".") for name in _NAME.findall(english)}
    return frozenset(name for name in found if name not in _NO_NAMES and not name.isdigit())


def differ_in_rank(asked: frozenset[str], held: frozenset[str]) -> bool:
    """Whether both count, and none is at the place that is asked for: the third is not the first."""
    one, other = asked & COUNTED, held & COUNTED
    return bool(one and other) and not one & other


def ranks_in(text: str) -> frozenset[str]:
    """The ordinals and superlatives of a text, the same rank as one word in either language."""
    return frozenset(_SAME_RANK.get(one, one) for one in _RANK.findall(fold(text)))
