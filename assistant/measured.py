"""Figures with their units, in one form for both languages. Pure.

`knowledge.quantities` gives bare numbers; the day in a record's date would then support a prison term of as many
years. So a share, a duration or a small sum of money must stand in the records with its unit. Large sums and years
of the calendar are told by their numbers alone.
"""

from __future__ import annotations

import re
from decimal import Decimal

from knowledge.words import fold

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_PERCENT = re.compile(rf"(?<![\d.,])({_NUMBER})\s*(?:%|per ?cent|percentage points?|个?百分点)|百分之\s*({_NUMBER})")
_MONEY = re.compile(
    rf"(?:[$€£¥]|\b(?:hkd|usd|rmb|eur|gbp|cny))\s*({_NUMBER})(?![\d.,]*\s*(?:[千万亿]|thousand|[mbt]r?illion|mn|bn))"
    rf"|(?<![\d.,])({_NUMBER})\s*(?:[港美日欧]?元|港币|人民币|(?:\w+ ){{0,2}}dollars?\b)"
)
_UNITS = {
    "year": "year", "month": "month", "week": "week", "day": "day", "hour": "hour", "minute": "minute",
    "年": "year", "个月": "month", "周": "week", "星期": "week", "日": "day", "天": "day",
    "小时": "hour", "分钟": "minute",
}  # fmt: skip
_DURATION = re.compile(
    rf"(?<![\d.,月第])({_NUMBER})[\s-]*(?:(?:calendar|business|working|trading|clear|full|个)[\s-]*)*"
    r"(?:(?:工作|营业|交易|历)(?=日))?(year|month|week|day|hour|minute|个月|年(?!度)|周|星期|日(?!元)|天|小时|分钟)"
)
_DATE = re.compile(r"\d{4}\s*年(?:\s*\d{1,2}\s*月)?(?:\s*\d{1,2}\s*[日号])?|\d{1,2}\s*月\s*\d{1,2}\s*[日号]")
_CALENDAR = range(1900, 2101)


def measured(text: str) -> frozenset[tuple[str, str]]:
    """The figures of the text that have a unit, each as (unit, canonical number)."""
    folded = fold(text)
    found = {("percent", _canonical(one[0] or one[1])) for one in _PERCENT.findall(folded)}
    found |= {("money", _canonical(one[0] or one[1])) for one in _MONEY.findall(folded)}
    for number, unit in _DURATION.findall(_DATE.sub(" ", folded)):
        found.add((_UNITS[unit], _canonical(number)))
    return frozenset((unit, value) for unit, value in found if unit != "money" or Decimal(value) <= _CALENDAR.stop)


def _canonical(number: str) -> str:
    return f"{Decimal(number.replace(',', '')).normalize():f}"
