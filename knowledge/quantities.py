"""The figures and dates of a text, in one form for both languages. Pure.

`HK$5 million`, `5,000,000` and `500万` are all 5000000; a date gives its year, month and day as numbers, so that
`2 November 2023` and `2023年11月2日` agree. Spelled-out numbers are not read: records write figures as digits.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip
_MONTH_NUMBER = {name[:length]: n for n, name in enumerate(_MONTHS, 1) for length in (3, len(name))} | {"sept": 9}
_MONTH = "(?:" + "|".join(sorted(_MONTH_NUMBER, key=len, reverse=True)) + r")\b\.?"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
# A month's name counts only beside a day or a year, so that "may" and "march" stay words.
_ENGLISH_DATE = re.compile(
    rf"(?P<d1>{_DAY})(?:\s+of)?\s+(?P<m1>{_MONTH})|\b(?P<m2>{_MONTH})\s+(?P<d2>{_DAY})\b(?!\d)|\b(?P<m3>{_MONTH}),?\s+(?=\d{{4}})"
)
_SCALES = {
    "thousand": 10**3, "million": 10**6, "mn": 10**6, "m": 10**6, "billion": 10**9, "bn": 10**9,
    "trillion": 10**12, "千": 10**3, "百万": 10**6, "千万": 10**7, "万": 10**4, "亿": 10**8, "万亿": 10**12,
    "十亿": 10**9, "百亿": 10**10, "千亿": 10**11, "萬": 10**4, "億": 10**8, "百萬": 10**6, "千萬": 10**7,
    "萬億": 10**12, "十億": 10**9, "百億": 10**10, "千億": 10**11,
}  # fmt: skip
_SCALE = "|".join(sorted((re.escape(word) for word in _SCALES), key=len, reverse=True))
_NUMBER = re.compile(
    rf"(?<!\d)(?<!\d[.,])(\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)*)\s*-?(?:({_SCALE})(?![a-z]))?"
)


def quantities(text: str) -> frozenset[str]:
    """All numbers of the text in canonical decimal form; dotted paragraph numbers (7.26.1) stay as they are."""
    plain = unicodedata.normalize("NFKC", text).lower()
    found: set[str] = set()

    def take_date(match: re.Match[str]) -> str:
        month = match["m1"] or match["m2"] or match["m3"]
        found.add(str(_MONTH_NUMBER[month.rstrip(".")]))
        day = match["d1"] or match["d2"]
        if day:
            found.add(str(int(re.sub(r"\D", "", day))))
        return " "

    plain = _ENGLISH_DATE.sub(take_date, plain)
    for match in _NUMBER.finditer(plain):
        found.add(_canonical(match[1], match[2]))
    return frozenset(found)


def _canonical(number: str, scale: str | None) -> str:
    bare = number.replace(",", "")
    if bare.count(".") > 1:
        return bare
    value = Decimal(bare) * _SCALES.get(scale or "", 1)
    return f"{value.normalize():f}"
