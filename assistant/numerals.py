"""Numbers written in words, so that a figure can't slip past the checks by being spelled. Pure.

`thirty million`, `twenty-five`, `三千万`, `两成` give canonical decimals as `knowledge.quantities` does. `one` and `一`
are left out (they are articles and half-words), `million` after digits belongs to
those, and a Chinese numeral counts only before something counted.
"""

from __future__ import annotations

import re

from knowledge.words import fold

_SMALL = re.findall(
    r"\w+",
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen",
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VALUES = {word: value for value, word in enumerate(_SMALL)} | {word: 10 * n for n, word in enumerate(_TENS, 2)}
_POWERS = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_WORD = "|".join([*_VALUES, *_POWERS])
_ENGLISH = re.compile(rf"(?<!\d[ -])\b(?:{_WORD})(?:[\s-]+(?:and\s+)?(?:{_WORD}))*\b")
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_PLACES = {"十": 10, "百": 100, "千": 1_000}
_MYRIADS = {"万": 10**4, "亿": 10**8}
_RUN = "[〇零一二三四五六七八九十百千万亿两]"
_COUNTED = "个|名|家|项|年|月|日|天|号|次|种|类|元|港|美|人|间|只|小时|周|星期|成|倍|宗|份|条|章|期|批|档|%"
_CHINESE = re.compile(rf"(?<=百分之){_RUN}+|(?<![统唯划归专单同第之\d.]){_RUN}+(?={_COUNTED})")
_ARTICLES = frozenset({"0", "1"})


def spelled(text: str) -> frozenset[str]:
    """The numbers that the text writes in words, 0 and 1 aside, in canonical decimal form."""
    folded = fold(text)
    found = {str(_english(match.group())) for match in _ENGLISH.finditer(folded)}
    for match in _CHINESE.finditer(folded):
        value = _chinese(match.group())
        if value is not None:
            found.add(str(value))
    return frozenset(found) - _ARTICLES


def _english(words: str) -> int:
    total = part = 0
    for word in re.findall(_WORD, words):
        if word in _VALUES:
            part += _VALUES[word]
        elif word == "hundred":
            part = (part or 1) * 100
        else:
            total += (part or 1) * _POWERS[word]
            part = 0
    return total + part


def _chinese(run: str) -> int | None:
    """The value of a run of numerals; None for one without a digit of its own (`万` after figures)."""
    if run[0] not in _DIGITS and run[0] != "十":
        return None
    if len(run) > 1 and all(character in _DIGITS for character in run):
        return int("".join(str(_DIGITS[character]) for character in run))
    total = section = digit = 0
    for character in run:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif character in _PLACES:
            section += (digit or 1) * _PLACES[character]
            digit = 0
        else:
            total = (total + section + digit) * _MYRIADS[character]
            section = digit = 0
    return total + section + digit
