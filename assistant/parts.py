"""A question taken apart: several questions in one, two things asked in one breath, orders beside it. Pure."""

from __future__ import annotations

import re

from assistant.asked_kind import Asked, read_asked
from assistant.content import asked_units
from assistant.instructions import instructs
from assistant.on_the_answer import read_wish
from knowledge.sentence import sentences

_BORDER = re.compile(r"(?<=[?？])\s*|(?<=[；;])\s*|\n+")
_MOST = 3
_FEW = 6
"""Units that a piece has at most which only names another thing."""
_ADDS = re.compile(
    r"(?i)^(?:and|or) (?:what about|how about|for|by|under|against|to|in)\b|^(?:那么?|至于|至於|换成|換成)"
)
"""How a piece begins that asks the same of another thing."""
_CLAUSE = re.compile(
    r"(?i)[,，]\s*(?=(?:and|or) (?:what about|how about|for|by|under|against|to|in)\b)|[,，、]\s*(?:and\s+)?"
    r"|\s+and\s+(?=(?:(?:since|from) when|what|when|who|which|how|where|why)\b"
    r"|(?:is|are|was|were|do|does|did|must|can|may|has|have|will|should)\s+(?:there|it|they|the|a|an|this|that|i|we)\b)"
    r"|(?:以及|并且|並且|而且|同埋|还有|還有)(?=.{0,12}(?:什么|什麼|几|幾|多少|谁|誰|哪|有没有|有沒有|有冇|是否|吗|嗎))"
)
_ASKS = re.compile(
    r"(?i)\b(?:what|when|who|which|how|where|why)\b|什么|甚么|什麼|甚麼|何时|何時|几时|幾時|谁|誰|多少|几多|幾多|哪|为何|為何|点解|點解|边|邊|咩"
)
_ORDER = re.compile(
    r"(?i)\W*(?:please )?(?:reply|answer|respond|write|speak|cite|say|output)\b(?![^?]*\?)"
    r"|\W*(?:请)?(?:只|用|以)[^？?]{0,12}(?:回答|回复|作答)(?![^？?]*[？?])"
)
_LEADING_ORDER = re.compile(r"(?i)^\W*(?:please )?(?:reply|answer|respond|cite|write)\b[^?:]{0,80}:\s*")


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


def split_clauses(text: str) -> tuple[str, ...]:
    """Things asked in one breath ("when did it start, what does it study?"), at most three; empty where one is asked.

    A piece that asks nothing belongs to the one before it.
    """
    pieces: list[str] = []
    for piece in (piece.strip() for piece in _CLAUSE.split(text)):
        if pieces and piece and not _asks(piece):
            pieces[-1] = f"{pieces[-1]}, {piece}"
        elif piece:
            pieces.append(piece)
    asking = all(_asks(piece) and (asked_units(piece) or read_wish(piece)) for piece in pieces)
    return tuple(pieces) if asking and 2 <= len(pieces) <= _MOST else ()


def _asks(piece: str) -> bool:
    """Whether a piece asks something of its own, or the same of another thing."""
    return (
        _ASKS.search(piece) is not None
        or Asked.YES_NO in read_asked(piece)
        or (_ADDS.search(piece) is not None and len(asked_units(piece)) <= _FEW)
    )
