"""The dates that a text names, with the days each spans: months, quarters, "mid-2021", 去年年底, 三年前. Pure."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip
_MONTH_OF = {name[:size]: n for n, name in enumerate(_MONTHS, 1) for size in (3, len(name))} | {"sept": 9}
_MONTH = "(?:" + "|".join(sorted(_MONTH_OF, key=len, reverse=True)) + r")\.?"
_YEAR = (
    r"(?:(?:19|20)\d\d|二[〇零][一二三][〇零一二三四五六七八九]"
    r"|(?<![\d年])(?:1[7-9]|2\d)"
    r"(?=年(?:\s*(?:\d{1,2}|十[一二]?|[一二三四五六七八九])\s*月|第?\s*[1-4一二三四]\s*季|[上下]半年|年?[底末尾初头])))"
)
"""In figures, in Chinese ones, or cut to two before 年."""
_MONTH_HAN = r"(?P<m>\d{1,2}|十[一二]?|[一二三四五六七八九])\s*月(?:份)?"
_PART = "底|末|尾|初|头|中(?![国央介银间小期心])"
_ENGLISH_PART = "early|mid|late|year-end|end|end of|start of|beginning of"
_EARLY, _MIDDLE = ("初", "头", "early", "start of", "beginning of"), ("中", "mid")
_LATE = ("底", "末", "尾", "late", "end of", "end", "year-end")
_QUARTERS = ("1一first", "2二second", "3三third", "4四fourthlast")
_SEASONS = {"spring": 3, "春": 3, "summer": 6, "夏": 6, "autumn": 9, "fall": 9, "秋": 9, "winter": 12, "冬": 12}
"""The month each begins with."""
_HAN_SEASON = "(?P<season>[春夏秋冬])[天季]"
_NOT_COUNTED = (
    r"(?!\s*(?:[万亿元人名个位间家倍美港]"
    r"|(?i:hkd|usd|dollars?|investors?|clients?|people|users?|holders?|tokens?|coins?)\b))"
)
"""What stands after a figure that is no year."""
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?P<y>{_YEAR})[-/.](?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}})(?!\d)",
        rf"(?P<y>{_YEAR})\s*年\s*{_MONTH_HAN}\s*(?P<d>\d{{1,2}})\s*[日号]",
        rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<n>{_MONTH}),?\s+(?P<y>{_YEAR})",
        rf"\b(?P<n>{_MONTH})\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>{_YEAR})",
        rf"(?P<y>{_YEAR})\s*年?\s*(?:第\s*(?P<q1>[1-4一二三四])\s*季[度]?|Q(?P<q2>[1-4]))",
        rf"\bQ(?P<q3>[1-4])\s*(?:of\s+)?(?P<y>{_YEAR})",
        rf"\b(?P<q4>first|second|third|fourth|last)\s+quarter\s+(?:of\s+)?(?P<y>{_YEAR})",
        rf"(?P<y>{_YEAR})\s*年?\s*{_HAN_SEASON}",
        rf"\b(?P<season>spring|summer|autumn|fall|winter)\s+(?:of\s+)?(?P<y>{_YEAR})",
        rf"(?P<y>{_YEAR})\s*年?\s*(?P<christmas>圣诞节?)",
        rf"\b(?P<christmas>christmas)\s+(?:of\s+)?(?P<y>{_YEAR})",
        rf"(?P<y>{_YEAR})\s*年?\s*(?P<h>上半年|下半年)",
        rf"\b(?:H(?P<h3>[12])|(?P<h4>[12])H)\s*(?:of\s+)?(?P<y>{_YEAR})",
        rf"(?P<y>{_YEAR})\s*H(?P<h3>[12])\b",
        rf"\b(?P<h2>first|second|latter)\s+half\s+(?:of\s+)?(?P<y>{_YEAR})",
        rf"(?P<y>{_YEAR})\s*年\s*{_MONTH_HAN}\s*(?P<part>{_PART})?",
        rf"(?:(?P<epart>{_ENGLISH_PART})[\s-]+)?\b(?P<n>{_MONTH}),?(?:\s+of)?\s+(?P<y>{_YEAR})",
        rf"(?:(?P<epart>{_ENGLISH_PART})[\s-]+)?\b(?P<n>{_MONTH})(?:-|\s*['’])(?P<y2>1[7-9]|2\d)\b(?!\s*[,.]?\s*\d)",
        rf"(?<![\d/.-])(?P<m>\d{{1,2}})/(?P<y>{_YEAR})(?!\d)",
        rf"(?<!\d)(?P<y>{_YEAR})[/-](?P<m>\d{{1,2}})(?![\d/-])",
        rf"(?:(?P<epart>{_ENGLISH_PART})[\s-]+|(?<![\d#.,-])|(?<=pre-))(?P<y>{_YEAR})(?![\d-]){_NOT_COUNTED}\s*年?\s*年?(?P<part>{_PART})?",
        r"(?<=[\s-])['’](?P<y2>1[7-9]|2\d)\b",
    )
)
_RELATIVE = re.compile(
    r"(?P<word>(?<!过)去年(?!度)|旧年|(?<![以网线])上年(?![度资轻])|大前年|(?<![目之以])前年|今年|上个月|上月"
    r"|last year|last month|this year|the year before last)"
    rf"\s*(?:{_MONTH_HAN}|第?\s*(?P<q>[1-4一二三四])\s*季度?|(?P<h>[上下]半)年|{_HAN_SEASON}|(?P<christmas>圣诞节?))?"
    rf"年?(?P<part>{_PART})?",
    re.IGNORECASE,
)
_LAST = re.compile(
    rf"\b(?:(?:last|this past)\s+(?:(?P<n>{_MONTH})|(?P<season>spring|summer|autumn|fall|winter)|(?P<quarter>quarter))"
    rf"|(?:(?<=in )|(?<=of )|(?<=since )|(?!may\b))(?P<n2>{_MONTH})\s+(?:of\s+)?(?P<year>last|this)\s+year)\b"
    r"|(?P<quarter2>(?<![以网线])上个?季度?)",
    re.IGNORECASE,
)
"""Months, seasons and quarters told from today."""
_AGO = re.compile(
    r"(?<![\d年十一二三四五六七八九每期提])(?P<n>\d{1,2}|十[一二]|[一两二三四五六七八九十半])\s*(?P<unit>年|个月)(?:多)?(?:之|以)?前"
    r"|\b(?P<en>\d{1,2}|an?|one|two|three|four|five|six|ten)\s+(?P<eunit>years?|months?)\s+ago\b",
    re.IGNORECASE,
)
_COUNTS = {
    "an": 1,
    "a": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "ten": 10,
    "两": 2,
    "十一": 11,
    "十二": 12,
} | {character: value for value, character in enumerate("一二三四五六七八九十", 1)}
_FIGURES_HAN = "〇一二三四五六七八九零"
"""Each at its value, or ten beyond it."""
_MONTHS_HAN = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_YEARS_BACK = {"去年": 1, "旧年": 1, "上年": 1, "last year": 1, "前年": 2, "the year before last": 2, "大前年": 3}
_END_BEFORE_RELATIVE = re.compile(r"(?:end of|late)\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mention:
    """A date in a text: where it stands, and its first and last day."""

    start: int
    end: int
    first: date
    last: date


def mentions_in(text: str, today: date) -> Iterator[Mention]:
    """Dates in the order of the text; where two forms read the same place, the more exact one."""
    yield from _mentions(text, today)


@lru_cache(maxsize=2048)
def _mentions(text: str, today: date) -> tuple[Mention, ...]:
    """The same, remembered for a while: of a question they are asked often, of a statement for many questions."""
    taken: list[Mention] = []
    for form in _FORMS:
        for match in form.finditer(text):
            span = _span(match.groupdict()) if _is_free(match, taken) else None
            if span is not None:
                taken.append(Mention(match.start(), match.end(), *span))
    for match in _LAST.finditer(text):
        if _is_free(match, taken):
            taken.append(Mention(match.start(), match.end(), *_last(match, today)))
    for match in _RELATIVE.finditer(text):
        if _is_free(match, taken):
            first, last = _relative(match, today, text[: match.start()])
            taken.append(Mention(match.start(), match.end(), first, last))
    for match in _AGO.finditer(text):
        if _is_free(match, taken):
            day = _ago(match, today)
            taken.append(Mention(match.start(), match.end(), day, day))
    return tuple(sorted(taken, key=lambda mention: mention.start))


def _is_free(match: re.Match[str], taken: list[Mention]) -> bool:
    """Whether no date was read yet where a form reads one."""
    return not any(match.start() < one.end and one.start < match.end() for one in taken)


def _span(parts: dict[str, str | None]) -> tuple[date, date] | None:
    year = _year_of(parts.get("y") or parts.get("y2") or "")
    month = _month_of(parts.get("m")) or _MONTH_OF.get((parts.get("n") or "").lower().rstrip("."), 0)
    quarter = parts.get("q1") or parts.get("q2") or parts.get("q3") or parts.get("q4")
    if month > 12:
        return None
    if month and parts.get("d"):
        day = int(parts["d"] or 0)
        if not 1 <= day <= monthrange(year, month)[1]:
            return None
        return date(year, month, day), date(year, month, day)
    if quarter:
        return _quarter(year, quarter)
    if parts.get("season"):
        return _season(year, _SEASONS[(parts["season"] or "").lower()])
    if parts.get("christmas"):
        return date(year, 12, 25), date(year, 12, 26)
    half = parts.get("h") or parts.get("h2") or parts.get("h3") or parts.get("h4")
    if half:
        return _half(year, half.lower() in ("上半年", "first", "1"))
    part = (parts.get("part") or parts.get("epart") or "").lower()
    if month:
        return _part_of_month(year, month, part)
    return _part_of_year(year, part)


def _season(year: int, month: int) -> tuple[date, date]:
    last = month + 2
    return date(year, month, 1), _month_end(year + last // 13, (last - 1) % 12 + 1)


def _part_of_month(year: int, month: int, part: str) -> tuple[date, date]:
    if part in _EARLY:
        return date(year, month, 1), date(year, month, 10)
    if part in _MIDDLE:
        return date(year, month, 11), date(year, month, 20)
    return date(year, month, 1), _month_end(year, month)


def _part_of_year(year: int, part: str) -> tuple[date, date]:
    if part in _EARLY:
        return date(year, 1, 1), date(year, 3, 31)
    if part in _MIDDLE:
        return date(year, 5, 1), date(year, 7, 31)
    if part in _LATE:
        return date(year, 10, 1), date(year, 12, 31)
    return date(year, 1, 1), date(year, 12, 31)


def _relative(match: re.Match[str], today: date, before: str) -> tuple[date, date]:
    word = match["word"].lower()
    if word in ("上个月", "上月", "last month"):
        last = today.replace(day=1) - timedelta(days=1)
        return last.replace(day=1), last
    year = today.year - _YEARS_BACK.get(word, 0)
    part = match["part"] or ("底" if _END_BEFORE_RELATIVE.search(before) else "")
    month = _month_of(match["m"])
    if 1 <= month <= 12:
        return _part_of_month(year, month, part)
    if match["q"]:
        return _quarter(year, match["q"])
    if match["season"]:
        return _season(year, _SEASONS[match["season"]])
    if match["christmas"]:
        return date(year, 12, 25), date(year, 12, 26)
    return _half(year, match["h"] == "上半") if match["h"] else _part_of_year(year, part)


def _last(match: re.Match[str], today: date) -> tuple[date, date]:
    """The last such month, season or quarter that is over; a month "last year" is of that year."""
    month = _MONTH_OF[(match["n"] or match["n2"] or "jan").lower().rstrip(".")]
    if match["year"]:
        year = today.year - (match["year"].lower() == "last")
        return _part_of_month(year, month, "")
    if match["quarter"] or match["quarter2"]:
        year, quarter = divmod(today.year * 4 + (today.month - 1) // 3 - 1, 4)
        return _quarter(year, str(quarter + 1))
    if match["season"]:
        seasons = (_season(today.year - back, _SEASONS[match["season"].lower()]) for back in range(3))
        return next(one for one in seasons if one[1] < today)
    return _part_of_month(today.year - (month >= today.month), month, "")


def _year_of(named: str) -> int:
    """A year in figures, in Chinese ones, or in its last two."""
    year = int("".join(str(_FIGURES_HAN.find(one) % 10) if one in _FIGURES_HAN else one for one in named) or 0)
    return year + 2000 if 0 < year < 100 else year


def _month_of(named: str | None) -> int:
    """A month in figures or in Chinese ones; 0 where none is named."""
    if not named:
        return 0
    return int(named) if named.isdigit() else _MONTHS_HAN.index(named) + 1


def _quarter(year: int, named: str) -> tuple[date, date]:
    place = next(n for n, names in enumerate(_QUARTERS) if named.lower() in names)
    return date(year, 3 * place + 1, 1), _month_end(year, 3 * place + 3)


def _half(year: int, first: bool) -> tuple[date, date]:
    return (date(year, 1, 1), date(year, 6, 30)) if first else (date(year, 7, 1), date(year, 12, 31))


def _ago(match: re.Match[str], today: date) -> date:
    """The day so many years or months before today."""
    count, months = (match["n"] or match["en"]).lower(), (match["unit"] or match["eunit"]).lower()[0] in "个m"
    back = 6 if count == "半" else (int(count) if count.isdigit() else _COUNTS[count]) * (1 if months else 12)
    year, month = divmod(today.year * 12 + today.month - 1 - back, 12)
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def is_relative(phrase: str) -> bool:
    """Whether a date is told from today: last year, last March, 三年前."""
    return (_RELATIVE.match(phrase) or _LAST.match(phrase) or _AGO.match(phrase)) is not None
