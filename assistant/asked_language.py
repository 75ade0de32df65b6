"""The language and script in which to answer. Pure."""

from __future__ import annotations

import re

from knowledge.rule import Language
from knowledge.words import HAN, to_simplified, to_traditional

_CANTONESE = re.compile("[嘅喺咗冇嗰啲哋嚟唔咩乜嘢佢係噉咁攞諗睇啱邊]|幾多|點解|而家|依家")
_WORD = re.compile(r"[A-Za-z]{2,}")
_FUNCTION_WORD = re.compile(r"\b(?:the|is|are|of|does|do|did|what|which|who|when|how|in|for|can|to)\b", re.IGNORECASE)


def read_asked_language(text: str, before: Language | None = None) -> Language:
    """Chinese where the question is put in Chinese, also around English names; Traditional for its script or Cantonese.

    A text in which both scripts look alike is answered in that of what came `before` it, else in Simplified; an English
    sentence that only quotes a Chinese name is answered in English.
    """
    han = "".join(HAN.findall(text))
    if not han or (len(_FUNCTION_WORD.findall(text)) >= 2 and len(han) < len(_WORD.findall(text))):
        return "en"
    traditional = sum(a != b for a, b in zip(han, to_simplified(han), strict=False))
    simplified = sum(a != b for a, b in zip(han, to_traditional(han), strict=False))
    cantonese = _CANTONESE.search(text) is not None
    if cantonese and not any(to_traditional(one) != one for one in han):
        return "zh-Hant"  # 公布 is 公佈 beside it, and many in Hong Kong write 公布
    if traditional == simplified:
        return "zh-Hant" if cantonese or before == "zh-Hant" else "zh-Hans"
    return "zh-Hant" if traditional > simplified else "zh-Hans"
