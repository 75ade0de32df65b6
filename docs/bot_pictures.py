"""Draws a reply as each chat shows it, from the very payloads that the bots send: python docs/bot_pictures.py."""

from __future__ import annotations

import asyncio
import html
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

from assistant.answer import Answer
from assistant.assembly import open_assistant
from assistant.question import Question
from assistant.settings import AssistantSettings
from knowledge.settings import KnowledgeSettings
from server.bots.lark_card import card_of as lark_card_of
from server.bots.reply import BotReply, reply_of
from server.bots.slack_reply import blocks_of
from server.bots.teams_card import card_of as teams_card_of
from server.bots.telegram_reply import html_of
from server.bots.wording import word

HERE = Path(__file__).resolve().parent
CHROMIUM = Path("/usr/bin/chromium")
QUESTION = "At the end of 2023, did a stablecoin issuer need a licence?"
_STYLE = """
body { font: 15px/1.45 system-ui, "Noto Sans CJK HK", sans-serif; margin: 0; padding: 20px; width: 1240px;
  display: grid; grid-template-columns: 1fr 1fr; gap: 20px; background: #eceef1; color: #1d1c1d }
section { background: #fff; border-radius: 10px; padding: 14px 18px; overflow-wrap: anywhere }
h2 { font-size: 13px; margin: 0 0 8px; color: #667 } p { margin: 0 0 8px; white-space: pre-line }
.small { font-size: 13px; color: #616061; margin: 0 0 4px } a { color: #1264a3; text-decoration: none }
.button { display: inline-block; border: 1px solid #ccc; border-radius: 6px; padding: 4px 12px; margin: 4px 8px 0 0 }
.telegram { background: #e7f3e3 } hr { border: 0; border-top: 1px solid #ddd }
"""


def slack(reply: BotReply) -> str:
    """Block Kit."""
    drawn = []
    for block in blocks_of(reply):
        if block["type"] == "actions":
            drawn.append(_buttons(one["text"]["text"] for one in block["elements"]))
        else:
            text = block["text"]["text"] if block["type"] == "section" else block["elements"][0]["text"]
            text = re.sub(r"<([^|>]+)\|([^>]+)>", r'<a href="\1">\2</a>', text)
            text = re.sub(r"\*(\[\d+\])\*", r"<b>\1</b>", text)
            drawn.append(_line(text, small=block["type"] == "context"))
    return "".join(drawn)


def telegram(reply: BotReply) -> str:
    """Telegram's HTML and its inline buttons."""
    signs = (("👍", "up"), ("👎", "down"))
    return _line(html_of(reply)) + _buttons(f"{sign} {word(key, reply.language)}" for sign, key in signs)


def lark(reply: BotReply) -> str:
    """An interactive card."""
    return "".join(_lark_element(one) for one in lark_card_of(reply)["elements"])


def _lark_element(element: dict[str, Any]) -> str:
    if element["tag"] == "hr":
        return "<hr>"
    if element["tag"] == "action":
        return _buttons(one["text"]["content"] for one in element["actions"])
    if element["tag"] == "note":
        return _line(html.escape(element["elements"][0]["content"]), small=True)
    text = element["text"]
    if text["tag"] == "plain_text":
        return _line(html.escape(text["content"]))
    return _line(re.sub(r"\[([^\]]*)\]\(([^)]*)\)", r'<a href="\2">\1</a>', text["content"]), small=True)


def teams(reply: BotReply) -> str:
    """An adaptive card."""
    card = teams_card_of(reply)
    lines = [_line("".join(map(_run, one["inlines"])), "size" in one["inlines"][0]) for one in card["body"]]
    return "".join(lines) + _buttons(one["title"] for one in card.get("actions", ()))


def _run(run: dict[str, Any]) -> str:
    text, address = html.escape(run["text"]), run.get("selectAction", {}).get("url")
    return f'<a href="{html.escape(address)}">{text}</a>' if address else text


def _line(text: str, small: bool = False) -> str:
    return f'<p class="{"small" if small else ""}">{text}</p>'


def _buttons(labels: Any) -> str:
    return "".join(f'<span class="button">{html.escape(label)}</span>' for label in labels)


CHATS: tuple[Callable[[BotReply], str], ...] = (slack, telegram, lark, teams)


async def ask() -> Answer:
    """The answer that is drawn."""
    assistant = open_assistant(KnowledgeSettings(), AssistantSettings())
    try:
        return await assistant.ask(Question(QUESTION))
    finally:
        assistant.close()
        assistant.library.close()


def main() -> None:
    """Draw the four into one picture."""
    reply = reply_of(asyncio.run(ask()))
    parts = [
        f'<section class="{chat.__name__}"><h2>{chat.__name__.capitalize()}</h2>{chat(reply)}</section>'
        for chat in CHATS
    ]
    with sync_playwright() as playwright:
        path = str(CHROMIUM) if CHROMIUM.exists() else None
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 400})
        page.set_content(f"<style>{_STYLE}</style>{''.join(parts)}")
        picture = Image.open(io.BytesIO(page.screenshot(full_page=True)))
        picture.quantize(128).save(HERE / "bots.png", optimize=True)


if __name__ == "__main__":
    main()
