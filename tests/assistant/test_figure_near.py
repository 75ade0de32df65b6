"""A figure near what is counted."""

from __future__ import annotations

from assistant.figure_near import figure_distance, read_counted


def test_figure_beside_the_thing_counted_is_near() -> None:
    assert figure_distance({"applicant"}, read_counted("By June 24 applicants had withdrawn.")) < 0.2


def test_dates_and_numbers_of_paragraphs_are_no_figures() -> None:
    text = "Visitors can load it since 1 March 2025 (para 6.2)."
    assert figure_distance({"visitor"}, read_counted(text)) == 1.0


def test_record_without_the_thing_is_as_far_as_one_without_figures() -> None:
    assert figure_distance({"workshop"}, read_counted("The budget gave HK$50 million.")) == 1.0


def test_chinese_figures_are_read_character_by_character() -> None:
    assert figure_distance({"机", "构"}, read_counted("共有11组机构参与。")) < 0.2
