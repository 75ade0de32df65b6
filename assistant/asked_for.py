"""What exactly is asked for: the thing named after *what* or *which*, the kind of figure, the names. Pure."""

from __future__ import annotations

import re

from assistant.content import asked_units, stem
from assistant.measured import measured
from knowledge.words import HAN, fold

_HEADS = (
    re.compile(
        r"\b(?:what|which|whose|how many|how much)\s+((?:[a-z'-]+\s+){0,3}?[a-z'-]+?)"
        r"(?=\s+(?:is|are|was|were|does|do|did|has|have|had|can|could|must|may|will|would|should|of|for|in|on|at|to"
        r"|under|that|when|by|from|with|appl\w+|govern\w*)\b|\s*[?.,]|\s*$)"
    ),
    re.compile(
        r"\b(?:what|which) (?:is|are|was|were) the\s+((?:[a-z'-]+\s+){0,3}?[a-z'-]+?)"
        r"(?=\s+(?:of|for|in|on|at|to|that|when|by|from)\b|\s*[?.,]|\s*$)"
    ),
    re.compile("(?:哪些|哪个|哪家|哪位|哪几|哪一|哪份|哪种|哪类|哪间|哪|什么)([\\u4e00-\\u9fff]{2})"),
    re.compile("([\\u4e00-\\u9fff]{2})(?:是|系|为|有|要|收|花了?|达)?(?:多少|几多|多高|多大)"),
    re.compile("(?:多少|几多|几)(?:名|家|个|位|间|只|份|宗|项|笔|种|次|张|款|批)([\\u4e00-\\u9fff]{2,3})"),
    re.compile("的([\\u4e00-\\u9fff]{2,4})(?:是什么|系咩|是谁|系边个|有哪些)"),
)  # fmt: skip
_MEASURES = {
    "percent": re.compile(
        r"\b(?:per ?cent(?:age)?|proportion|share|ratio|yield|interest rate|coupon|apr)\b"
        r"|百分|比例|比率|利率|息率|收益率|几成|税率|票息"
    ),
    "money": re.compile(
        r"\b(?:fees?|price|costs?|fine|how much (?:money|capital|does)|worth|budget|revenue)\b"
        r"|多少钱|费用|收费|价格|罚款|股本|资金|金额|总值|市值|多少[港美]?元|预算|花了多少"
    ),
    "duration": re.compile(
        r"\bhow (?:long|many (?:\w+ )?(?:months|days|years|weeks|hours))\b"
        r"|多久|多长时间|几个月|几天|几日|几年|多少[天日年]|期限"
    ),
    "count": re.compile(r"\bhow many\b|\bnumber of\b|多少[家个名人宗项间位类种]|几[家个间名人宗项位]"),
}
_HELD = {
    "percent": re.compile(r"%|per cent|百分|basis point|基点|千分"),
    "money": re.compile(
        r"(?:hk|us|s)?\$\s?\d|\d[\d,.]*\s*(?:million|billion|万|亿)?\s*(?:港元|美元|元|人民币)|rmb|renminbi \d|hkd"
    ),
    "count": re.compile(r"\d"),
}
_DURATIONS = frozenset({"year", "month", "week", "day", "hour", "minute"})
_NAME = re.compile(r"(?<![\w])(?:[A-Za-z]*[A-Z][A-Za-z0-9-]*|[A-Za-z]+\d[\w-]*)")
_FIRST = re.compile(r"^\W*[A-Za-z][a-z'-]*(?=\s|[?,.])")
_NOT_NAMES = frozenset({"i", "hong", "kong", "hk", "sar", "ok"})


def head_of(question: str) -> frozenset[str]:
    """The units of what is asked for."""
    folded = fold(question)
    return frozenset(unit for form in _HEADS for match in form.findall(folded) for unit in asked_units(match))


def asked_measures(question: str) -> frozenset[str]:
    """The kinds of figure that would answer; empty where none is asked for."""
    folded = fold(question)
    found = {kind for kind, cue in _MEASURES.items() if cue.search(folded)}
    return frozenset(found - {"count"} or found)


def held_measures(text: str) -> frozenset[str]:
    """The kinds of figure in a record's text."""
    folded = fold(text)
    found = {kind for kind, cue in _HELD.items() if cue.search(folded)}
    return frozenset(found | {"duration" for unit, _ in measured(text) if unit in _DURATIONS})


def names_in(question: str) -> frozenset[str]:
    """Units that the asker wrote as a name."""
    plain = question if HAN.search(question) else _FIRST.sub(" ", question)
    if plain.isupper():
        return frozenset()
    found = {unit for name in _NAME.findall(plain) for unit in asked_units(name)}
    return frozenset(unit for unit in found if unit not in _NOT_NAMES and stem(unit) not in _NOT_NAMES)
