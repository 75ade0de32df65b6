"""Takes the pictures of the page that the README shows, from a running server: python docs/screenshots.py [ADDRESS]."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
CHROMIUM = Path("/usr/bin/chromium")
ENGLISH = "What is the minimum capital of a stablecoin issuer?"
TRADITIONAL = "2023年底時，穩定幣發行人需要領牌嗎？"


def open_page(browser: Browser, address: str, width: int, height: int, scheme: str, locale: str) -> Page:
    """The page in a fresh browser of this size, colour and language."""
    dark = scheme == "dark"
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", locale=locale
    )
    page = context.new_page()
    page.goto(address)
    return page


def ask(page: Page, question: str, turns: int = 1) -> None:
    """Ask, and wait for the whole answer."""
    page.fill("#question", question)
    page.press("#question", "Enter")
    page.locator(".acts").nth(turns - 1).wait_for()


def take(page: Page, name: str) -> None:
    """Save what is seen."""
    page.wait_for_timeout(300)
    Image.open(io.BytesIO(page.screenshot())).quantize(256).save(HERE / f"{name}.png", optimize=True)


def main(address: str) -> None:
    """Take the four pictures."""
    with sync_playwright() as playwright:
        path = str(CHROMIUM) if CHROMIUM.exists() else None
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        desk = open_page(browser, address, 1280, 760, "light", "en-GB")
        ask(desk, ENGLISH)
        desk.fill("#as-of", "2024-09-30")
        ask(desk, ENGLISH, 2)
        take(desk, "page")
        desk.locator(".turn").last.locator("button.marker").first.click()
        desk.locator("#record mark").wait_for()
        take(desk, "citation")
        desk.keyboard.press("Escape")
        desk.click("#open-timeline")
        desk.locator(".picture").wait_for()
        take(desk, "timeline")
        phone = open_page(browser, address, 360, 700, "dark", "zh-HK")
        ask(phone, TRADITIONAL)
        take(phone, "phone")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000/")
