"""The page's own modules that hold no element: the reader of events, the cutter of texts, what is remembered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

STREAM = (
    ": keep-alive\r\n\r\n"
    'event: delta\ndata: {"text": "穩定幣 [1]"}\n\n'
    "data: first\r\ndata: second\r\n\r\n"
    "id: 7\rretry: 10\rdata:no space\r\r"
    "event: nothing to say\n\n"
    "data: cut off before its end"
)
EVENTS = [
    {"event": "delta", "data": '{"text": "穩定幣 [1]"}'},
    {"event": "message", "data": "first\nsecond"},
    {"event": "message", "data": "no space"},
]


@pytest.fixture(scope="module")
def page(browser: Browser, site: str) -> Iterator[Page]:
    """One page for all tests here: they share no state but what the browser stores, and clear that themselves."""
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(site)
    yield page
    context.close()


def run(page: Page, module: str, body: str, argument: object = None) -> Any:
    """What `body` returns, with the module's exports as `m` and the argument as `a`."""
    return page.evaluate(f"async (a) => {{ const m = await import('./web/{module}'); {body} }}", argument)


def test_a_stream_gives_the_same_events_however_it_is_cut(page: Page) -> None:
    found = run(
        page,
        "sse.js",
        """return [...a].map((_, cut) => {
            const scanner = new m.EventScanner();
            return [...scanner.feed(a.slice(0, cut)), ...scanner.feed(""), ...scanner.feed(a.slice(cut))];
        })""",
        STREAM,
    )
    assert len(found) == len(STREAM)
    assert all(events == EVENTS for events in found)


def test_a_stream_of_single_letters_gives_the_same_events(page: Page) -> None:
    body = "const scanner = new m.EventScanner(); return a.split('').flatMap((letter) => scanner.feed(letter));"
    assert run(page, "sse.js", body, STREAM) == EVENTS


def test_markers_are_numbers_and_the_rest_is_text(page: Page) -> None:
    text = "[1]須領牌[2][3]，見 [a] 及 [1234] 和 [12]。"
    pieces = run(page, "text.js", "return m.piecesOf(a)", text)
    assert pieces == [1, "須領牌", 2, 3, "，見 [a] 及 [1234] 和 ", 12, "。"]


@pytest.mark.parametrize(
    ("text", "start", "end", "quote", "expected"),
    [
        ("一二三", 1, 2, "二", ["一", "二", "三"]),
        ("𠮷一二", 1, 2, "一", ["𠮷", "一", "二"]),
        ("moved on: the quote", 0, 9, "the quote", ["moved on: ", "the quote", ""]),
        ("changed altogether", 0, 9, "the quote", None),
        ("shorter", 90, 99, "", None),
    ],
)
def test_a_quote_is_cut_out_by_characters_or_found_elsewhere(
    page: Page, text: str, start: int, end: int, quote: str, expected: list[str] | None
) -> None:
    assert run(page, "text.js", "return m.cutAt(...a)", [text, start, end, quote]) == expected


def test_only_web_addresses_become_links(page: Page) -> None:
    tried = ["https://www.sfc.hk/a?b=c", "javascript:alert(1)", "data:text/html,x", "//sfc.hk", "http://[", None, 7]
    found = run(page, "text.js", "return a.map(m.safeUrl)", tried)
    assert found == ["https://www.sfc.hk/a?b=c", None, None, None, None, None, None]


def test_where_storage_is_full_the_oldest_sessions_make_room(page: Page) -> None:
    kept = run(
        page,
        "store.js",
        """localStorage.clear();
        for (let n = 0; n < 9; n++) m.keepTurn(null, `ses_${n}`, {question: `${n}`, answer: "x".repeat(1_000_000)});
        const kept = m.listSessions().map((one) => one.id);
        localStorage.clear();
        return kept;""",
    )
    assert kept[0] == "ses_8"
    assert kept == [f"ses_{n}" for n in range(8, 8 - len(kept), -1)]
    assert 2 <= len(kept) < 9


def test_what_another_version_left_in_storage_does_no_harm(page: Page) -> None:
    for left in ("not json", '{"a": 1}', '[null, 3, {"id": 4, "turns": []}]'):
        page.evaluate("text => localStorage.setItem('hkva.sessions', text)", left)
        assert run(page, "store.js", "return m.listSessions()") == []
    page.reload()
    assert page.locator("#examples button").count() == 6
    page.evaluate("localStorage.clear()")


def test_the_first_language_is_the_remembered_or_the_browsers(page: Page) -> None:
    tried = [
        ["", ["zh-TW", "en"]], ["", ["zh-Hant-HK"]], ["", ["yue-HK"]], ["", ["zh-CN"]], ["", ["zh"]],
        ["", ["fr", "en-US"]], ["", ["fr"]], ["zh-Hans", ["en"]], ["klingon", ["en"]],
    ]  # fmt: skip
    found = run(page, "words.js", "return a.map(([kept, browser]) => m.firstLanguage(kept, browser))", tried)
    assert found == ["zh-Hant", "zh-Hant", "zh-Hant", "zh-Hans", "zh-Hans", "en", "en", "zh-Hans", "en"]
