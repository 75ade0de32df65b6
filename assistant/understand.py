"""A question read: what it is about, in which language, for which day, what it asks for. Pure; today is an argument."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from assistant.asked_date import read_asked_date, read_bare_date
from assistant.asked_kind import Asked, read_asked
from assistant.asked_language import read_asked_language
from assistant.exchange import Reading
from assistant.follow import Follow
from assistant.followup import Standalone, asked_before, make_standalone
from assistant.on_the_answer import language_wished
from assistant.question import Limits, Question, last_answered
from knowledge.rule import Language
from knowledge.words import fold, has_han, visible

_PAST = re.compile(
    r"\b(?:was|were|did|had|used to|originally|initially|previously|former(?:ly)?|earlier|old|first"
    r"|at the time|back then|before)\b|以前|之前|原本|原来|原先|最初|起初|当时|嗰阵|嗰时|当年|旧|曾|过去|本来"
)

_NOW = re.compile(
    r"\b(?:now|today|current(?:ly)?|latest|nowadays|these days|replaced|supersede[sd]?|still)\b"
    r"|现在|目前|现时|现行|如今|最新|而家|依家"
    r"|取代|还|仍|仲"
)

_SAME_DAY = frozenset(
    {
        Follow.DATE, Follow.FRAGMENT, Follow.INSTEAD, Follow.SOURCE, Follow.MORE, Follow.AGAIN, Follow.SHORTER,
        Follow.BEFORE, Follow.AFTER, Follow.SINCE,
    }
)  # fmt: skip
"""Follow-ups that are about the day of the turn before, where they name none."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as it is searched and answered.

    `as_of` is the day whose rules are told; `dated` whether the asker named it, `phrase` how (empty where it came
    as a field). `shown` are ids of records that the last answer that had any cited: refusals may have
    followed it.
    """

    text: str
    language: Language
    as_of: date
    today: date
    dated: bool
    phrase: str
    asked: frozenset[Asked]
    mentions: tuple[date, ...]
    standalone: Standalone
    limits: Limits
    shown: tuple[str, ...] = ()
    shown_text: str = ""
    """The question as the asker put it."""
    day_kept: bool = False
    """Whether the day is only that of the turn before."""
    earlier: tuple[str, ...] = ()
    """The questions before it that it may hang on, oldest first."""

    @property
    def past(self) -> bool:
        """Whether another day than today was asked for."""
        return self.dated and self.as_of != self.today

    @property
    def asks_of_now(self) -> bool:
        """Whether the question's words ask for what holds now, or for what came in place of something."""
        return not self.past and _NOW.search(fold(self.shown_text)) is not None

    @property
    def asks_of_the_past(self) -> bool:
        """Whether the question's words are on what was, so that what no longer holds may be what is asked for."""
        return bool(self.mentions) or Asked.CHANGE in self.asked or _PAST.search(fold(self.text)) is not None


def understand(question: Question, today: date) -> Understood:
    """Read a question with its turns."""
    text = visible(question.text).strip()
    standalone = make_standalone(text, question.turns, today)
    read = read_asked_date(text, today)
    if read.as_of is None and standalone.follow is Follow.DATE and read.mentions:
        read = read_bare_date(text, today)
    as_of = named = question.as_of or read.as_of
    if as_of is None and standalone.follow in _SAME_DAY:
        as_of = _inherited(question, read.mentions, standalone.follow, today)
    told = last_answered(question.turns)
    return Understood(
        text=standalone.text,
        language=question.language or language_wished(text) or _language(text, question, standalone.follow),
        as_of=as_of or today,
        today=today,
        dated=as_of is not None,
        day_kept=named is None and as_of is not None and not read.mentions,
        phrase="" if question.as_of else read.phrase,
        asked=read_asked(standalone.focus or standalone.text),
        mentions=read.mentions,
        standalone=standalone,
        limits=question.limits,
        shown=told.cited if told else (),
        shown_text=text,
        earlier=asked_before(question.turns, today),
    )


def read_alone(asked: Understood) -> Understood:
    """A follow-up as if nothing had been asked before it."""
    text = asked.standalone.focus or asked.text
    return replace(asked, text=text, asked=read_asked(text), shown=(), standalone=Standalone(text, Follow.ALONE))


def read_after(asked: Understood, before: str) -> Understood:
    """A follow-up as a fragment of what was asked or told before it."""
    focus = asked.standalone.focus or asked.text
    standalone = Standalone(f"{before} {focus}", Follow.FRAGMENT, focus=focus)
    return replace(asked, text=standalone.text, standalone=standalone, asked=read_asked(focus))


def read_instead(asked: Understood, reading: Reading) -> Understood:
    """A fragment as a question of its own."""
    standalone = replace(asked.standalone, text=reading.text, follow=Follow.INSTEAD, focus="")
    return replace(asked, text=reading.text, asked=read_asked(reading.text), standalone=standalone)


def _language(text: str, question: Question, follow: Follow) -> Language:
    """The question's own; a bare date (`2023?`, `as of March 2023?`) goes on in the language of the turn before."""
    if question.turns and follow in (Follow.DATE, Follow.NOW) and not has_han(text):
        return question.turns[-1].language
    return read_asked_language(text, question.turns[-1].language if question.turns else None)


def _inherited(question: Question, mentions: tuple[date, ...], follow: Follow, today: date) -> date | None:
    """The day of a follow-up that names none: that of the turn before; for one that names a day ahead, today."""
    if follow is Follow.DATE and mentions:
        return today
    return question.turns[-1].as_of if question.turns else None
