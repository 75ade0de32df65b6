from __future__ import annotations

import pytest

from knowledge.dates import as_date, find_dates


@pytest.mark.parametrize(
    "written",
    [
        "2023-11-04", "2023/11/4", "2023.11.04", "2023年11月4日", "2023 年 11 月 4 號", "2023년 11월 4일",
        "4 November 2023", "4th of November 2023", "November 4, 2023", "Nov. 4 2023", "4 Nov 2023", "4 novembre 2023",
        "4 de noviembre de 2023", "4. November 2023", "4 ноября 2023", "4 listopada 2023", "4 Kasım 2023",
        "4 tháng 11, 2023", "ngày 4 tháng 11 năm 2023", "4 novembro 2023",
    ],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(written: str) -> None:
    assert as_date(written) == "2023-11-04"


@pytest.mark.parametrize(
    "written",
    ["12/10/2023", "04.11.2023", "soon", "", "2023-13-01", "2023-02-30", "99 May 2023", "12023-11-041", "Cap. 656"],
)
def test_what_is_no_certain_day_is_no_date(written: str) -> None:
    assert as_date(written) is None


def test_months_and_years_alone_are_dates_of_a_field_only() -> None:
    assert (as_date("2023-11"), as_date(" 2023 ")) == ("2023-11", "2023")
    assert find_dates("in 2023") == []


def test_dates_run_together_are_found_in_order() -> None:
    found = find_dates("Published on 2023-11-04Last updated on 5 November 2023.")
    assert [one.day for one in found] == ["2023-11-04", "2023-11-05"]
    assert found[0].end <= found[1].start
