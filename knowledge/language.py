"""Which language and script a document is written in. Pure, but for OpenCC's tables."""

from __future__ import annotations

import re

from knowledge.draft import DraftLanguage
from knowledge.words import HAN, to_simplified, to_traditional

_WORD = re.compile(r"[A-Za-z]{2,}")
_SAMPLE = 3_000
_WORDS_PER_CHARACTER = 0.6
"""Chinese says in one character what takes about 0.6 of an English word."""


def language_of(text: str) -> DraftLanguage:
    """`en`, `zh-Hans` or `zh-Hant`: by the weight of Chinese against words, then by which script it is written in.

    Text that is the same in both scripts counts as Simplified.
    """
    sample = text[: 10 * _SAMPLE]
    han = "".join(HAN.findall(sample))
    if not han or len(han) * _WORDS_PER_CHARACTER < len(_WORD.findall(sample)):
        return "en"
    han = han[:_SAMPLE]
    traditional = sum(a != b for a, b in zip(han, to_simplified(han), strict=False))
    simplified = sum(a != b for a, b in zip(han, to_traditional(han), strict=False))
    return "zh-Hant" if traditional > simplified else "zh-Hans"
