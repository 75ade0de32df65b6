"""One answer gives the same citations, dates and notes wherever it is shown."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from mcp import Client
from playwright.async_api import async_playwright

from assistant.answer import Answer, Note, NoteCode
from assistant.events import Cited, Delta, Event, Finished, Started
from assistant.phrases import say_day
from assistant.question import Question
from assistant.state.store import open_state
from knowledge.rule import Language, Standing
from knowledge.settings import KnowledgeSettings
from server.app import make_app
from server.bots.lark_card import card_of as lark_card_of
from server.bots.reply import reply_of, split_reply
from server.bots.slack_reply import blocks_of
from server.bots.teams_card import card_of as teams_card_of
from server.bots.telegram_reply import html_of
from server.bots.wording import standing_word
from server.service import Service
from server.settings import ServerSettings
from tests.fakes.bot_assistant import BotAssistant, answer_to, citation
from tests.server.browser.chromium import FLAGS, find_browser
from tests.server.fakes import served

_COPY: dict[Language, str] = {"en": "Copy", "zh-Hans": "复制", "zh-Hant": "複製"}
Shown = list[tuple[int, str, str | None, str]]
"""Of each source: number, title, address, and what stands beside the title."""


def sample(language: Language) -> Answer:
    """An answer with sources of every standing, and with one of whose address nothing is known."""
    standings = (*Standing,)
    citations = tuple(citation(n, standing, f"Title {n} of <it> & 规定") for n, standing in enumerate(standings, 1))
    citations = (*citations[:-1], replace(citations[-1], url=None))
    text = " ".join(f"Statement {one.number} holds [{one.number}]." for one in citations)
    notes = (Note(NoteCode.SUPERSEDED, "[3] was replaced by “Another”."), Note(NoteCode.DISPUTED, "来源说法不一。"))
    return replace(answer_to("x", 1), text=text, citations=citations, notes=notes, language=language)


class OneAnswer(BotAssistant):
    """Gives the sample for every question, each time under another id."""

    async def stream(self, question: Question) -> AsyncIterator[Event]:
        """The events of one answer."""
        answer = replace(sample(question.language or "en"), id=f"ans_{next(self._numbers)}")
        yield Started(answer.id, answer.language, answer.as_of)
        yield Delta(answer.text)
        for one in answer.citations:
            yield Cited(one)
        yield Finished(answer)


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    assistant = OneAnswer()
    knowledge, url = KnowledgeSettings(data_dir=tmp_path), f"sqlite:///{tmp_path}/state.sqlite"
    service = Service(knowledge, lambda: assistant, lambda: assistant.library, lambda: open_state(url))
    with served(make_app(service, ServerSettings())) as address:
        yield address


def from_json(data: dict[str, Any]) -> tuple[Any, Any, Any]:
    return data["citations"], data["notes"], data["as_of"]


async def test_interfaces_carry_the_same_citations_notes_and_date(address: str) -> None:
    async with httpx.AsyncClient(base_url=address) as client:
        whole = (await client.post("/v1/chat", json={"question": "x"})).json()
        streamed = (await client.post("/v1/chat", json={"question": "x", "stream": True})).text
    finished = [line for line in streamed.split("\n\n") if "event: finished" in line]
    in_stream = json.loads(re.findall(r"^data: (.*)$", finished[0], re.MULTILINE)[0])
    async with openai.AsyncOpenAI(base_url=f"{address}/v1", api_key="unused") as sdk:
        completion = await sdk.chat.completions.create(model="hkva", messages=[{"role": "user", "content": "x"}])
    beside: dict[str, Any] = completion.model_extra or {}
    async with Client(f"{address}/mcp") as tools:
        told = (await tools.call_tool("ask", {"question": "x"})).structured_content or {}
    expected = from_json(whole)
    assert from_json(in_stream) == expected
    assert from_json(beside["hkva"]) == expected
    assert beside["citations"] == expected[0]
    assert from_json(told["answer"]) == expected
    answer = sample("en")
    for text in (str(completion.choices[0].message.content), told["text"]):
        assert text.startswith(answer.text)
        for one in answer.citations:
            assert f"[{one.number}] {one.title}" in text
        for note in answer.notes:
            assert note.message in text
    assert [(one["number"], one["title"], one["url"], one["published"]) for one in expected[0]] == [
        (one.number, one.title, one.url, one.published) for one in answer.citations
    ]


async def on_page(address: str, language: Language) -> tuple[str, list[str], list[tuple[str, ...]], str]:
    """What the page shows in a real browser: text and date, notes, sources; and what it copies."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        page = await browser.new_page()
        await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await page.goto(f"{address}/")
        await page.select_option("#interface-language", language)
        await page.select_option("#answer-language", language)
        await page.fill("#question", "x")
        await page.press("#question", "Enter")
        await page.locator(".acts").wait_for(timeout=30_000)
        text = await page.locator(".turn .text").inner_text()
        dated = await page.locator(".meta").inner_text()
        notes = await page.locator(".note > span").all_inner_texts()
        parts = (".number", ".name", ".about", ".badge", ".mark")
        columns = [await page.locator(f".sources {part}").all_inner_texts() for part in parts]
        await page.get_by_role("button", name=_COPY[language]).click()
        await page.locator(".told span").wait_for()
        copied: str = await page.evaluate("navigator.clipboard.readText()")
        await browser.close()
    return f"{text}\n{dated}", notes, [*zip(*columns, strict=True)], copied


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
async def test_page_shows_and_copies_the_same_citations_notes_and_date(address: str, language: Language) -> None:
    text, notes, sources, copied = await on_page(address, language)
    answer = sample(language)
    # A marker is a button with the number alone.
    assert text.startswith(re.sub(r"\[(\d)\]", r"\1", answer.text))
    assert answer.as_of.isoformat() in text
    assert notes == [re.sub(r"\[(\d)\]", r"\1", note.message) for note in answer.notes]
    for one, (number, title, about, badge, mark) in zip(answer.citations, sources, strict=True):
        assert (int(number), title) == (one.number, one.title)
        assert about == f"{one.publisher} · {one.instrument} · {one.published}"
        assert badge.lower() == standing_word(one.standing, language)
        assert (mark in ("official", "官方")) is one.official
        [line] = [line for line in copied.split("\n") if line.startswith(f"[{number}] {title} ")]
        assert f"{one.published}, {badge})" in line
        assert line.endswith(one.url or ")")
    for said in (answer.text, answer.as_of.isoformat(), *(note.message for note in answer.notes)):
        assert said in copied


