"""A question taken apart: several questions in one, and the two sides of a comparison. Pure."""

from __future__ import annotations

import re

from assistant.content import asked_units
from assistant.instructions import instructs
from knowledge.sentence import sentences

_BORDER = re.compile(r"(?<=[?？])\s*|(?<=[；;])\s*|\n+")
_MOST = 3
_CLAUSE = re.compile(r"[,，、]\s*(?:and\s+)?|\s+and\s+(?=(?:what|when|who|which|how|where|why)\b)", re.IGNORECASE)
_ASKS = re.compile(
    r"(?i)\b(?:what|when|who|which|how|where|why)\b|什么|甚么|什麼|甚麼|何时|何時|几时|幾時|谁|誰|多少|几多|幾多|哪|为何|為何|点解|點解|边|邊|咩"
)
_ORDER = re.compile(
    r"(?i)\W*(?:please )?(?:reply|answer|respond|write|speak|cite|say|output)\b(?![^?]*\?)"
    r"|\W*(?:请)?(?:只|用|以)[^？?]{0,12}(?:回答|回复|作答)(?![^？?]*[？?])"
)
_LEADING_ORDER = re.compile(r"(?i)^\W*(?:please )?(?:reply|answer|respond|cite|write)\b[^?:]{0,80}:\s*")
_COMPARING = re.compile(
    r"(?i)\bwhat (?:is|are) the differences?\b|\bhow (?:do|does)\b"
    r"|\b(?:compared?|comparison|differences?|differ|versus|vs|between|and)\b"
    r"|(?:有)?(?:什么|何|咩|乜)?(?:区别|區別|分别|分別|不同|差异|差異|差别|差別|唔同)"
    r"|比较|比較|对比|對比|和(?=\s)|^和"
)
_SIDES = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"\b(?:differences?|differ|distinction|compar\w+|contrast)\b.{0,60}?\b(?:between|of)\s+(?P<a>.+?)\s+and\s+(?P<b>[^?]+)",
        r"\bhow (?:do|does|did|is|are)\s+(?P<a>.+?)\s+(?:differ(?:ent)?|compare)\s+(?:from|with|to)\s+(?P<b>[^?]+)",
        r"\bcompare\s+(?P<a>.+?)\s+(?:and|with|to|against)\s+(?P<b>[^?]+)",
        r"(?P<a>[^?,]+?)\s+(?:vs\.?|versus)\s+(?P<b>[^?,]+)",
        r"(?:比较|比較|对比|對比)(?:一下)?(?P<a>.+?)(?:和|与|與|跟|同|及)(?P<b>[^?？]+)",
        r"(?P<a>[^,，?？]+?)(?:和|与|與|跟|同埋|同|对比|對比|相比)(?P<b>[^?？,，有的嘅何]+)[^?？]{0,16}?"
        r"(?:区别|區別|分别|分別|不同|差异|差異|差别|差別|唔同|点比|點比|如何比较)",
    )
)


def without_orders(text: str) -> str:
    """The text without orders on how to answer, where a question is left; orders do nothing here anyway."""
    spans = sentences(text)
    kept = [
        text[start:end] for start, end in spans if not (_ORDER.match(text[start:end]) or instructs(text[start:end]))
    ]
    left = _LEADING_ORDER.sub("", " ".join(kept)).strip()
    return left if asked_units(left) else text


def split_questions(text: str) -> list[str]:
    """The questions in a text that asks several, at most three; the text itself where it asks one."""
    parts = [part.strip() for part in _BORDER.split(text) if part and part.strip()]
    asking = [part for part in parts if asked_units(part)]
    if len(asking) < 2 or sum("?" in part or "？" in part for part in asking) < 2:
        return [text]
    return asking[:_MOST]


def split_clauses(text: str) -> tuple[str, str] | None:
    """Two things asked in one breath ("when did it start, what does it study?"); None where one is asked."""
    pieces = [piece.strip() for piece in _CLAUSE.split(text) if piece.strip()]
    if len(pieces) != 2 or not all(_ASKS.search(piece) and asked_units(piece) for piece in pieces):
        return None
    return pieces[0], pieces[1]


def sides_of(text: str) -> tuple[str, str] | None:
    """The question for either of two things compared, each without the other; None where it names no two."""
    for form in _SIDES:
        match = form.search(text)
        if match and asked_units(match["a"]) and asked_units(match["b"]):
            return _without(text, match.span("b")), _without(text, match.span("a"))
    return None


def _without(text: str, span: tuple[int, int]) -> str:
    return _COMPARING.sub(" ", f"{text[: span[0]]} {text[span[1] :]}").strip()
