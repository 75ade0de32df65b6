"""The page on the real assistant: asked in three scripts, read, checked in the record, asked for another day."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from assistant.assembly import open_assistant
from assistant.settings import AssistantSettings
from assistant.state.store import open_state
from knowledge.library import open_library
from knowledge.settings import KnowledgeSettings
from server.app import make_app
from server.service import Service
from server.settings import ServerSettings
from tests.server.browser.test_conversation import answered, ask
from tests.server.fakes import TODAY, served


@pytest.fixture(scope="module")
def site(small_knowledge: KnowledgeSettings, state_url: str) -> Iterator[str]:
    """The address of a server whose assistant is the real one."""
    assistant = open_assistant(small_knowledge, AssistantSettings(today=TODAY))
    service = Service(
        small_knowledge,
        lambda: assistant,
        lambda: open_library(small_knowledge.library_dir, assistant.library.embedder),
        lambda: open_state(state_url),
        lambda: TODAY,
    )
    with served(make_app(service, ServerSettings())) as url:
        yield f"{url}/"
    assistant.library.close()


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "What are the elements of a collective investment scheme?"),
        ("zh-Hans", "集体投资计划有哪些元素？"),
        ("zh-Hant", "集體投資計劃有哪些元素？"),
    ],
)
def test_a_question_is_answered_in_its_script_and_the_quote_is_found_in_the_record(
    page: Page, language: str, question: str
) -> None:
    ask(page, question)
    answered(page)
    expect(page.locator(".turn .text")).to_have_attribute("lang", language)
    expect(page.locator(".outcome")).to_have_count(0)
    page.locator("button.marker").first.click()
    expect(page.locator("#record mark")).to_be_visible()
    expect(page.locator("#record .problem")).to_have_count(0)
    assert page.locator("#record .statement").get_attribute("lang") == language
    page.locator("#record .evidence button").first.click()
    expect(page.locator("#record .document mark")).to_be_in_viewport()


def test_for_a_day_before_its_own_a_rule_is_told_as_not_yet_in_force(page: Page) -> None:
    page.fill("#as-of", "2014-01-01")
    ask(page, "Can a bank lend out client crypto in custody?")
    answered(page)
    expect(page.locator(".sources .badge")).to_have_text("Not yet in force")
    expect(page.locator(".note.not_yet")).to_contain_text("27 May 2026")
    expect(page.locator(".meta")).to_contain_text("As of 2014-01-01")
