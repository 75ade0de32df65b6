"""A real browser on the real application, whose assistant does what the tests tell it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from importlib import resources

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from assistant.state.store import open_state
from knowledge.library import Library
from knowledge.settings import KnowledgeSettings
from server.app import make_app
from server.service import Service
from server.settings import ServerSettings
from tests.server.browser.chromium import FLAGS, PATIENCE_MS, find_browser
from tests.server.browser.paced import PacedAssistant
from tests.server.fakes import TODAY, served


@pytest.fixture(scope="session")
def axe() -> str:
    """The text of axe-core, which a wheel carries."""
    return resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def _assistant(small_library: Library) -> PacedAssistant:
    return PacedAssistant(small_library)


@pytest.fixture
def desk(_assistant: PacedAssistant) -> PacedAssistant:
    """The assistant behind `site`, as if new."""
    _assistant.asked, _assistant.stopped, _assistant.steps = [], 0, threading.Semaphore(0)
    return _assistant


@pytest.fixture(scope="module")
def site(
    small_knowledge: KnowledgeSettings, small_library: Library, _assistant: PacedAssistant, state_url: str
) -> Iterator[str]:
    """The address of a running server."""
    service = Service(
        small_knowledge, lambda: _assistant, lambda: small_library, lambda: open_state(state_url), lambda: TODAY
    )
    with served(make_app(service, ServerSettings())) as url:
        yield f"{url}/"


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained of; a test that provokes a complaint clears it."""
    return []


@pytest.fixture
def page(browser: Browser, site: str, complaints: list[str]) -> Iterator[Page]:
    """The page, open in an English browser with a desktop's size; nothing may be complained of or asked elsewhere."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB", color_scheme="light")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site)
    page.wait_for_selector("#examples button")
    yield page
    context.close()
    assert complaints == []
    assert [url for url in asked if not url.startswith((site, "data:"))] == []
