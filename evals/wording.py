"""What can be read off an answer's wording: its language and script, whether it declines, how it begins. Pure."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

from evals.case import Polarity
from knowledge.rule import Language
from knowledge.words import HAN, fold, to_simplified, to_traditional

_MARKER = re.compile(r"\[\d+\]")
_LATIN = re.compile(r"[A-Za-z]+")
_CLEAR_SHARE = 0.8
"""Names keep their own script, so a text is of a script when this share of its telling characters is."""

_DECLINES = re.compile(
    r"\b(?:cannot|can't|could not|couldn't|unable to|do not|don't|did not|didn't) (?:answer|find|have|know|help|provide"
    r"|determine|verify|confirm)|\b(?:no|not enough|insufficient) (?:information|records?|data|evidence|context)\b"
    r"|\bnot (?:mentioned|covered|available|specified) in\b|\bi(?:'m| am) (?:sorry|afraid)\b|\bout(?:side)? (?:of )?"
    r"(?:my |the )?scope\b|\boff[- ]topic\b"
    r"|无法(?:回答|确定|提供|找到|确认)|不能回答|答不了|没有(?:足够|找到|相关|任何)|未能找到|找不到|资料不足|信息不足|并无记录"
    r"|没有(?:记录|资料|信息)|抱歉|超出(?:了)?(?:我的)?范围|答唔到|揾唔到"
)
_STOP = r"(?=\s*(?:[，,。.；;：:！!、]|$))"
"""A word that also begins other sentences is a lead only where a pause follows."""
_LEADS: tuple[tuple[Polarity, re.Pattern[str]], ...] = (
    (
        "depends",
        re.compile(
            r"(?:that |it |this )?depends\b|partly\b|in part\b|not (?:always|entirely|necessarily)\b|sometimes\b"
            r"|only (?:if|where|when|in|with|after|under|to some|for some)\b|in some cases\b"
            r"|视乎?|要视|要看|取决于|部分可以|不一定|未必|唔一定|有条件|不完全|不尽|只有在|只限于|仅在"
        ),
    ),
    (
        "no",
        re.compile(
            r"(?:no|not|never)\b|不(?!同|少|过|断|仅|但|论|管)|否|没有|没|尚未|暂未|未有|还没|并非|并未|并没|并不|并无|冇|唔|从未"
            rf"|(?:无|非|未){_STOP}"
        ),
    ),
    (
        "yes",
        re.compile(
            rf"yes\b|是的|可以|确实|的确|(?:是|可|有|会|能|对|需要?|要|必须|已经?|得|系|正确|没错|啱|属实|当然){_STOP}"
        ),
    ),
)


def language_of(text: str) -> Language | None:
    """The language and script of a text; None where it has no letters, or both scripts in earnest."""
    plain = _MARKER.sub("", text)
    han = Counter(HAN.findall(plain))
    if han.total() < len(_LATIN.findall(plain)):
        return "en"
    simplified = sum(count for character, count in han.items() if _is_simplified(character))
    traditional = sum(count for character, count in han.items() if _is_traditional(character))
    if traditional >= _CLEAR_SHARE * (simplified + traditional) > 0:
        return "zh-Hant"
    return "zh-Hans" if simplified >= _CLEAR_SHARE * (simplified + traditional) > 0 else None


def fits_language(text: str, language: Language) -> bool:
    """Whether a text is in the language; a Chinese one without a telling character is in both scripts."""
    found = language_of(text)
    if found is None and language != "en":
        telling = any(_is_simplified(character) or _is_traditional(character) for character in text)
        return HAN.search(text) is not None and not telling
    return found == language


@cache
def _is_simplified(character: str) -> bool:
    return to_traditional(character) != character and to_simplified(character) == character


@cache
def _is_traditional(character: str) -> bool:
    return to_simplified(character) != character


def declines(text: str) -> bool:
    """Whether the opening of a text says that there is no answer. For targets that do not say so by type."""
    opening = fold(text).replace("’", "'")[:200]
    return not opening.strip() or _DECLINES.search(opening) is not None


def lead(text: str) -> Polarity | None:
    """How the text begins: yes, no or depends; None for none of them."""
    opening = fold(_MARKER.sub("", text)).lstrip(" \n*_#>-\"'“”「」")
    return next((polarity for polarity, begins in _LEADS if begins.match(opening)), None)
