"""The page in a real browser: asking, reading, checking."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from assistant.errors import ModelUnavailable
from knowledge.library import Library
from knowledge.rule import Language
from tests.server.browser.paced import PacedAssistant

RULE = "bank-custody-2026"
QUESTIONS: list[tuple[Language, str]] = [
    ("en", "Who keeps client assets?"),
    ("zh-Hans", "谁保管客户资产？"),
    ("zh-Hant", "邊個保管客戶資產？"),
]


def ask(page: Page, question: str) -> None:
    page.fill("#question", question)
    page.press("#question", "Enter")


def answered(page: Page, turns: int = 1) -> None:
    expect(page.locator(".acts")).to_have_count(turns)


@pytest.mark.parametrize(("language", "question"), QUESTIONS)
def test_a_whole_conversation_in_each_script(
    page: Page, small_library: Library, language: Language, question: str
) -> None:
    page.select_option("#interface-language", language)
    page.select_option("#answer-language", language)
    ask(page, question)
    answered(page)
    ask(page, question + question)
    answered(page, 2)
    statement = small_library.rules[RULE].statement[language]
    assert page.locator(".turn .text").first.inner_text() == f"{statement} 1"
    assert page.locator(".turn .text").first.get_attribute("lang") == language
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator(".question p").first.inner_text() == question
    assert page.locator(".sources .name").first.inner_text() == small_library.rules[RULE].title[language]


def test_an_answer_is_seen_growing_and_says_when_it_is_whole(page: Page, desk: PacedAssistant) -> None:
    ask(page, "paced")
    text = page.locator(".turn .text")
    expect(page.locator(".stage")).to_contain_text("1 records found")
    expect(text).to_have_attribute("aria-busy", "true")
    lengths = []
    for _ in range(3):
        before = text.inner_text()
        desk.steps.release()
        expect(text).not_to_have_text(before)
        lengths.append(len(text.inner_text()))
    assert lengths == sorted(set(lengths))
    desk.steps.release(500)
    answered(page)
    expect(text).to_have_attribute("aria-busy", "false")
    expect(page.locator("#announcer")).to_have_text("The answer is complete.")


def test_a_marker_opens_the_record_with_the_quote_marked(page: Page, small_library: Library) -> None:
    ask(page, "custody")
    answered(page)
    marker = page.get_by_role("button", name=f"Source 1: {small_library.rules[RULE].title['en']}")
    marker.press("Enter")
    panel = page.locator("#record")
    expect(panel.locator("mark")).to_have_text(small_library.rules[RULE].statement["en"])
    expect(panel).to_be_focused()
    expect(panel).to_contain_text("In force")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(marker).to_be_focused()


def test_the_evidence_of_a_rule_is_found_in_its_source(page: Page, small_library: Library) -> None:
    evidence = small_library.rules[RULE].evidence[0]
    ask(page, "custody")
    answered(page)
    page.click(".sources button")
    page.locator("#record .evidence li", has_text=evidence.quote).locator("button").click()
    expect(page.locator("#record mark")).to_have_text(evidence.quote)
    expect(page.locator("#record mark")).to_be_in_viewport()
    page.click("#record-back")
    expect(page.locator("#record .statement")).to_be_visible()


def test_a_cited_passage_is_marked_in_the_text_of_its_source(
    page: Page, small_library: Library, desk: PacedAssistant
) -> None:
    source = small_library.sources[desk.source_id]
    end = len(source.text) - 1
    desk.cited_run = (end - 60, end)
    ask(page, "passage")
    answered(page)
    expect(page.locator(".sources .badge")).to_have_text("Document")
    expect(page.get_by_role("button", name="Timeline of this topic")).to_have_count(0)
    page.click("button.marker")
    expect(page.locator("#record mark")).to_have_text(source.text[end - 60 : end])
    expect(page.locator("#record mark")).to_be_in_viewport()
    assert page.locator("#record .document").inner_text().strip() == source.text.strip()
    original = page.get_by_role("link", name="Open the original document")
    assert original.get_attribute("href") == source.url
    assert original.get_attribute("rel") == "noopener noreferrer nofollow"


def test_offsets_count_characters_not_halves_of_pairs(
    page: Page, small_library: Library, desk: PacedAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = small_library.rules[RULE]
    statement: dict[Language, str] = {one: f"𠮷𠮷 {rule.statement[one]}" for one in rule.statement}
    monkeypatch.setitem(small_library.rules, RULE, replace(rule, statement=statement))
    ask(page, "custody")
    answered(page)
    page.click("button.marker")
    expect(page.locator("#record mark")).to_have_text(statement["en"])


def test_an_earlier_date_gives_the_rule_as_it_stood_then(page: Page, desk: PacedAssistant) -> None:
    page.fill("#as-of", "2024-06-30")
    ask(page, "custody")
    answered(page)
    assert desk.asked[-1].as_of == date(2024, 6, 30)
    expect(page.locator(".question .chip")).to_have_text("As of 2024-06-30")
    expect(page.locator(".sources .badge")).to_have_text("Not yet in force")
    expect(page.locator(".note")).to_contain_text("Not yet.")
    page.click("button.marker")
    expect(page.locator("#record .marks")).to_contain_text("As of 2024-06-30")
    page.click("#today")
    ask(page, "custody")
    answered(page, 2)
    assert desk.asked[-1].as_of is None


def test_a_refusal_is_an_answer_and_not_an_error(page: Page) -> None:
    ask(page, "refuse")
    answered(page)
    expect(page.locator(".outcome")).to_have_text("Outside what the records cover")
    expect(page.locator(".turn .text")).to_have_text("That is not what I know of.")
    expect(page.locator(".problem")).to_have_count(0)


@pytest.mark.parametrize("question", ["fail before", "fail after"])
def test_a_failure_is_told_in_plain_words_and_can_be_tried_again(
    page: Page, desk: PacedAssistant, complaints: list[str], question: str
) -> None:
    desk.failure = ModelUnavailable("The chat model cannot be reached. Ask again in a minute.")
    ask(page, question)
    expect(page.locator(".problem p")).to_have_text(
        "The server is not ready: The chat model cannot be reached. Ask again in a minute."
    )
    page.locator(".problem").get_by_role("button", name="Try again").click()
    expect(page.locator(".problem")).to_have_count(1)
    assert [one.text for one in desk.asked] == [question, question]
    assert all("503" in one for one in complaints)
    complaints.clear()


def test_a_server_out_of_reach_and_a_stream_cut_off_are_told_apart(page: Page, complaints: list[str]) -> None:
    page.route("**/v1/chat", lambda route: route.abort())
    ask(page, "custody")
    expect(page.locator(".problem p")).to_have_text(
        "The server cannot be reached. Check the connection, then try again."
    )
    page.unroute("**/v1/chat")
    cut = 'event: delta\ndata: {"text": "Half an ans'
    page.route("**/v1/chat", lambda route: route.fulfill(body=cut, content_type="text/event-stream"))
    ask(page, "custody")
    expect(page.locator(".problem p").last).to_have_text("The answer was cut off before its end. Ask again.")
    page.unroute("**/v1/chat")
    page.get_by_role("button", name="Try again").last.click()
    answered(page)
    assert all("ERR_FAILED" in one for one in complaints)
    complaints.clear()


def test_stop_ends_the_work_on_the_server_too(page: Page, desk: PacedAssistant) -> None:
    ask(page, "paced")
    desk.steps.release(2)
    expect(page.locator(".turn .text")).not_to_be_empty()
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".outcome")).to_contain_text("incomplete")
    expect(page.locator("#send")).to_be_visible()
    for _ in range(2_000):
        if desk.stopped:
            break
        page.wait_for_timeout(20)
    assert desk.stopped == 1


def test_enter_sends_and_shift_enter_begins_a_line(page: Page, desk: PacedAssistant) -> None:
    page.fill("#question", "one")
    page.press("#question", "Shift+Enter")
    page.keyboard.type("two")
    page.press("#question", "Enter")
    answered(page)
    assert [one.text for one in desk.asked] == ["one\ntwo"]


def test_enter_that_chooses_a_word_of_an_input_method_does_not_send(page: Page, desk: PacedAssistant) -> None:
    page.fill("#question", "稳定")
    page.evaluate(
        """document.getElementById("question").dispatchEvent(
            new KeyboardEvent("keydown", {key: "Enter", isComposing: true, bubbles: true}))"""
    )
    page.wait_for_timeout(100)
    assert desk.asked == []


def test_sessions_of_this_browser_can_be_opened_again_and_deleted(page: Page) -> None:
    ask(page, "first question")
    answered(page)
    ask(page, "second question")
    answered(page, 2)
    page.click("#new-session")
    expect(page.locator("#welcome")).to_be_visible()
    page.reload()
    page.click("#session-list .session")
    answered(page, 2)
    assert page.locator(".question p").all_inner_texts() == ["first question", "second question"]
    held = page.request.get(f"{page.url}v1/sessions").json()
    page.get_by_role("button", name="Delete “first question”").click()
    expect(page.locator("#no-sessions")).to_be_visible()
    expect(page.locator(".turn")).to_have_count(0)
    assert len(page.request.get(f"{page.url}v1/sessions").json()) == len(held) - 1


def test_a_question_of_an_open_session_continues_it(page: Page) -> None:
    sent: list[dict[str, object]] = []
    page.on(
        "request", lambda request: sent.append(json.loads(request.post_data or "{}")) if request.post_data else None
    )
    ask(page, "first question")
    answered(page)
    ask(page, "second question")
    answered(page, 2)
    assert "session_id" not in sent[0]
    assert str(sent[1]["session_id"]).startswith("ses_")


def test_a_session_that_the_server_forgot_goes_on_as_a_new_one(page: Page, complaints: list[str]) -> None:
    ask(page, "first question")
    answered(page)
    session_id = page.evaluate("JSON.parse(localStorage.getItem('hkva.sessions'))[0].id")
    assert page.request.delete(f"{page.url}v1/sessions/{session_id}").status == 204
    ask(page, "second question")
    answered(page, 2)
    expect(page.locator(".session")).to_have_count(1)
    assert page.evaluate("JSON.parse(localStorage.getItem('hkva.sessions'))[0].turns.length") == 2
    assert ["404" in one for one in complaints] == [True]
    complaints.clear()


def test_feedback_is_stored_and_takes_a_comment(page: Page) -> None:
    ask(page, "custody")
    answered(page)
    with page.expect_response("**/v1/feedback") as thumb:
        page.get_by_role("button", name="Not helpful").click()
    expect(page.get_by_role("button", name="Not helpful")).to_have_attribute("aria-pressed", "true")
    page.fill(".comment textarea", "The date is missing")
    with page.expect_response("**/v1/feedback") as comment:
        page.get_by_role("button", name="Send comment").click()
    expect(page.locator(".comment")).to_be_hidden()
    stored = [thumb.value.json(), comment.value.json()]
    assert [(one["rating"], one["comment"]) for one in stored] == [("down", ""), ("down", "The date is missing")]
    assert stored[0]["answer_id"] == stored[1]["answer_id"]
    assert page.request.get(f"{page.url}v1/answers/{stored[0]['answer_id']}").json()["question"] == "custody"


def test_an_answer_is_copied_with_its_sources(page: Page, small_library: Library) -> None:
    ask(page, "custody")
    answered(page)
    page.get_by_role("button", name="Copy with sources").click()
    expect(page.locator(".told")).to_have_text("Copied.")
    copied = str(page.evaluate("navigator.clipboard.readText()"))
    rule = small_library.rules[RULE]
    assert f"{rule.statement['en']} [1]" in copied
    assert f"[1] {rule.title['en']} ({rule.authority}, {rule.instrument}, {rule.published}, In force)" in copied
    assert "As of 2026-11-23 · This is not legal advice." in copied


def test_an_example_is_asked_with_its_date(page: Page, desk: PacedAssistant) -> None:
    page.get_by_role("button", name="2023年底時").click()
    answered(page)
    assert desk.asked[-1].as_of == date(2023, 12, 31)
