"""The timeline of a topic as a picture: one SVG text that stands alone, for light and dark, with its own words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal
from xml.sax.saxutils import escape

from knowledge.rule import Language, Stage, Standing
from knowledge.timeline import Entry, Timeline
from knowledge.topics import topic_name
from server.timeline_rows import Axis, Row, build_axis, build_rows

Theme = Literal["auto", "light", "dark"]

_LIGHT = {
    "paper": "#ffffff", "ink": "#1c2430", "soft": "#566072", "line": "#dde2e9", "now": "#8a2432",
    "in_force": "#1f6f54", "not_yet": "#2f5fa8", "superseded": "#858e9c", "proposed": "#a86a12", "lapsed": "#858e9c",
    "event": "#414b5c",
}  # fmt: skip
_DARK = {
    "paper": "#12161d", "ink": "#e7ebf1", "soft": "#a3adbb", "line": "#2a323e", "now": "#f0939f",
    "in_force": "#5cc19c", "not_yet": "#8ab0ee", "superseded": "#7b8594", "proposed": "#e0ab5b", "lapsed": "#7b8594",
    "event": "#b9c2cf",
}  # fmt: skip
_LATIN = "system-ui,-apple-system,'Segoe UI',Roboto"
_HANS = "'PingFang SC','Microsoft YaHei','Noto Sans CJK SC'"
_HANT = "'PingFang HK','PingFang TC','Microsoft JhengHei','Noto Sans CJK HK','Noto Sans CJK TC'"
# One code point is drawn differently in the two scripts: the reader's own come first.
_FONTS: Mapping[Language, str] = {
    "en": f"{_LATIN},{_HANT},{_HANS},sans-serif",
    "zh-Hans": f"{_LATIN},{_HANS},{_HANT},sans-serif",
    "zh-Hant": f"{_LATIN},{_HANT},{_HANS},sans-serif",
}
STANDING_NAMES: Mapping[Standing, Mapping[Language, str]] = {
    Standing.IN_FORCE: {"en": "In force", "zh-Hans": "生效中", "zh-Hant": "生效中"},
    Standing.NOT_YET: {"en": "Not yet in force", "zh-Hans": "尚未生效", "zh-Hant": "尚未生效"},
    Standing.PROPOSED: {"en": "Proposed", "zh-Hans": "建议", "zh-Hant": "建議"},
    Standing.SUPERSEDED: {"en": "Superseded", "zh-Hans": "已被取代", "zh-Hant": "已被取代"},
    Standing.LAPSED: {"en": "Lapsed", "zh-Hans": "已失效", "zh-Hant": "已失效"},
    Standing.EVENT: {"en": "Event", "zh-Hans": "事件", "zh-Hant": "事件"},
}
_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {"title": "Timeline: {topic}", "on": "as of {on}", "more": "{title} (and {n} more)", "count": "{n} records"},
    "zh-Hans": {"title": "时间线：{topic}", "on": "截至 {on}", "more": "{title}（另有{n}项）", "count": "{n}项纪录"},
    "zh-Hant": {"title": "時間線：{topic}", "on": "截至 {on}", "more": "{title}（另有{n}項）", "count": "{n}項紀錄"},
}
_SIZE, _BAR = 12, 10
_TOP, _FOOT = 54, 18
_WIDE = 640


@dataclass(frozen=True, slots=True)
class _Place:
    """Where rows stand: titles in a column of `column` pixels on the left, or above their bars where it is 0."""

    width: int
    column: int

    @property
    def pitch(self) -> int:
        return 24 if self.column else 36

    def text(self, index: int) -> int:
        """Baseline of a row's title."""
        return _TOP + self.pitch * index + 15

    def bar(self, index: int) -> int:
        """Upper edge of a row's bar."""
        return _TOP + self.pitch * index + (6 if self.column else 21)


def draw_timeline(timeline: Timeline, language: Language, width: int = 900, theme: Theme = "auto") -> str:
    """SVG text of the timeline, `width` pixels wide (320 to 1600) and as high as its rows need.

    Wide pictures put titles in a column on the left, narrow ones above their bars. `theme` auto follows the reader's
    preference. Titles and standings are readable by assistive technology as `<title>` elements.
    """
    width = min(max(width, 320), 1600)
    words = _WORDS[language]
    place = _Place(width, round(width * 0.38) if width >= _WIDE else 0)
    rows = build_rows(timeline.entries)
    axis = build_axis(timeline, place.column + 8, width - 8)
    height = _TOP + place.pitch * len(rows) + _FOOT
    title = words["title"].format(topic=topic_name(timeline.topic, language))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' role="img" aria-labelledby="t d" lang="{language}">',
        f'<title id="t">{escape(title)}</title>',
        f'<desc id="d">{escape(words["count"].format(n=len(timeline.entries)))}, '
        f"{escape(words['on'].format(on=timeline.on))}</desc>",
        f"<style>{_style(theme, language)}</style>",
        '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect width="3" height="6" class="proposed-fill"/></pattern></defs>',
        f'<rect width="{width}" height="{height}" class="paper"/>',
        *_legend(rows, language, width),
        *_grid(axis, height),
        *_now(axis, timeline.on, height, words["on"].format(on=timeline.on)),
    ]
    for index, row in enumerate(rows):
        parts.extend(_row(row, place, axis, language, index))
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


