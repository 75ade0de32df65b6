"""A follow-up made to stand alone, with the questions before it. Pure.

Kinds: a date alone ("as of March 2023?", "and now?") asks the last question again for another day; a pointer to a
source ("第二点的来源?") asks about what was cited; a wish for the answer itself ("shorter", "in English please", "and
before that?") asks the last question again; another rank ("第三間呢?") takes the place of the one asked before; a
fragment ("那托管呢?", "and for professionals?") keeps the last question's subject; anything with a subject of its own
stands alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from assistant.asked_date import read_asked_date
from assistant.asked_kind import read_asked
from assistant.asked_names import ORDINAL
from assistant.content import asked_units
from assistant.exchange import with_rank
from assistant.follow import Follow
from assistant.on_the_answer import read_wish
from assistant.pointed import POINT, number_pointed
from assistant.question import Turn, last_answered
from knowledge.words import fold, has_han


@dataclass(frozen=True, slots=True)
class Standalone:
    """The question as it reads on its own; `focus` is what is new in a fragment."""

    text: str
    follow: Follow
    focus: str = ""
    number: int | None = None
    """The citation that a pointer to a source names, from 1."""


_ASKED_HAN = (
    r"(?:(?:是|系|在|出自)?(?:什么|咩|乜|(?:哪|边)一?(?:条|份|个|段|篇|项|款|度|里|处|本)?)(?:文件|法例|条文|资料)?)"
)
_SOURCE = re.compile(
    rf"(?:(?:来源|出处|原文){_ASKED_HAN}?|边度嚟|邊度嚟|根据{_ASKED_HAN}|你?(?:怎么|点样?)知道?"
    rf"|依据(?:{_ASKED_HAN}|呢)?\s*[?？。!]*$|出自{_ASKED_HAN})"
    r"|\b(?:sources?|citations?|references?|where (?:does|did)\b.{0,30}\bcome from|cite"
    r"|(?:which|what) (?:document|circular|provision|section|paragraph)\b.{0,16}\b(?:that|this|it) (?:from|in)"
    r"|says who|based on what|how do you know|where did you (?:get|find|read|see)\b.{0,12})\b"
)
_OPENER = re.compile(
    r"^(?:and|but|so|then|ok(?:ay)?,?|what about|how about|and what about|same for|also)\b"
    r"|^(?:那么?|咁|噉|另外|还有|仲有|而|至于|换成|如果(?:是|系)|若(?:是|系)?|后来|之后|其后|第[一二三四五六七八九十\d](?:个|家|间|次|批|份|只|期)(?!段))"
    r"|^(?:later|afterwards|the (?:second|third|next|other) (?:one|time)?)\b"
)
_POINTER = re.compile(
    r"\b(?:it|its|they|them|their|that|those|these|this|he|she|his|her|there|the same|the former|the latter)\b"
    r"|(?:它|其中|他们?|她|佢哋?|呢个|嗰个|呢啲|嗰啲|这个|那个|这些|那些|上述|前者|后者|刚才|刚刚|一样|该(?!豁)|(?:这|此|呢)(?:项|条|家|间|种|份|件|次|宗|单)|(?<!什么)时候呢)"
)
_NOW = re.compile(r"\b(?:now|today|currently|these days|still)\b|现在|目前|而家|依家|现时|今日|今天")
_TRAILING = re.compile(r"呢\s*[?？]*$")
_FRAGMENT_UNITS_ENGLISH = 3
_FRAGMENT_UNITS_CHINESE = 8


def make_standalone(text: str, turns: Sequence[Turn], today: date) -> Standalone:
    """The question as it reads without its turns; `Follow.UNCLEAR` where nothing says what it is about."""
    before = _standing_question(turns, today)
    return _after(before, text, turns, today) if before else _without_turns(text, today)


def _without_turns(text: str, today: date) -> Standalone:
    folded = fold(text).strip()
    named = asked_units(ORDINAL.sub(" ", _POINTER.sub(" ", fold(_without_date(text, today)))))
    points = read_wish(text) is not None or (len(named) <= 1 and _POINTER.search(folded) is not None)
    return Standalone(text, Follow.UNCLEAR if points or not named else Follow.ALONE)


def _after(before: str, text: str, turns: Sequence[Turn], today: date) -> Standalone:
    folded = fold(text).strip()
    if _SOURCE.search(folded) and _only_points(folded):
        return Standalone(before, Follow.SOURCE, number=number_pointed(folded, last_answered(turns)))
    wish = read_wish(text)
    if wish is not None:
        return Standalone(before, wish)
    units = asked_units(_without_date(text, today))
    if not units and _NOW.search(folded):
        return Standalone(_without_date(before, today) or before, Follow.NOW)
    if not units and read_asked_date(text, today).mentions:
        return Standalone(_without_date(before, today) or before, Follow.DATE)
    ranked = with_rank(before, text)
    if ranked:
        return Standalone(ranked, Follow.INSTEAD)
    if (not units and read_asked(text)) or (units and _is_fragment(folded, len(units))):
        return Standalone(f"{before} {text}", Follow.FRAGMENT, focus=text)
    return Standalone(text, Follow.ALONE if units else Follow.UNCLEAR)


def asked_before(turns: Sequence[Turn], today: date) -> tuple[str, ...]:
    """The last two questions that ask for something themselves, oldest first, each as it was put."""
    asked: list[str] = []
    for place, turn in enumerate(turns):
        standalone = make_standalone(turn.question, turns[:place], today)
        if standalone.follow in (Follow.ALONE, Follow.FRAGMENT):
            asked.append(turn.question)
        elif standalone.follow is Follow.INSTEAD:
            asked.append(standalone.text)
    return tuple(asked[-2:])


def points_only(text: str) -> bool:
    """Whether a question only points at something that was said, without naming it."""
    folded = fold(text).strip()
    pointing = _POINTER.search(folded) or _SOURCE.search(folded) or read_wish(text) or _OPENER.search(folded)
    return pointing is not None and len(asked_units(_POINTER.sub(" ", folded))) <= _FRAGMENT_UNITS_CHINESE


def _standing_question(turns: Sequence[Turn], today: date) -> str:
    """The last question as it stood alone: fragments of fragments keep the subject of the first."""
    subject = ""
    for place, turn in enumerate(turns):
        follow = make_standalone(turn.question, turns[:place], today)
        if follow.follow is Follow.FRAGMENT:
            subject = f"{_head(subject)} {turn.question}".strip()
        elif follow.follow in (Follow.ALONE, Follow.INSTEAD):
            subject = follow.text
    return subject


def _head(text: str) -> str:
    return text if len(text) < 400 else text[:400]


def _is_fragment(folded: str, units: int) -> bool:
    short = units <= (_FRAGMENT_UNITS_CHINESE if has_han(folded) else _FRAGMENT_UNITS_ENGLISH)
    if _OPENER.search(folded) and units <= 2 * _FRAGMENT_UNITS_CHINESE:
        return True
    if _POINTER.search(folded) and units <= 12:
        return True
    return short and (_TRAILING.search(folded) is not None or units <= 2)


def _only_points(folded: str) -> bool:
    """Whether, pointer and source words aside, nothing is left to be about."""
    rest = POINT.sub(" ", _SOURCE.sub(" ", folded))
    return len(asked_units(rest)) <= 2


def _without_date(text: str, today: date) -> str:
    """The text without its dates and the words that only introduce one."""
    asked = read_asked_date(text, today)
    bare = re.sub(r"(?i)\b(?:as (?:of|at|on)|back in|in|on|by|until|before|after|since|during|around)\b", " ", text)
    bare = re.sub(
        r"(?i)(?:19|20)\d\d\s*年?[底初中末]?|\d{1,2}\s*[月日号號]|年底|年初|年中|上半年|下半年|第?[一二三四1-4]季度?|Q[1-4]",
        " ",
        bare,
    )
    bare = re.sub(
        r"(?i)\b(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
        r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|early|mid|late|end|start|year|month|last|this|next)\b",
        " ", bare,
    )  # fmt: skip
    bare = re.sub(
        r"去年|前年|今年|上个月|上個月|上月|截至|截止|到了|回到|那?年|嗰陣|嗰阵|嘅时候|時候|时候|当时|當時|\d",
        " ",
        bare,
    )
    return bare if asked.mentions else text
