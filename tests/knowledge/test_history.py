from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from knowledge.history import history
from knowledge.rule import Rule


def test_history_runs_from_the_first_version_to_the_last_and_leaves_other_branches_out(
    make_rule: Callable[..., Rule],
) -> None:
    def version(name: str, year: int, supersedes: tuple[str, ...], superseded_by: tuple[str, ...]) -> Rule:
        rule = make_rule(id=name, published=str(year), in_force_from=date(year, 1, 1))
        return replace(rule, supersedes=supersedes, superseded_by=superseded_by)

    rules = {
        rule.id: rule
        for rule in (
            version("third", 2023, ("second",), ()),
            version("second", 2022, ("first",), ("third", "side")),
            version("first", 2021, ("lost",), ("second",)),
            version("side", 2023, ("second", "other"), ()),
            version("other", 2020, (), ("side",)),
        )
    }
    assert [rule.id for rule in history(rules, "third")] == ["first", "second", "third"]
    assert [rule.id for rule in history(rules, "first")] == ["first", "second", "side", "third"]