def _style(theme: Theme, language: Language) -> str:
    rules = (
        f"text{{font:{_SIZE}px {_FONTS[language]};fill:var(--ink)}}"
        "text{paint-order:stroke;stroke:var(--paper);stroke-width:3px}.soft{fill:var(--soft);font-size:11px}"
        ".now-text{fill:var(--now);font-size:11px;font-weight:600}.paper{fill:var(--paper)}"
        ".grid{stroke:var(--line)}.now{stroke:var(--now);stroke-dasharray:4 3}.link{stroke:var(--soft);fill:none}"
        ".in_force{fill:var(--in_force)}.superseded{fill:var(--superseded)}.event{fill:var(--event)}"
        ".proposed{fill:url(#hatch);stroke:var(--proposed)}.proposed-fill{fill:var(--proposed)}"
        ".not_yet{fill:var(--paper);stroke:var(--not_yet);stroke-width:1.5}"
        ".lapsed{fill:var(--paper);stroke:var(--lapsed);stroke-width:1.5;stroke-dasharray:3 2}"
    )
    light, dark = _variables(_LIGHT), _variables(_DARK)
    if theme != "auto":
        return f"svg{{{light if theme == 'light' else dark}}}{rules}"
    return f"svg{{{light}}}@media (prefers-color-scheme:dark){{svg{{{dark}}}}}{rules}"


def _variables(colours: Mapping[str, str]) -> str:
    return ";".join(f"--{name}:{value}" for name, value in colours.items())


def _legend(rows: tuple[Row, ...], language: Language, width: int) -> Iterator[str]:
    """The standings that occur, each as its mark and its name, on one or two lines."""
    shown = {row.entry.standing for row in rows}
    x, y = 0.0, 12
    for standing, names in STANDING_NAMES.items():
        if standing not in shown:
            continue
        wide = 22 + _text_width(names[language]) + 14
        if x + wide > width:
            x, y = 0.0, y + 17
        yield _mark(standing, x + 1, x + 15, y - 9)
        yield f'<text x="{x + 21:.1f}" y="{y}" class="soft">{escape(names[language])}</text>'
        x += wide


def _grid(axis: Axis, height: int) -> Iterator[str]:
    for day in axis.years(apart=38):
        x = axis.x(day)
        yield f'<line x1="{x}" x2="{x}" y1="{_TOP - 10}" y2="{height - _FOOT}" class="grid"/>'
        if x + 30 <= axis.right + 8:
            yield f'<text x="{x + 3}" y="{_TOP - 6}" class="soft">{day.year}</text>'


def _now(axis: Axis, on: date, height: int, label: str) -> Iterator[str]:
    x = axis.x(on)
    anchor = "end" if x > (axis.left + axis.right) / 2 else "start"
    yield f'<line x1="{x}" x2="{x}" y1="{_TOP - 4}" y2="{height - _FOOT}" class="now"/>'
    yield f'<text x="{x}" y="{height - 2}" class="now-text" text-anchor="{anchor}">{escape(label)}</text>'


def _row(row: Row, place: _Place, axis: Axis, language: Language, index: int) -> Iterator[str]:
    """A row's title, its bar or mark, and the link from the row that it replaced."""
    entry = row.entry
    starts = entry.starts or axis.first
    title = _WORDS[language]["more"] if row.others else "{title}"
    room = (place.column - 10 if place.column else place.width) - _text_width(title.format(title="", n=len(row.others)))
    shown = title.format(title=_shortened(entry.title[language], room), n=len(row.others))
    told = " · ".join((entry.title[language], STANDING_NAMES[entry.standing][language], _span(entry)))
    x, bar = axis.x(starts), place.bar(index)
    yield f"<g><title>{escape(told)}</title>"
    yield f'<text x="0" y="{place.text(index)}">{escape(shown)}</text>'
    if row.above is not None:
        yield f'<path d="M{x + 3} {place.bar(row.above) + _BAR}V{bar}" class="link"/>'
    if entry.standing is Standing.EVENT or (entry.stage is Stage.EVENT and entry.ends is None):
        yield _mark(entry.standing, x - 5, x + 5, bar)
    else:
        yield _mark(entry.standing, x, max(axis.x(entry.ends) if entry.ends else axis.right, x + 4), bar)
    yield "</g>"


def _mark(standing: Standing, left: float, right: float, y: float) -> str:
    """A bar from `left` to `right`; for an event a diamond midway."""
    if standing is Standing.EVENT:
        middle, half = (left + right) / 2, _BAR / 2
        return f'<path d="M{middle:.1f} {y}l{half} {half}l-{half} {half}l-{half} -{half}z" class="event"/>'
    return f'<rect x="{left:.1f}" y="{y}" width="{right - left:.1f}" height="{_BAR}" rx="2" class="{standing.value}"/>'


def _span(entry: Entry) -> str:
    """The days of an entry: one for an event, from and to for the rest."""
    if entry.stage is Stage.EVENT:
        return entry.when
    return f"{entry.when} – {entry.ends.isoformat() if entry.ends else ''}".rstrip()


def _text_width(text: str) -> float:
    """About how wide a text is drawn: a full em for a wide character, half and a little for others."""
    return sum(_SIZE if unicodedata.east_asian_width(letter) in "WF" else _SIZE * 0.56 for letter in text)


def _shortened(text: str, room: float) -> str:
    """The text, cut with an ellipsis where it would be wider than `room` pixels."""
    if _text_width(text) <= room:
        return text
    kept = len(text)
    while kept > 1 and _text_width(text[:kept]) > room - _SIZE:
        kept -= 1
    return text[:kept].rstrip() + "…"
