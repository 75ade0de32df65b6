"""The date that a question is about. Pure; today is an argument.

A date in a question is one of two things. Either it says *when the rule must have held* ("as of March 2023",
2022年的时候可以吗), and then it limits the search; or it names *a thing* that happened or was published ("what changed
on 2 November 2023"), and then it is only a search word. The first needs a marker, or a question about a state; where
neither is there the date stays a search word, because wrongly hiding later records loses the answer.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from knowledge.words import has_han, to_simplified

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip
_MONTH_OF = {name[:size]: n for n, name in enumerate(_MONTHS, 1) for size in (3, len(name))} | {"sept": 9}
_MONTH = "(?:" + "|".join(sorted(_MONTH_OF, key=len, reverse=True)) + r")\.?"
_YEAR = r"(?:19|20)\d\d"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?P<y>{_YEAR})[-/.](?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}})(?!\d)",
        rf"(?P<y>{_YEAR})\s*年\s*(?P<m>\d{{1,2}})\s*月\s*(?P<d>\d{{1,2}})\s*[日号]",
        rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<n>{_MONTH}),?\s+(?P<y>{_YEAR})",
        rf"\b(?P<n>{_MONTH})\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>{_YEAR})",
        rf"(?P<y>{_YEAR})\s*年?\s*(?:第\s*(?P<q1>[1-4一二三四])\s*季[度]?|Q(?P<q2>[1-4]))",
        rf"\bQ(?P<q3>[1-4])\s*(?:of\s+)?(?P<y>{_YEAR})",
        rf"(?P<y>{_YEAR})\s*年\s*(?P<h>上半年|下半年)",
        rf"(?P<y>{_YEAR})\s*年\s*(?P<m>\d{{1,2}})\s*月\s*(?P<part>底|末|初|中)?",
        rf"(?P<epart>early|mid|late|end of|start of)?[\s-]*\b(?P<n>{_MONTH}),?\s+(?P<y>{_YEAR})",
        rf"(?P<epart>early|mid|late|end of)?[\s-]*(?<![\d#.,-])(?P<y>{_YEAR})(?![\d-])\s*年?\s*"
        "(?P<part>年底|底|末|初|中)?",
    )
)
_RELATIVE = re.compile(
    r"(?P<word>去年|前年|今年|上个月|上月|last year|last month|this year|the year before last)"
    r"\s*(?:(?P<m>\d{1,2})\s*月)?(?P<part>年底|年末|年初|年中|底|末|初|中)?",
    re.IGNORECASE,
)
_END_BEFORE_RELATIVE = re.compile(r"(?:end of|late)\s*$", re.IGNORECASE)
_REGIMES = (
    (
        re.compile(
            "修例(?:之)?前|(?:新|发牌)制度(?:实施|生效)?(?:之)?前"
            "|before the (?:amlo )?(?:amendment|licensing regime|new regime)|before (?:compulsory|mandatory) licensing",
            re.IGNORECASE,
        ),
        date(2023, 5, 31),
    ),
    (
        re.compile(
            "稳定币条?例(?:生效|实施)?(?:之)?前|before the stablecoins? (?:ordinance|law|regime)", re.IGNORECASE
        ),
        date(2025, 7, 31),
    ),
)
"""Regimes that people name instead of a date, with the last day before each: AMLO licensing, Cap. 656."""
_BEFORE = re.compile(r"(?:before|prior to|until|up to)(?: the)?\s*$", re.IGNORECASE)
_BEFORE_AFTERWARDS = re.compile(r"^\s*(?:之前|以前|前(?!景|提|台|往|海))")
_AS_OF = re.compile(
    r"(?:as (?:of|at|on)|as it stood (?:in|on|at)|valid (?:in|on|at)|in force (?:in|on|at|as of)"
    r"|effective (?:in|on|as of)|back in)(?: the)?\s*$|(?:截至|截止|截至到|直到|到了?|回到)\s*$",
    re.IGNORECASE,
)
_AS_OF_AFTERWARDS = re.compile(r"^\s*(?:的?时候|嗰阵|嗰时|当时|那时|时点|为止|时(?!间))")
_STATE = re.compile(
    r"\b(?:could|were|was|had|did \w+(?: \w+){0,6} (?:need|have|require|allow|apply|treat|expect|cover)|must|allowed"
    r"|permitted|required|in force|is|are|can|do|does|govern\w*|applied|how many|what stage)\b"
    "|可以|可唔可以|能否|能不能|能够|是否|需要|须|要唔要|要不要|使唔使|必须|规定|是多少|系几多|是什么|系咩|允许|合法|强制|有冇|有没有"
    "|受|要什么|要咩|有几|几多|多少|处于|由边个|由谁|如何看待|哪份",
    re.IGNORECASE,
)
_HAPPENING = re.compile(
    r"\b(?:happen\w*|announc\w*|publish\w*|chang\w*|launch\w*|issu(?:ed|es|e)|sa(?:y|id|ys)|grant\w*|replac\w*"
    r"|fin(?:e|ed)|conclu\w*|raise[ds]?|promis\w*|t(?:ook|ake) effect|commence\w*|release\w*|since|after|between)\b"
    "|发布|发表|宣布|推出|公布|说|讲|表示|发生|改变|变化|批出|获批|上市|之后|以后|以来|新增|罚",
    re.IGNORECASE,
)
_CHANGING = re.compile(r"\b(?:chang\w*|happen\w*|replac\w*)\b|改变|变化|发生", re.IGNORECASE)
_NOW = re.compile(r"\b(?:now|still|today|currently|nowadays)\b|现在|目前|而家|依家|现时|仍然|仍|还|如今", re.IGNORECASE)
_PREPOSITION = re.compile(r"\b(?:in|on|at|during|by|for|throughout)(?: the)?\s*$", re.IGNORECASE)
_OPENING = re.compile(r"^\W*(?:(?:in|on|at|by|during|back in|到|在|于)\s*)?$", re.IGNORECASE)
_COMMA = re.compile(r"^\s*[,，、]")


@dataclass(frozen=True, slots=True)
class AskedDate:
    """What was read: `as_of` where the date limits the search; `phrase` is how the question says it.

    `mentions` are the first days of all dates named, also of those that do not limit the search.
    """

    as_of: date | None
    phrase: str
    mentions: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class _Mention:
    start: int
    end: int
    first: date
    last: date


def read_asked_date(text: str, today: date) -> AskedDate:
    """Read the date from a question; a date in the future limits nothing, because no record of it can exist."""
    shown, text = text, to_simplified(text)
    mentions = list(_mentions(text, today))
    days = tuple(mention.first for mention in mentions)
    for pattern, day in _REGIMES:
        match = pattern.search(text)
        if match:
            return AskedDate(min(day, today), shown[match.start() : match.end()], days)
    for mention in mentions:
        before, after = text[: mention.start], text[mention.end :]
        if _BEFORE.search(before) or _BEFORE_AFTERWARDS.search(after):
            return _asked(shown, mention, mention.first - timedelta(days=1), today, days)
        if _AS_OF.search(before) or _AS_OF_AFTERWARDS.search(after):
            return _asked(shown, mention, mention.last, today, days)
    soft = _about_a_state(text, mentions)
    if soft is not None:
        return _asked(shown, soft, soft.last, today, days)
    return AskedDate(None, "", days)


def months_named(text: str, today: date) -> frozenset[tuple[int, int]]:
    """The dates that a text names, each as (year, month), or (year, 0) where only the year is named."""
    found = _mentions(to_simplified(text), today)
    return frozenset(
        (one.first.year, one.first.month if (one.first.year, one.first.month) == (one.last.year, one.last.month) else 0)
        for one in found
    )


def _about_a_state(text: str, mentions: list[_Mention]) -> _Mention | None:
    """The date on which a state is asked for, without a word that says so; None where none is sure enough."""
    if _NOW.search(text):
        return None
    for mention in mentions:
        before, after = text[: mention.start], text[mention.end :]
        if _OPENING.search(before) and _COMMA.search(after) and not _CHANGING.search(text):
            return mention
    if len(mentions) != 1 or not _STATE.search(text) or _HAPPENING.search(text):
        return None
    before, after = text[: mentions[0].start], text[mentions[0].end :]
    named = after.startswith("的") if has_han(text) else _PREPOSITION.search(before) is None
    return None if named else mentions[0]


def _asked(text: str, mention: _Mention, day: date, today: date, days: tuple[date, ...]) -> AskedDate:
    if mention.first > today:
        return AskedDate(None, "", days)
    return AskedDate(min(day, today), text[mention.start : mention.end].strip(), days)


def _mentions(text: str, today: date) -> Iterator[_Mention]:
    """Dates in the order of the text; where two forms read the same place, the more exact one."""
    taken: list[_Mention] = []
    for form in _FORMS:
        for match in form.finditer(text):
            if any(match.start() < one.end and one.start < match.end() for one in taken):
                continue
            span = _span(match.groupdict())
            if span is not None:
                taken.append(_Mention(match.start(), match.end(), *span))
    for match in _RELATIVE.finditer(text):
        first, last = _relative(match, today, text[: match.start()])
        taken.append(_Mention(match.start(), match.end(), first, last))
    yield from sorted(taken, key=lambda mention: mention.start)


def _span(parts: dict[str, str | None]) -> tuple[date, date] | None:
    year = int(parts["y"] or 0)
    month = int(parts["m"] or 0) if parts.get("m") else _MONTH_OF.get((parts.get("n") or "").lower().rstrip("."), 0)
    quarter = parts.get("q1") or parts.get("q2") or parts.get("q3")
    if month > 12:
        return None
    if month and parts.get("d"):
        day = int(parts["d"] or 0)
        if not 1 <= day <= monthrange(year, month)[1]:
            return None
        return date(year, month, day), date(year, month, day)
    if quarter:
        third = ("1一", "2二", "3三", "4四").index(next(p for p in ("1一", "2二", "3三", "4四") if quarter in p))
        return date(year, 3 * third + 1, 1), _month_end(year, 3 * third + 3)
    if parts.get("h"):
        return (
            (date(year, 1, 1), date(year, 6, 30)) if parts["h"] == "上半年" else (date(year, 7, 1), date(year, 12, 31))
        )
    part = (parts.get("part") or parts.get("epart") or "").lower()
    if month:
        return _part_of_month(year, month, part)
    return _part_of_year(year, part)


def _part_of_month(year: int, month: int, part: str) -> tuple[date, date]:
    if part in ("初", "early", "start of"):
        return date(year, month, 1), date(year, month, 10)
    if part in ("中", "mid"):
        return date(year, month, 11), date(year, month, 20)
    return date(year, month, 1), _month_end(year, month)


def _part_of_year(year: int, part: str) -> tuple[date, date]:
    if part in ("初", "early", "年初"):
        return date(year, 1, 1), date(year, 3, 31)
    if part in ("中", "mid", "年中"):
        return date(year, 5, 1), date(year, 7, 31)
    if part in ("底", "末", "年底", "年末", "late", "end of"):
        return date(year, 10, 1), date(year, 12, 31)
    return date(year, 1, 1), date(year, 12, 31)


def _relative(match: re.Match[str], today: date, before: str) -> tuple[date, date]:
    word = match["word"].lower()
    if word in ("上个月", "上月", "last month"):
        last = today.replace(day=1) - timedelta(days=1)
        return last.replace(day=1), last
    year = today.year - {"去年": 1, "last year": 1, "前年": 2, "the year before last": 2}.get(word, 0)
    part = match["part"] or ("底" if _END_BEFORE_RELATIVE.search(before) else "")
    if match["m"] and 1 <= int(match["m"]) <= 12:
        return _part_of_month(year, int(match["m"]), part)
    return _part_of_year(year, part)


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])
