"""The page on a server that asks for a key."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Browser, expect

from assistant.state.keys import KeyScope
from assistant.state.store import open_state
from knowledge.library import Library
from knowledge.settings import KnowledgeSettings
from server.app import make_app
from server.service import Service
from server.settings import ServerSettings
from tests.server.browser.chromium import PATIENCE_MS
from tests.server.browser.test_conversation import answered, ask
from tests.server.fakes import TODAY, ScriptedAssistant, served


async def make_key(state_url: str) -> str:
    async with open_state(state_url) as state:
        _, token = await state.keys.create("page", (KeyScope.CHAT,))
        return token


@pytest.fixture
def keyed(small_knowledge: KnowledgeSettings, small_library: Library, state_url: str) -> Iterator[tuple[str, str]]:
    """The address of a server with one key, and that key."""
    # In a thread of its own: Playwright's loop runs in this one.
    with ThreadPoolExecutor(1) as thread:
        token = thread.submit(lambda: asyncio.run(make_key(state_url))).result()
    assistant = ScriptedAssistant(small_library)
    service = Service(
        small_knowledge, lambda: assistant, lambda: small_library, lambda: open_state(state_url), lambda: TODAY
    )
    with served(make_app(service, ServerSettings())) as url:
        yield f"{url}/", token


def test_the_page_asks_for_the_key_once_and_holds_it_for_the_tab(browser: Browser, keyed: tuple[str, str]) -> None:
    address, token = keyed
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address)
    ask(page, "custody")
    expect(page.locator(".problem")).to_contain_text("The server needs an access key.")
    page.fill("#key-value", token)
    page.press("#key-value", "Enter")
    expect(page.locator("#key")).to_be_hidden()
    page.get_by_role("button", name="Try again").click()
    answered(page)
    page.click("button.marker")
    expect(page.locator("#record mark")).to_be_visible()
    page.reload()
    ask(page, "custody")
    answered(page)
    page.click("#open-timeline")
    expect(page.locator(".picture")).to_be_visible()
    assert page.evaluate("document.cookie + Object.values(localStorage)").find(token) == -1
    context.close()
