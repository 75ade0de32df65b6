"""Text to terms, and one Chinese script to the other. Pure, but for loading OpenCC's tables once.

Matching folds: NFKC, lower case, Traditional to Simplified, so that 穩定幣 finds 稳定币 and ＶＡＴＰ finds vatp.
What is shown is never folded. Chinese is cut into overlapping pairs of characters (they match or beat dictionary
words here); everything else into words.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from operator import add
from typing import Any

import opencc

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
HAN = re.compile(f"[{_HAN}]")
_WORD = rf"[^\W_{_HAN}]+"
_TERM = re.compile(rf"[{_HAN}]+|{_WORD}(?:[.,'’\-/]{_WORD})*", re.UNICODE)
_NON_HAN_PIECE = re.compile(rf"\d+(?:[.,]\d+)*|[^\W\d_{_HAN}]+", re.UNICODE)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")

# Names and words that OpenCC's s2hk gets wrong, as (what it makes, what Hong Kong writes).
_HK_CORRECTIONS = (
    ("餘偉文", "余偉文"),
    ("長髮牌", "長發牌"),
    ("户", "戶"),
    ("瞭解", "了解"),
    ("餘振榮", "余振榮"),
    ("纔", "才"),
    ("羣", "群"),
    ("最多隻有", "最多只有"),
    ("銀髮〔", "銀發〔"),
    ("彙報", "匯報"),
)
_AND = re.compile("(?<![一合兼吞歸裁整])併(?![購入網吞])")
"""What OpenCC makes of 并 at the head of a clause, where it means "and"."""


@cache
def _converter(name: str) -> Any:
    return opencc.OpenCC(name)


@lru_cache(maxsize=4096)
def to_traditional(text: str) -> str:
    """Simplified to Hong Kong's Traditional characters (OpenCC `s2hk`, then corrections of names)."""
    converted: str = _converter("s2hk").convert(text)
    for wrong, right in _HK_CORRECTIONS:
        converted = converted.replace(wrong, right)
    return _AND.sub("並", converted)


@lru_cache(maxsize=4096)
def to_simplified(text: str) -> str:
    """Traditional to Simplified characters (OpenCC `t2s`)."""
    if HAN.search(text) is None:
        return text
    simplified: str = _converter("t2s").convert(text)
    return simplified.replace("𠮶", "嗰")  # OpenCC's rare form of the Cantonese word that everybody writes 嗰


def visible(text: str) -> str:
    """The text without zero-width and direction-changing characters."""
    return _INVISIBLE.sub("", text)


@lru_cache(maxsize=1024)
def fold(text: str) -> str:
    """The form in which texts are compared: NFKC, lower case, Simplified, nothing invisible."""
    return to_simplified(unicodedata.normalize("NFKC", visible(text)).lower())


def has_han(text: str) -> bool:
    """Whether the text has a Chinese character."""
    return HAN.search(text) is not None


def terms(text: str) -> list[str]:
    """Search terms in order, with repeats: pairs of Chinese characters (a lone one as it is), words of the rest.

    A hyphenated or dotted word gives its whole (without the marks) and its parts: `e-HKD` gives `ehkd`, `e`, `hkd`.
    """
    found: list[str] = []
    for match in _TERM.finditer(fold(text)):
        run = match.group()
        if HAN.match(run):
            found.extend(map(add, run, run[1:]) if len(run) > 1 else run)
            continue
        if run.isalpha():
            found.append(run)
            continue
        pieces = _NON_HAN_PIECE.findall(run)
        if len(pieces) > 1:
            found.append(re.sub(r"[\W_]", "", run))
        found.extend(re.sub(r"[.,]", "", piece) if piece[0].isdigit() else piece for piece in pieces)
    return found
