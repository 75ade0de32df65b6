"""The timeline of a topic."""

from __future__ import annotations

from datetime import date

from knowledge.register import read_corpus
from knowledge.rule import Language, Rule, Stage, Standing
from knowledge.settings import KnowledgeSettings
from knowledge.timeline import build_timeline, count_topics
from knowledge.topics import TOPIC_NAMES, topic_name

TODAY = date(2026, 11, 23)


def make_rule(
    name: str,
    *,
    stage: Stage = Stage.MADE,
    published: str | None = None,
    starts: date | None = None,
    ends: date | None = None,
    superseded_by: tuple[str, ...] = (),
    topic: str = "otc",
) -> Rule:
    words: dict[Language, str] = {"en": name, "zh-Hans": name, "zh-Hant": name}
    return Rule(
        id=name, aliases=(), topic=topic, authority="SFC", instrument="Circular", stage=stage, published=published,
        in_force_from=starts, in_force_to=ends, supersedes=(), confidence="high", title=words, statement=words,
        evidence=(), disputes=(), superseded_by=superseded_by,
    )  # fmt: skip


def test_entries_are_oldest_first_and_undated_last() -> None:
    rules = [
        make_rule("undated", stage=Stage.EVENT),
        make_rule("new", starts=date(2025, 8, 1)),
        make_rule("old", stage=Stage.PROPOSED, published="2023-12"),
        make_rule("elsewhere", topic="tax", starts=date(2020, 1, 1)),
    ]
    timeline = build_timeline(rules, "otc", TODAY)
    assert [entry.rule for entry in timeline.entries] == ["old", "new", "undated"]


def test_standing_is_that_of_the_day_the_timeline_is_seen_from() -> None:
    rules = [
        make_rule("was", starts=date(2023, 1, 1), ends=date(2025, 1, 1), superseded_by=("is",)),
        make_rule("is", starts=date(2025, 1, 1)),
    ]
    then = build_timeline(rules, "otc", date(2024, 6, 1)).entries
    now = build_timeline(rules, "otc", TODAY).entries
    assert [entry.standing for entry in then] == [Standing.IN_FORCE, Standing.NOT_YET]
    assert [entry.standing for entry in now] == [Standing.SUPERSEDED, Standing.IN_FORCE]


def test_a_month_is_shown_as_a_month_and_a_day_as_a_day() -> None:
    rules = [make_rule("month", stage=Stage.EVENT, published="2026-06"), make_rule("day", starts=date(2026, 7, 2))]
    assert [entry.when for entry in build_timeline(rules, "otc", TODAY).entries] == ["2026-06", "2026-07-02"]


def test_limits_keep_what_held_at_some_time_between_them() -> None:
    rules = [
        make_rule("over before", starts=date(2020, 1, 1), ends=date(2022, 1, 1)),
        make_rule("reaches in", starts=date(2020, 1, 1), ends=date(2022, 1, 2)),
        make_rule("event before", stage=Stage.EVENT, published="2021-12-31"),
        make_rule("event on the first day", stage=Stage.EVENT, published="2022-01-01"),
        make_rule("begins on the last day", starts=date(2022, 12, 31)),
        make_rule("begins after", starts=date(2023, 1, 1)),
        make_rule("undated", stage=Stage.EVENT),
    ]
    kept = build_timeline(rules, "otc", TODAY, date(2022, 1, 1), date(2022, 12, 31)).entries
    assert [entry.rule for entry in kept] == ["reaches in", "event on the first day", "begins on the last day"]


def test_every_topic_of_the_corpus_has_a_name_in_three_scripts() -> None:
    topics = count_topics(read_corpus(KnowledgeSettings().corpus_dir).rules.values())
    assert set(topics) <= set(TOPIC_NAMES)
    assert topic_name("custody", "zh-Hant") == "託管"
    assert topic_name("unheard-of", "en") == "unheard-of"
