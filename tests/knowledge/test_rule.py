from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.rule import Rule, Stage, Standing, first_day, standing

MADE, FROM, TO = date(2023, 5, 1), date(2023, 6, 1), date(2024, 6, 1)
DAY = timedelta(days=1)
days = st.dates(date(2000, 1, 1), date(2035, 1, 1))


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (MADE - DAY, Standing.NOT_YET),
        (MADE, Standing.NOT_YET),
        (FROM - DAY, Standing.NOT_YET),
        (FROM, Standing.IN_FORCE),
        (TO - DAY, Standing.IN_FORCE),
        (TO, Standing.SUPERSEDED),
        (TO + 900 * DAY, Standing.SUPERSEDED),
    ],
)
def test_made_rule_is_in_force_from_its_first_day_to_the_day_before_its_end(
    make_rule: Callable[..., Rule], on: date, expected: Standing
) -> None:
    rule = make_rule(published="2023-05", in_force_from=FROM, in_force_to=TO, superseded_by=("new",))
    assert standing(rule, on) is expected


def test_rule_that_nothing_replaced_lapses(make_rule: Callable[..., Rule]) -> None:
    assert standing(make_rule(in_force_to=TO), TO) is Standing.LAPSED


@pytest.mark.parametrize("stage", [Stage.PROPOSED, Stage.ANNOUNCED])
def test_proposal_is_never_law_whatever_its_dates(make_rule: Callable[..., Rule], stage: Stage) -> None:
    rule = make_rule(stage=stage, published="2023-05-01", in_force_from=FROM, in_force_to=TO)
    assert standing(rule, MADE - DAY) is Standing.NOT_YET
    assert {standing(rule, day) for day in (MADE, FROM, TO - DAY)} == {Standing.PROPOSED}
    assert standing(rule, TO) is Standing.LAPSED
    assert standing(replace(rule, superseded_by=("law",)), TO) is Standing.SUPERSEDED


def test_event_stays_an_event_unless_a_later_state_replaced_it(make_rule: Callable[..., Rule]) -> None:
    event = make_rule(stage=Stage.EVENT, in_force_from=FROM)
    assert standing(event, FROM + 5000 * DAY) is Standing.EVENT
    assert standing(replace(event, in_force_to=TO, superseded_by=("later",)), TO) is Standing.SUPERSEDED


def test_undated_rule_is_taken_to_hold(make_rule: Callable[..., Rule]) -> None:
    undated = make_rule(stage=Stage.EVENT, published=None, in_force_from=None)
    assert standing(undated, date(1990, 1, 1)) is Standing.EVENT
    assert undated.known_from is None


@given(begins=days, length=st.integers(1, 4000), on=days)
def test_one_version_is_in_force_on_any_day_of_a_rule_that_was_replaced(
    make_rule: Callable[..., Rule], begins: date, length: int, on: date
) -> None:
    change = begins + length * DAY
    old = make_rule(published=str(begins), in_force_from=begins, in_force_to=change, superseded_by=("new",))
    new = make_rule(published=str(change), in_force_from=change, supersedes=("old",))
    holding = [standing(rule, on) is Standing.IN_FORCE for rule in (old, new)]
    assert sum(holding) == (1 if on >= begins else 0)


@pytest.mark.parametrize(
    ("written", "day"),
    [("2023-06-15", date(2023, 6, 15)), ("2023-06", date(2023, 6, 1)), ("2023", date(2023, 1, 1)), (None, None)],
)
def test_first_day_of_a_partial_date(written: str | None, day: date | None) -> None:
    assert first_day(written) == day


@pytest.mark.parametrize("written", ["soon", "2023-13", "2023-02-30", ""])
def test_no_date_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=".+"):
        first_day(written)
