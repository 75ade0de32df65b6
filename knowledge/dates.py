"""Dates written in a page, in the languages that pages carry. Pure.

Day and month are never guessed: `12/10/2023` may be either, so it is no date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

# Month names by month: English, French, Spanish, Italian, Portuguese, German, Dutch, Polish, Turkish, Indonesian,
# Russian. The first three letters (four in French, five in Russian) are enough for the short forms.
_MONTHS = (
    "january jan janvier janv enero ene gennaio gen janeiro januar januari stycznia ocak января янв",
    "february feb février fevrier févr febrero febbraio fevereiro fev februar februari lutego şubat февраля фев",
    "march mar mars marzo março marco märz maart marca mart maret марта мар",
    "april apr avril avr abril abr aprile kwietnia nisan апреля апр",
    "may mai mayo maggio mag maio mei maja mayıs мая",
    "june jun juin junio giugno giu junho juni czerwca haziran июня июн",
    "july jul juillet juil julio luglio lug julho juli lipca temmuz июля июл",
    "august aug août aout agosto ago augustus agustus sierpnia ağustos августа авг",
    "september sep sept septembre septiembre settembre set setembro września eylül сентября сен",
    "october oct octobre octubre ottobre ott outubro out oktober okt października ekim oktober октября окт",
    "november nov novembre noviembre novembro listopada kasım ноября ноя",
    "december dec décembre decembre déc diciembre dic dicembre dezembro dez dezember desember grudnia aralık"
    " декабря дек",
)
_MONTH_OF = {name: month for month, names in enumerate(_MONTHS, start=1) for name in names.split()}
_NAME = "|".join(sorted(_MONTH_OF, key=len, reverse=True))


@cache
def _forms() -> tuple[re.Pattern[str], ...]:
    """Worked out at the first page that is read: the names of the months take a server's start a tenth of a second."""
    return (
        re.compile(r"(?<!\d)(?P<y>(?:19|20)\d\d)([-/.])(?P<m>\d{1,2})\2(?P<d>\d{1,2})(?!\d)"),
        re.compile(r"(?<!\d)(?P<y>(?:19|20)\d\d)\s*[年년]\s*(?P<m>\d{1,2})\s*[月월]\s*(?P<d>\d{1,2})\s*[日号號일]?"),
        re.compile(
            rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|\.|º)?\s+(?:of\s+|de\s+)?(?P<n>{_NAME})\.?,?\s+(?:de\s+)?"
            r"(?P<y>(?:19|20)\d\d)(?!\d)",
            re.IGNORECASE,
        ),
        re.compile(
            rf"(?<!\w)(?P<n>{_NAME})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>(?:19|20)\d\d)(?!\d)",
            re.IGNORECASE,
        ),
        re.compile(r"(?P<d>\d{1,2})\s+tháng\s+(?P<m>\d{1,2})(?:,|\s+năm)?\s+(?P<y>(?:19|20)\d\d)(?!\d)", re.IGNORECASE),
    )


@dataclass(frozen=True, slots=True)
class DateFound:
    """A date in a text, `YYYY-MM-DD`, and where it stands."""

    day: str
    start: int
    end: int


def _day(match: re.Match[str]) -> str | None:
    parts = match.groupdict()
    month = _MONTH_OF[parts["n"].lower()] if parts.get("n") else int(parts["m"])
    try:
        return date(int(parts["y"]), month, int(parts["d"])).isoformat()
    except ValueError:
        return None


def _all(text: str) -> Iterator[DateFound]:
    for form in _forms():
        for match in form.finditer(text):
            day = _day(match)
            if day is not None:
                yield DateFound(day, match.start(), match.end())


def find_dates(text: str) -> list[DateFound]:
    """The whole dates in the text, in order, none overlapping another."""
    found: list[DateFound] = []
    for one in sorted(_all(text), key=lambda one: (one.start, -one.end)):
        if not found or one.start >= found[-1].end:
            found.append(one)
    return found


_PARTIAL = re.compile(r"^\s*((?:19|20)\d\d)(?:-(0[1-9]|1[0-2]))?\s*$")


def as_date(value: str) -> str | None:
    """What a metadata field says, as `YYYY-MM-DD`, `YYYY-MM` or `YYYY`; None where it is no date."""
    if _PARTIAL.match(value):
        return value.strip()
    found = find_dates(value)
    return found[0].day if found else None
