"""Whether a sentence says what its records say, by its words. Pure; the mechanical part of the check of wording.

1. Coverage: the share of the sentence's content terms that the records have, in whichever language they are held.
   A sentence on another matter, or an invented one, has few of them.
2. Direction: against the record's own sentence that is nearest, the number of negations must agree (both even or
   both odd). That finds a rule turned around (`may` made `may not`, 须 made 无须) while its words stay.

What neither can see (a subject exchanged, `may` for `must`) is left to the second model call, where it is set.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from knowledge.sentence import sentences
from knowledge.words import HAN, fold, has_han, terms

ENOUGH, ENOUGH_HAN = 0.5, 0.55
"""Smallest coverage that counts as support, for English and for Chinese sentences.

Measured on the corpus: of its 2,072 evidence sentences, which put a rule's statement in other words, 93 % (English)
and 92 % (Chinese, by characters) reach it against their own rule, and 4 % and 5 % against another of the topic.
"""
NEAR = 0.6
"""Coverage by one sentence of a record from which on its direction is compared."""
MARGIN = 0.1
"""Sentences of the record whose coverage is so close to the best are all asked for their direction."""
_STOP = frozenset(
    re.findall(
        r"\w+",
        "an the and a or but of to in on at by for from with as is are was were be been being it its this "
        "that these those which who whom what when where there here their they them he she his her we our you "
        "your i can may might must shall should will would could do does did has have had also only such any "
        "all each both either than then so if about into over under up out per more most other same own very "
        "just not no nor never none cannot without while whether however because since until before after "
        "between through during according records record says say said state states stated means need needs "
        "needed require requires required rule rules hong kong ",
    )
)
_STOP_HAN = frozenset(
    "的是了在和与及或有为以于其该并也等由按就对从到被把让使之而则且将可须应得已所这那个名项年月日自至前后内中上下"
)
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|neither|nor|cannot|without|nobody|nothing|\w+n[’']t|prohibit\w*|forbid\w*|forbidden"
    r"|ban|bans|banned|bars|barred|exempt\w*|unlawful|illegal|outside|ceased?|refus\w+|reject\w*)\b"
    r"|不|未|无|没|禁|毋|非(?!常)|免|勿|莫|唔|冇|拒|停止"
)
_DOUBLED = re.compile(
    r"不少于|不得少于|不低于|不超过|不多于|不限于|非同质化?|不同|无牌|未来|不断|不论|无论|不仅|不只|不少"
)
_DOUBLED_ENGLISH = re.compile(
    r"\b(?:not only|no later than|no less than|no more than|not exceed\w*|not limited to|non-fungible"
    r"|not less than|not more than)\b"
)
_ENDING = re.compile(r"(?:ations?|ments?|ings?|ers?|ors?|ies|ied|ed|es|s|e|y|ly)$")


def coverage(sentence: str, held: str) -> float:
    """The share, 0 to 1, of the sentence's content terms that `held` has; 1.0 where it has none to judge by."""
    wanted = _content(sentence)
    return len(wanted & _content(held)) / len(wanted) if wanted else 1.0


def wording_fault(sentence: str, records: Iterable[str]) -> str | None:
    """What is wrong with the wording of a sentence that cites these texts; None where nothing is."""
    texts = list(records)
    share = max((coverage(sentence, text) for text in texts), default=0.0)
    if share < (ENOUGH_HAN if has_han(sentence) else ENOUGH):
        return f"Only {share:.0%} of its words stand in a cited record."
    nearest = [(coverage(sentence, part), part) for text in texts for part in _parts(text)]
    near = [(score, part) for score, part in nearest if score >= NEAR]
    if not near:
        return None
    best = max(score for score, _ in near)
    if all(_negations(part) % 2 != _negations(sentence) % 2 for score, part in near if score >= best - MARGIN):
        return "It turns around what the cited record says."
    return None


def _parts(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def _negations(text: str) -> int:
    plain = _DOUBLED_ENGLISH.sub(" ", _DOUBLED.sub(" ", fold(text)))
    return len(_NEGATION.findall(plain))


def _content(text: str) -> frozenset[str]:
    folded = fold(text)
    found = {character for character in HAN.findall(folded) if character not in _STOP_HAN}
    for term in terms(HAN.sub(" ", folded)):
        if not term[0].isdigit() and term not in _STOP:
            found.add(_ENDING.sub("", term) if len(term) > 4 else term)
    return frozenset(found)