def in_slack(answer: Answer) -> tuple[str, list[str], Shown]:
    blocks = blocks_of(reply_of(answer))
    lines = [block["elements"][0]["text"] for block in blocks if block["type"] == "context"]
    sources: Shown = []
    for line in lines[:-1]:
        number, url, linked, plain, rest = re.findall(r"^\*\[(\d+)\]\* (?:<(.*?)\|(.*?)>|(.*?)) · (.*)$", line)[0]
        sources.append((int(number), unescape(linked or plain), unescape(url) or None, unescape(rest)))
    notes = [unescape(line.removeprefix("• ")) for line in blocks[1]["text"]["text"].split("\n")]
    return f"{unescape(blocks[0]['text']['text'])}\n{lines[-1]}", notes, sources


def in_telegram(answer: Answer) -> tuple[str, list[str], Shown]:
    text, notes, sources, as_of = html_of(reply_of(answer)).split("\n\n")
    found: Shown = []
    for line in sources.split("\n"):
        number, url, linked, plain, rest = re.findall(r'^\[(\d+)\] (?:<a href="(.*?)">(.*?)</a>|(.*?)) · (.*)$', line)[
            0
        ]
        found.append((int(number), unescape(linked or plain), unescape(url) or None, unescape(rest)))
    return f"{unescape(text)}\n{as_of}", [unescape(one.removeprefix("• ")) for one in notes.split("\n")], found


def in_lark(answer: Answer) -> tuple[str, list[str], Shown]:
    elements = lark_card_of(reply_of(answer))["elements"]
    found: Shown = []
    for line in elements[3]["text"]["content"].split("\n"):
        number, linked, url, plain, rest = re.findall(
            r"^&#91;(\d+)&#93; (?:\[(.*?)\]\((.*?)\)|(.*?)) · (.*)$", line
        )[0]  # fmt: skip
        found.append((int(number), unescape(linked or plain), url or None, unescape(rest)))
    notes = [line.removeprefix("• ") for line in elements[1]["text"]["content"].split("\n")]
    return f"{elements[0]['text']['content']}\n{elements[4]['elements'][0]['content']}", notes, found


def in_teams(answer: Answer) -> tuple[str, list[str], Shown]:
    lines = [block["inlines"] for block in teams_card_of(reply_of(answer))["body"]]
    found: Shown = []
    for number, title, rest in [line for line in lines if len(line) == 3]:
        url = title.get("selectAction", {}).get("url")
        found.append((int(number["text"].strip("[] ")), title["text"], url, rest["text"].removeprefix(" · ")))
    said = [line[0]["text"] for line in lines if len(line) == 1]
    notes = [one.removeprefix("• ") for one in said if one.startswith("• ")]
    return f"{said[0]}\n{said[-1]}", notes, found


@pytest.mark.parametrize("shown", [in_slack, in_telegram, in_lark, in_teams])
@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_bots_show_the_same_citations_notes_and_date(shown: Any, language: Language) -> None:
    answer = sample(language)
    text, notes, sources = shown(answer)
    assert text.startswith(answer.text)
    assert say_day(answer.as_of, language) in text
    assert notes == [note.message for note in answer.notes]
    assert [(number, title, url) for number, title, url, _ in sources] == [
        (one.number, one.title, one.url) for one in answer.citations
    ]
    for (*_, details), one in zip(sources, answer.citations, strict=True):
        assert details.startswith(f"{one.publisher} · {one.published} · {standing_word(one.standing, language)}")


def test_long_answer_is_parted_between_sentences_with_the_sources_of_each_part() -> None:
    answer = sample("en")
    text = " ".join(f"Sentence {n} says something of some length [{n % 6 + 1}]." for n in range(60))
    whole = reply_of(replace(answer, text=text))
    parts = split_reply(whole, lambda part: len(html_of(part)) <= 1_200)
    assert len(parts) > 2
    assert " ".join(part.text for part in parts) == text
    for part in parts:
        named = set(re.findall(r"\[(\d)\]", "\n".join((part.text, *part.notes))))
        assert {str(one.number) for one in part.sources} == named
        assert len(html_of(part)) <= 1_200
        assert not part.text or part.text.endswith("].")
    assert [part.answer_id is None for part in parts] == [True] * (len(parts) - 1) + [False]
    assert sum((part.notes for part in parts), ()) == whole.notes


def test_sentence_longer_than_a_message_is_cut_between_words() -> None:
    text = f"{'word ' * 400}ends [1]."
    parts = split_reply(reply_of(replace(sample("en"), text=text, notes=())), lambda part: len(part.text) <= 300)
    assert " ".join(part.text for part in parts) == text
    assert all(len(part.text) <= 300 for part in parts)
