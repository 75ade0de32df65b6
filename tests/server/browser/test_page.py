"""The page in a real browser: safe, accessible, at every width, in both colours."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect

from knowledge.library import Library
from knowledge.rule import Language, Stage
from tests.server.browser.paced import PacedAssistant
from tests.server.browser.test_conversation import RULE, answered, ask

HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>javascript:alert(1)"


def in_all(text: str) -> dict[Language, str]:
    return {"en": text, "zh-Hans": text, "zh-Hant": text}


def serious(page: Page, axe: str) -> list[str]:
    """Findings of axe-core that are serious or worse."""
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def test_markup_in_question_rule_and_document_stays_text(
    page: Page, small_library: Library, desk: PacedAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = small_library.rules[RULE]
    name = rule.evidence[0].source
    source = small_library.sources[name]
    monkeypatch.setitem(small_library.rules, RULE, replace(rule, title=in_all(HOSTILE), statement=in_all(HOSTILE)))
    hostile = replace(
        source, title_en=HOSTILE, text=f"{HOSTILE} {source.text}", url="javascript:document.title='owned'"
    )
    monkeypatch.setitem(small_library.sources, name, hostile)
    ask(page, HOSTILE)
    answered(page)
    assert page.locator(".turn .text").inner_text() == f"{HOSTILE} 1"
    assert page.locator(".question p").inner_text() == HOSTILE
    page.click("button.marker")
    expect(page.locator("#record mark")).to_have_text(HOSTILE)
    page.locator("#record .evidence button").first.click()
    expect(page.locator("#record .document")).to_contain_text(HOSTILE)
    assert page.locator("#record a").count() == 0
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Timeline of this topic").click()
    expect(page.locator(".picture")).to_be_visible()
    expect(page.locator(".entries")).to_contain_text(HOSTILE)
    page.click("#timeline-close")
    page.reload()
    expect(page.locator(".session")).to_have_text(HOSTILE)
    assert page.title() == "Hong Kong virtual-asset policy"
    assert page.locator("img[src=x]").count() == 0


def test_the_policy_lets_no_inline_and_no_foreign_script_run(page: Page, complaints: list[str]) -> None:
    page.evaluate(
        """() => {
            const inline = document.createElement("script");
            inline.textContent = "document.title = 'owned'";
            const foreign = document.createElement("script");
            foreign.src = "data:text/javascript,document.title='owned'";
            document.body.append(inline, foreign);
        }"""
    )
    page.wait_for_timeout(200)
    assert page.title() == "Hong Kong virtual-asset policy"
    assert any("Content Security Policy" in one for one in complaints)
    complaints.clear()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_axe_has_no_serious_finding(page: Page, axe: str, scheme: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.select_option("#theme", scheme)
    assert serious(page, axe) == []
    page.fill("#as-of", "2024-06-30")
    ask(page, "custody")
    answered(page)
    page.locator(".acts").get_by_role("button", name="Helpful", exact=True).focus()
    assert serious(page, axe) == []
    page.click("button.marker")
    expect(page.locator("#record mark")).to_be_visible()
    assert serious(page, axe) == []
    page.click("#record-close")
    page.click("#open-timeline")
    expect(page.locator(".picture")).to_be_visible()
    assert serious(page, axe) == []


def test_a_phone_needs_no_sideways_scrolling(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    ask(page, "custody " + "x" * 200)
    answered(page)
    page.click("#open-timeline")
    expect(page.locator(".picture")).to_be_visible()
    assert page.evaluate("(d => d.scrollWidth - d.clientWidth)(document.getElementById('timeline'))") <= 0
    page.click("#timeline-close")
    for language in ("en", "zh-Hans", "zh-Hant"):
        page.select_option("#interface-language", language)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.click("button.marker")
    expect(page.locator("#record mark")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_everything_can_be_done_from_the_keyboard(page: Page) -> None:
    page.keyboard.press("Tab")
    page.locator("#question").focus()
    page.keyboard.type("custody")
    page.keyboard.press("Enter")
    answered(page)
    reached = set()
    page.locator(".question p").first.click()
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.add(str(page.evaluate("document.activeElement.id || document.activeElement.className")))
    assert {"marker", "source", "question", "as-of", "answer-language", "send"} <= reached
    page.locator("button.marker").focus()
    page.keyboard.press("Space")
    expect(page.locator("#record mark")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("button.marker")).to_be_focused()


def test_the_page_follows_the_browsers_language_and_remembers_another(browser: Browser, site: str) -> None:
    context = browser.new_context(locale="zh-HK")
    page = context.new_page()
    page.goto(site)
    expect(page.locator("#send")).to_have_text("提問")
    assert page.title() == "香港虛擬資產政策"
    page.select_option("#interface-language", "zh-Hans")
    page.reload()
    expect(page.locator("#send")).to_have_text("提问")
    context.close()


def test_the_language_can_be_switched_on_an_open_answer(page: Page) -> None:
    ask(page, "custody")
    answered(page)
    page.click("button.marker")
    page.select_option("#interface-language", "zh-Hant")
    expect(page.locator(".acts button").first).to_have_text("連同出處複製")
    expect(page.locator(".sources .badge")).to_have_text("生效中")
    expect(page.locator("#record .badge")).to_have_text("生效中")
    assert page.locator("button.marker").get_attribute("aria-label") is not None
    assert str(page.locator("button.marker").get_attribute("aria-label")).startswith("出處1：")


def test_colours_follow_the_system_until_chosen(browser: Browser, site: str) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(site)
    dark = page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor")
    page.select_option("#theme", "light")
    light = page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor")
    assert dark != light
    page.reload()
    assert page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor") == light
    context.close()


def test_not_legal_advice_is_said_once(page: Page) -> None:
    ask(page, "custody")
    answered(page)
    assert page.get_by_text("not legal advice").count() == 1


def test_a_record_of_a_proposal_never_says_in_force(
    page: Page, small_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = replace(small_library.rules[RULE], stage=Stage.PROPOSED, in_force_to=date(2026, 9, 1))
    monkeypatch.setitem(small_library.rules, RULE, rule)
    ask(page, "custody")
    answered(page)
    page.click("button.marker")
    expect(page.locator("#record .facts")).to_contain_text("Overtaken from")
    expect(page.locator("#record")).not_to_contain_text("In force")


def test_a_timeline_shows_its_topic_and_opens_its_records(page: Page, small_library: Library) -> None:
    ask(page, "custody")
    answered(page)
    page.get_by_role("button", name="Timeline of this topic").click()
    rule = small_library.rules[RULE]
    expect(page.locator("#timeline-topic")).to_have_value(rule.topic)
    expect(page.locator(".picture")).to_have_js_property("complete", True)
    assert page.evaluate("document.querySelector('.picture').naturalWidth") > 300
    held = sum(one.topic == rule.topic for one in small_library.rules.values())
    expect(page.locator(".entries li")).to_have_count(held)
    page.locator(".entries button", has_text=rule.title["en"]).click()
    expect(page.locator("#timeline")).to_be_hidden()
    expect(page.locator("#record .statement")).to_have_text(rule.statement["en"])
