"""Whether a fact stands in a text, whatever the notation. Pure.

A text becomes a run of tokens. Dates, amounts and shares become one token each, by what they mean, in whatever
language and notation they were written; Chinese gives a token a character; other words are folded to one spelling.
A fact holds where its tokens stand in the text's, one after the other. So `HK$5 million` is found in 500万港元, and
`5` is not found in 15.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from evals.case import AnyOf
from evals.numerals import with_digits
from knowledge.words import HAN, fold

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip
_MONTH_NUMBER = {name[:size]: n for n, name in enumerate(_MONTHS, 1) for size in (3, len(name))} | {"sept": 9}
_MONTH = "(?:" + "|".join(sorted(_MONTH_NUMBER, key=len, reverse=True)) + r")\b\.?"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?:19|20)\d\d"
_DATES = re.compile(
    rf"(?<!\d)(?P<y1>{_YEAR})(?P<sep>[-/.])(?P<m1>\d{{1,2}})(?P=sep)(?P<d1>\d{{1,2}})(?!\d)"
    rf"|(?P<y2>{_YEAR}) ?年(?: ?(?P<m2>\d{{1,2}}) ?月(?: ?(?P<d2>\d{{1,2}}) ?[日号])?)?"
    rf"|(?<!\d)(?P<m3>\d{{1,2}}) ?月(?: ?(?P<d3>\d{{1,2}}) ?[日号])?"
    rf"|(?<![\d.,])(?P<d4>{_DAY})(?:st|nd|rd|th)?(?: of)? (?P<m4>{_MONTH})(?:,? (?P<y4>{_YEAR})(?!\d))?"
    rf"|\b(?P<m5>{_MONTH}) (?P<d5>{_DAY})(?:st|nd|rd|th)?\b(?!\d)(?:,? (?P<y5>{_YEAR})(?!\d))?"
    rf"|\b(?P<m6>{_MONTH}),? (?:of )?(?P<y6>{_YEAR})(?!\d)"
)
_SCALES = {
    "thousand": 10**3, "k": 10**3, "million": 10**6, "mn": 10**6, "mil": 10**6, "m": 10**6, "billion": 10**9,
    "bn": 10**9, "b": 10**9, "trillion": 10**12, "千": 10**3, "万": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8,
    "十亿": 10**9, "百亿": 10**10, "千亿": 10**11, "万亿": 10**12,
}  # fmt: skip
_SCALE = "|".join(sorted(_SCALES, key=len, reverse=True))
_CURRENCIES = {
    "hk$": "hkd", "hkd": "hkd", "hong kong dollar": "hkd", "hk dollar": "hkd", "港元": "hkd", "港币": "hkd",
    "港纸": "hkd", "港圆": "hkd", "us$": "usd", "usd": "usd", "us dollar": "usd", "美元": "usd", "美金": "usd",
    "rmb": "cny", "cny": "cny", "yuan": "cny", "人民币": "cny", "eur": "eur", "€": "eur", "euro": "eur",
    "欧元": "eur", "gbp": "gbp", "£": "gbp", "英镑": "gbp", "$": "$", "dollar": "$", "元": "$", "蚊": "$",
}  # fmt: skip
_CURRENCY = "|".join(sorted((re.escape(word) for word in _CURRENCIES), key=len, reverse=True))
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)*"
_TOKEN = re.compile(
    rf"(?P<date>d(?:{_YEAR}|-)(?:-\d\d){{1,2}})(?![\w-])"
    rf"|(?P<ratio>百分之 ?)(?P<share1>{_NUMBER})"
    rf"|(?P<share2>{_NUMBER}) ?-?(?:%|per ?cent\b|percentage points?\b|个?百分点)"
    rf"|(?P<tenths>\d(?:\.\d)?)成"
    rf"|(?:(?P<before>{_CURRENCY}) ?)?(?P<number>{_NUMBER})(?: ?-?(?P<scale>{_SCALE})(?![a-z]))?"
    rf"(?: ?(?:元 ?(?=港币|港纸|人民币))?(?P<after>{_CURRENCY})(?![a-rt-z]))?(?![a-z\d])"
    rf"|(?P<word>{HAN.pattern}|(?:(?!{HAN.pattern})[^\W_])+)"
)
_COUNTED = re.compile(r"(?<=\d) ?个?(月|年|日|天|小时|星期|周|分钟|工作日|营业日|(?:business|working|trading) days?)")
_UNITS = {"月": "month", "年": "year", "日": "day", "天": "day", "小时": "hour", "星期": "week", "周": "week",
          "分钟": "minute", "工作日": "business day", "营业日": "business day"}  # fmt: skip
_DIGIT = re.compile(r"\d")
_MARKER = re.compile(r"\[\d+\]")
_LETTER_HYPHEN = re.compile(r"\b([a-z])-(?=[a-z]{3,})")
_LEAST_SPELT = 4
"""Letters from which a word may be spelt in more than one way; a Chinese character is one."""
_SPELLING = re.compile(r"(?<=[a-z]{3})is(?=(?:e|es|ed|ing|er|ation|ations)$)")


def holds(fact: AnyOf, text: str) -> bool:
    """Whether any form of the fact stands in the text; a form `A && B` asks for both, anywhere."""
    found = _joined(text)
    return any(all(_stands(part, found) for part in form.split("&&")) for form in fact)


def _stands(part: str, found: str) -> bool:
    """Whether the tokens of a part stand in a run of tokens; only figures have more than one notation."""
    words = _joined(part)
    if _DIGIT.search(words) or words.isspace():
        return _pattern(part).search(found) is not None
    return words in found


def has_figure(fact: AnyOf) -> bool:
    """Whether every form of the fact carries a figure or a date, so that it is right or wrong as a number."""
    return all(_DIGIT.search(_joined(form)) for form in fact)


@lru_cache(maxsize=8192)
def tokens(text: str) -> tuple[str, ...]:
    """The text as tokens: `d2023-11-02`, `hkd:5000000`, `98%`, `12`, `month`, `冷`, `licenze`."""
    plain = _MARKER.sub(" ", fold(text).replace("\n", " "))
    plain = re.sub(r"[\u2010-\u2015\u2212]", "-", re.sub(r"\s+", " ", plain))
    plain = _DATES.sub(_date, with_digits(plain))
    plain = _COUNTED.sub(lambda match: f" {_UNITS.get(match[1], match[1].replace('working', 'business'))} ", plain)
    plain = _LETTER_HYPHEN.sub(r"\1", plain)
    found: list[str] = []
    for match in _TOKEN.finditer(plain):
        found.extend(_tokens_of(match))
    return tuple(found)


def _date(match: re.Match[str]) -> str:
    part = {name[0]: value for name, value in match.groupdict().items() if value and name != "sep"}
    year, month, day = part.get("y", "-"), part.get("m"), part.get("d")
    if month is None:
        return f" {year} "
    number = _MONTH_NUMBER.get(month.rstrip(".")) or int(month)
    return f" d{year}-{number:02}" + (f"-{int(day):02} " if day else " ")


def _tokens_of(match: re.Match[str]) -> list[str]:
    word = match["word"]
    if word:
        return [word if len(word) < _LEAST_SPELT else _one_spelling(word)]
    if match["date"]:
        return [match["date"]]
    share = match["share1"] or match["share2"]
    if share:
        return [f"{_plain(share, None)}%"]
    if match["tenths"]:
        return [f"{_plain(match['tenths'], None, 10)}%"]
    currency = _CURRENCIES.get(match["before"] or "") or _CURRENCIES.get(match["after"] or "")
    if match["before"] == "$" and match["after"]:
        currency = _CURRENCIES[match["after"]]
    value = _plain(match["number"], match["scale"])
    return [f"{currency}:{value}" if currency else value]


def _plain(number: str, scale: str | None, times: int = 1) -> str:
    bare = number.replace(",", "")
    if bare.count(".") > 1:
        return bare
    return f"{(Decimal(bare) * _SCALES.get(scale or '', 1) * times).normalize():f}"


def _one_spelling(word: str) -> str:
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    return _SPELLING.sub("iz", word).replace("licence", "license")


@lru_cache(maxsize=8192)
def _joined(text: str) -> str:
    return f" {' '.join(tokens(text))} "


@lru_cache(maxsize=8192)
def _pattern(fact: str) -> re.Pattern[str]:
    parts = [_any_notation(token) for token in tokens(fact)]
    return re.compile(f"(?<= ){' '.join(parts)}(?= )" if parts else r"(?!)")


def _any_notation(token: str) -> str:
    """The pattern of a token and of what says the same, or the same more exactly."""
    if re.fullmatch(r"d(?:\d{4}|-)(?:-\d\d){1,2}", token):
        whole = token.replace("d-", r"d(?:\d{4}|-)", 1) if token.startswith("d-") else token
        return whole if token.count("-") - token.startswith("d-") > 1 else rf"{whole}(?:-\d\d)?"
    if re.fullmatch(_YEAR, token):
        return rf"(?:{token}|d{token}(?:-\d\d){{1,2}})"
    currency, colon, value = token.rpartition(":")
    if colon:
        known = "[a-z$]+" if currency == "$" else rf"(?:{currency}|\$)"
        return f"{known}:{re.escape(value)}"
    return rf"(?:[a-z$]+:)?{re.escape(token)}" if token.replace(".", "").isdigit() else re.escape(token)
