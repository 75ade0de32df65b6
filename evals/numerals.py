"""Numbers written in words, English and Chinese, as digits. Pure."""

from __future__ import annotations

import re

_SMALL = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
          "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VALUES = {word: n for n, word in enumerate(_SMALL)} | {word: 10 * n for n, word in enumerate(_TENS, 2)}
_ENGLISH = re.compile(
    rf"\b(?:({'|'.join(_TENS)})(?:[- ]({'|'.join(_SMALL[1:10])}))?|({'|'.join(_SMALL)}))\b(?: (hundred)\b)?"
)
_DIGITS = {character: n for n, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_PLACES = {"十": 10, "百": 100, "千": 1_000}
_MYRIADS = {"万": 10_000, "亿": 100_000_000}
_RUN = "[零〇一二三四五六七八九十百千万亿两]"
_COUNTED = (
    "个|名|家|项|年|月|日|天|号|次|种|类|元|港|美|人|间|只|隻|小时|周|星期|成|倍|宗|份|条|章"
    "|期|阶段|支|套|轮|批|档|%|蚊"
)
# A numeral counts as one only before what is counted or after what announces a number: 一 is also half a word (统一).
_CHINESE = re.compile(f"(?:(?<=第)|(?<=百分之)){_RUN}+|(?<![统唯划归专单同]){_RUN}+(?={_COUNTED})")


def with_digits(folded: str) -> str:
    """The folded text with its spelled-out numbers written in digits."""
    return _CHINESE.sub(_chinese, _ENGLISH.sub(_english, folded))


def _english(match: re.Match[str]) -> str:
    tens, unit, small, hundred = match.groups()
    value = _VALUES[small] if small else _VALUES[tens] + (_VALUES[unit] if unit else 0)
    return str(value * 100 if hundred else value)


def _chinese(match: re.Match[str]) -> str:
    value = chinese_value(match.group())
    return match.group() if value is None else str(value)


def chinese_value(numeral: str) -> int | None:
    """The value of 五百万 or 二零二三 or 十二; None for a run without a digit of its own (万)."""
    if not any(character in _DIGITS or character == "十" for character in numeral):
        return None
    if all(character in _DIGITS for character in numeral):
        return int("".join(str(_DIGITS[character]) for character in numeral))
    total = section = digit = 0
    for character in numeral:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif character in _PLACES:
            section += (digit or 1) * _PLACES[character]
            digit = 0
        else:
            total = (total + section + digit) * _MYRIADS[character]
            section = digit = 0
    return total + section + digit
