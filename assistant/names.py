"""Names in a sentence that the cited records do not have. Pure.

English writes names with capitals: a word with a capital that does not stand in the records is missing, unless it
is a word that any sentence may begin with. In Chinese, Latin words (`JPEX`, `USDT`) and titles in `《》` are names;
other Chinese names can't be told from words, and are left to the check of the wording.
An abbreviation is held where the records spell it out, by its initials.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from knowledge.abbreviations import STARTERS
from knowledge.words import fold, has_han, visible

_WORD = re.compile(r"[^\W\d_]+(?:[-.&'’/]?[^\W_]+)*")
_CHINESE = re.compile(r"[\u2e80-\uffef\U00020000-\U0002fa1f]+")
_HOME = re.compile(r"[A-Za-z\u00aa-\u024f\u1e00-\u1eff\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_TITLE = re.compile(r"《([^《》]{2,80})》")
_ALWAYS = frozenset(
    {
        "hong", "kong", "hk", "hongkong", "sar", "hksar", "english", "chinese", "i", "the", "january", "february",
        "march", "april", "may", "june", "july", "august", "september", "october", "november", "december", "jan",
        "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
    }
)  # fmt: skip
_OPENERS = STARTERS | {
    "according", "additionally", "also", "applicants", "are", "besides", "can", "conversely", "do", "does", "even",
    "finally", "further", "furthermore", "generally", "here", "in", "including", "issuing", "likewise", "more",
    "must", "specifically", "separately", "similarly", "still", "subject", "there", "two", "unlike", "using",
    "with", "without", "would", "yet", "anyone", "nobody", "everyone", "providers", "institutions", "banks",
}  # fmt: skip
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-.&'’/]?[A-Za-z0-9]+)*")
_JOINT = re.compile(r"[-.&'’/]")
_ENDINGS = re.compile(r"(?:'s|’s|s|es|ed|ing)$")


def missing_names(sentence: str, held: str) -> list[str]:
    """The names of the sentence that `held` does not have, in order, each once."""
    names = _names_in(sentence)
    titles = _TITLE.findall(sentence)
    missing: list[str] = []
    if names:
        known = _words(held)
        missing = [
            word
            for word, folded in names
            if not (folded in known or _stem(folded) in known or _spelled_out(word, held))
        ]
    if titles:
        text = fold(held)
        missing += [title for title in titles if fold(title) not in text]
    return list(dict.fromkeys(missing))


def _names_in(sentence: str) -> list[tuple[str, str]]:
    """The words that are names, as they stand and folded."""
    plain = unicodedata.normalize("NFKC", visible(sentence))
    chinese = has_han(plain)
    first = True
    found: list[tuple[str, str]] = []
    for word in _WORD.findall(_CHINESE.sub(" ", plain)):
        is_name = any(letter.isupper() for letter in word) or (chinese and len(word) > 2)
        opens, first = first and not chinese, False
        if not is_name:
            continue
        folded = fold(word)
        if folded not in _ALWAYS and not (opens and folded in _OPENERS):
            found.append((word, folded))
    return found


def foreign_letters(text: str) -> frozenset[str]:
    """The letters that are neither Latin nor Chinese: look-alikes (Cyrillic а, Greek ο) hide words from a check."""
    if text.isascii():
        return frozenset()
    letters = set(unicodedata.normalize("NFKC", text))
    return frozenset(letter for letter in letters if letter.isalpha() and not _HOME.match(letter))


@lru_cache(maxsize=512)
def _words(text: str) -> frozenset[str]:
    found = {match.lower() for match in _LATIN.findall(text)}
    parts = {part for word in found for part in _JOINT.split(word)}
    return frozenset(found | parts | {_stem(word) for word in found | parts})


def _stem(word: str) -> str:
    return _ENDINGS.sub("", word) if len(word) > 4 else word


def _spelled_out(word: str, held: str) -> bool:
    """Whether `held` has words in a row, the small ones aside, whose initials are the abbreviation."""
    if not (2 <= len(word) <= 8 and word.isascii() and word.isupper()):
        return False
    initials = "".join(part[0] for part in re.findall(r"\b[A-Z][A-Za-z]*", held))
    return word in initials
