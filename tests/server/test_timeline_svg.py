"""The timeline as a picture."""

from __future__ import annotations

from datetime import date
from xml.etree import ElementTree

import pytest

from knowledge.rule import Language, Stage, Standing
from knowledge.timeline import Entry, Timeline
from server.timeline_rows import build_axis, build_rows
from server.timeline_svg import draw_timeline

TODAY = date(2026, 11, 23)
SVG = "{http://www.w3.org/2000/svg}"


def make_entry(
    name: str,
    standing: Standing,
    starts: date | None,
    ends: date | None = None,
    *,
    supersedes: tuple[str, ...] = (),
    superseded_by: tuple[str, ...] = (),
    title: str | None = None,
) -> Entry:
    stage = Stage.EVENT if standing is Standing.EVENT else Stage.MADE
    told = title or name
    words: dict[Language, str] = {"en": told, "zh-Hans": told, "zh-Hant": told}
    when = starts.isoformat() if starts else ""
    return Entry(name, words, "SFC", "Circular", stage, standing, starts, ends, when, supersedes, superseded_by)


CHAIN = Timeline(
    "otc",
    TODAY,
    (
        make_entry("paper", Standing.SUPERSEDED, date(2024, 2, 8), date(2025, 6, 27), superseded_by=("law",)),
        make_entry("licence granted", Standing.EVENT, date(2024, 3, 1)),
        make_entry("law", Standing.IN_FORCE, date(2025, 6, 27), supersedes=("paper",)),
        make_entry("undated", Standing.EVENT, None),
    ),
)


def titles(svg: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter(f"{SVG}title")]


def test_what_replaced_a_rule_stands_right_below_it_and_is_linked() -> None:
    rows = build_rows(CHAIN.entries)
    assert [row.entry.rule for row in rows] == ["paper", "law", "licence granted"]
    assert [row.above for row in rows] == [None, 0, None]


def test_rules_of_the_same_days_share_a_row_unless_they_replaced_something() -> None:
    start = date(2025, 8, 1)
    same = [make_entry(f"para {n}", Standing.IN_FORCE, start) for n in range(3)]
    new = make_entry("new", Standing.IN_FORCE, start, supersedes=("old",))
    old = make_entry("old", Standing.SUPERSEDED, date(2023, 1, 1), start, superseded_by=("new",))
    rows = build_rows([old, *same, new])
    assert [(row.entry.rule, len(row.others)) for row in rows] == [("old", 0), ("new", 0), ("para 0", 2)]


def test_each_entry_tells_its_standing_and_dates_to_a_screen_reader() -> None:
    told = titles(draw_timeline(CHAIN, "en"))
    assert told[0] == "Timeline: Dealing and OTC"
    assert "paper · Superseded · 2024-02-08 – 2025-06-27" in told
    assert "law · In force · 2025-06-27 –" in told
    assert "licence granted · Event · 2024-03-01" in told


def test_the_picture_speaks_the_readers_language() -> None:
    svg = draw_timeline(CHAIN, "zh-Hant")
    assert titles(svg)[0] == "時間線：交易服務及場外交易"
    assert "截至 2026-11-23" in svg
    assert "已被取代" in svg


def test_markup_in_a_title_stays_text() -> None:
    hostile = make_entry("x", Standing.EVENT, TODAY, title="<script>alert(1)</script> & 'co'")
    root = ElementTree.fromstring(draw_timeline(Timeline("otc", TODAY, (hostile,)), "en"))
    assert not list(root.iter(f"{SVG}script"))
    assert any("<script>alert(1)</script> & 'co'" in (text.text or "") for text in root.iter(f"{SVG}title"))


@pytest.mark.parametrize("width", [320, 640, 900, 5000])
def test_nothing_is_drawn_outside_the_picture(width: int) -> None:
    root = ElementTree.fromstring(draw_timeline(CHAIN, "en", width))
    wide = float(root.attrib["width"])
    assert wide == min(width, 1600)
    for bar in root.iter(f"{SVG}rect"):
        assert 0 <= float(bar.get("x", "0")) <= float(bar.get("x", "0")) + float(bar.attrib["width"]) <= wide


def test_a_theme_that_is_asked_for_does_not_depend_on_the_readers_preference() -> None:
    assert "prefers-color-scheme" in draw_timeline(CHAIN, "en")
    assert "prefers-color-scheme" not in draw_timeline(CHAIN, "en", theme="dark")


def test_an_empty_timeline_is_still_a_picture() -> None:
    assert titles(draw_timeline(Timeline("otc", TODAY, ()), "en")) == ["Timeline: Dealing and OTC"]


def test_years_on_the_axis_keep_their_distance() -> None:
    long = Timeline("otc", TODAY, (make_entry("first", Standing.IN_FORCE, date(2003, 4, 1)),))
    axis = build_axis(long, 0, 300)
    marks = [axis.x(day) for day in axis.years(apart=38)]
    assert all(right - left >= 38 for left, right in zip(marks, marks[1:], strict=False))
