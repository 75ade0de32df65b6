"""The report needs nothing but itself, shows every case, and shows text as text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from assistant.answer import Outcome
from evals.case import Case, Expect
from evals.charts import latency_chart, risk_chart
from evals.compare import before_of, compare
from evals.gate import GateFinding
from evals.reply import Cited, Reply
from evals.report import Report, to_html, to_pull_request
from evals.runlog import RunInfo
from evals.score import CaseScore, score

ATTACK = '<script>alert("x")</script><img src=http://evil.example/a.png onerror=alert(1)>'
INFO = RunInfo("all", "local", "extractive", "2026-11-23", "0" * 16, {"old-name": "capital"})


def scored(text: str) -> list[CaseScore]:
    cited = (Cited(1, "capital", "in_force", ATTACK, ATTACK, ATTACK), Cited(2, "b", "event", "made up", "B", "really"))
    good = Reply(text=text, outcome=Outcome.ANSWERED, citations=cited, confidence=0.8, seconds=0.2, model="extractive")
    expect = Expect(key_facts=(("HK$5 million", "500万港元"),), must_not=("HK$3 million",), rules=(("old-name",),))
    return score(
        [
            (Case("capital-en", ATTACK, "en", "figures", expect, turns=(ATTACK,)), good),
            (Case("capital-zh", "最低缴足股本是多少?", "zh-Hans", "figures", expect), good),
            (Case("broken", "?", "zh-Hant", "typos", expect), Reply(error="TargetError: <gone>")),
        ],
        INFO.names,
    )


@pytest.fixture(scope="module")
def page() -> str:
    after = scored(f"At least HK$5 million [1]. {ATTACK}")
    comparison = compare(before_of(scored("Unknown [1].")), after)
    findings = [GateFinding("all: right fell", ("capital-en",))]
    return to_html(Report(INFO, after, comparison, findings, ("Judged correct 0.9, kappa 0.8.",)))


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_page_loads_nothing_from_elsewhere(page: str) -> None:
    parser = Elements()
    parser.feed(page)
    tags = [tag for tag, _ in parser.found]
    assert tags.count("script") == tags.count("style") == 1
    assert not {"img", "link", "iframe", "object"} & set(tags)
    for _, attributes in parser.found:
        assert "src" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        assert all((attributes.get(name) or "#").startswith("#") for name in ("href", "xlink:href"))


def test_page_shows_every_case_with_answer_citations_and_expectation(page: str) -> None:
    assert page.count('<details class="case') == 3
    assert "says: HK$5 million | 500万港元" in page
    assert "cites: old-name" in page
    assert "not in the record" in page
    assert "TargetError: &lt;gone&gt;" in page
    assert "all: right fell" in page
    assert "kappa 0.8" in page


def test_page_ticks_what_was_met_by_the_record_of_another_name(page: str) -> None:
    assert '<li class="met">cites: old-name</li>' in page
    assert '<li class="unmet">cites: old-name</li>' in page


def test_page_has_its_charts_whose_names_do_not_clash(page: str) -> None:
    assert page.count("<svg ") == 4
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_same_run_gives_the_same_page() -> None:
    report = Report(INFO, scored("HK$5 million [1]."))
    assert to_html(report) == to_html(report)


def test_run_without_answers_has_no_curves_and_still_a_page() -> None:
    failed = score([(Case("a", "?", "en", "figures"), Reply(error="gone"))], {})
    assert risk_chart(failed) == latency_chart(failed) == ""
    assert "0.0" in to_html(Report(INFO, failed))


def test_markdown_has_the_numbers_and_what_turned() -> None:
    after = scored("At least HK$5 million [1].")
    text = to_pull_request(Report(INFO, after, compare(before_of(scored("Unknown [1].")), after)))
    assert "| all | 3 |" in text
    assert "right 0.0 to 100.0" in text
    assert "1 cases are not right" in text
