"""The date that a question is about. Pure; today is an argument.

A date in a question is one of two things. Either it says *when the rule must have held* ("as of March 2023",
2022年的时候可以吗), and then it limits the search; or it names *a thing* that happened or was published ("what changed
on 2 November 2023"), and then it is only a search word. The first needs a marker, or a question about a state; where
neither is there the date stays a search word, because wrongly hiding later records loses the answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from assistant.dates_named import Mention, is_relative, mentions_in
from knowledge.words import has_han, to_simplified

_REGIMES = (
    (
        re.compile(
            "(?:修例|修订条例|强制(?:发牌|牌照)|(?:新|发牌)制度|(?:开放|放)(?:给|俾|予)?散户(?:买卖|交易|入场)?)"
            "(?:未)?(?:实施|生效|开始|推出|出台|落实)?(?:之|以)?前"
            "|自愿(?:性)?(?:发牌|牌照|领牌)(?:制度|框架)?(?:年代|时代|时期|期间|下|底下|那时|的时候|嗰阵)"
            r"|\b(?:before|prior to) (?:the )?(?:amlo )?(?:(?:compulsory|mandatory) )?"
            r"(?:amendments?|licensing(?: regime)?|new regime|vatp regime|vasp regime"
            r"|retail (?:investors|clients|customers|trading|access) (?:(?:was|were) )?(?:let in|allowed|permitted))\b"
            r"|\b(?:under|during) the (?:voluntary|opt-in) (?:licensing )?(?:regime|framework|scheme|licensing)\b",
            re.IGNORECASE,
        ),
        date(2023, 5, 31),
    ),
    (
        re.compile(
            "稳定币(?:条?例|法|法规|(?:发牌|监管)?制度)(?:未)?(?:生效|实施|开始|落地)?(?:之|以)?前"
            r"|\b(?:before|prior to) (?:the )?(?:stablecoins? (?:ordinance|law|regime)|cap\.? ?656)\b",
            re.IGNORECASE,
        ),
        date(2025, 7, 31),
    ),
)
"""Regimes that people name instead of a date, with the last day before each: AMLO licensing, Cap. 656."""
_BEFORE = re.compile(r"(?:\b(?:before|prior to|until|up to)|\bpre-?)(?: the)?\s*$", re.IGNORECASE)
_BEFORE_AFTERWARDS = re.compile(
    r"^\s*的?(?:(?:新|发牌)?(?:制度|规定|指引|条例|通函)(?:实施|生效)?)?(?:之前|以前|前(?!景|提|台|往|海|后|者))"
)
_AS_OF = re.compile(
    r"(?:as (?:of|at|on)|as it stood (?:in|on|at)|valid (?:in|on|at)|in force (?:in|on|at|as of)"
    r"|effective (?:in|on|as of)|back in)(?: the)?\s*$|(?:截至|截止|截至到|直到|到了?|回到)\s*$",
    re.IGNORECASE,
)
_AS_OF_AFTERWARDS = re.compile(
    r"^\s*(?:的?(?:那个|嗰个)?时候|嗰阵|嗰时|嗰排|嗰段|那会儿|那阵|那段|当时|那时|当日|时点|为止|左右|前后|时(?!间))"
)
_STATE = re.compile(
    r"\b(?:could|were|was|had|did \w+(?: \w+){0,6} (?:need|have|require|allow|apply|treat|expect|cover)|must|allowed"
    r"|permitted|required|in force|is|are|can|do|does|govern\w*|applied|how many|what stage"
    r"|banned|barred|restricted|regulated|prohibited)\b"
    "|可以|可唔可以|能否|能不能|能够|是否|需要|须|要唔要|要不要|使唔使|必须|规定|是多少|系几多|是什么|系咩|允许|合法|强制|有冇|有没有"
    "|可否|可不可以|得唔得|要求|门槛|上限|下限|比例|标准|条件|规则|罚则"
    "|受|要什么|要咩|吗|有几|几多|多少|处于|由边个|由谁|如何看待|哪份|什么阶段|[哪边]一?步|什么程度",
    re.IGNORECASE,
)
_HAPPENING = re.compile(
    r"\b(?:happen\w*|announc\w*|publish\w*|chang\w*|launch\w*|issu(?:ed|es|e)|sa(?:y|id|ys)|grant\w*|replac\w*"
    r"|fin(?:e|ed)|conclu\w*|raise[ds]?|promis\w*|t(?:ook|ake) effect|commence\w*|release\w*)\b"
    "|发布|发表|宣布|推出|公布|说|讲|表示|发生|改变|变化|批出|获批|上市|新增|罚",
    re.IGNORECASE,
)
_CHANGING = re.compile(r"\b(?:chang\w*|happen\w*|replac\w*)\b|改变|变化|发生", re.IGNORECASE)
_AFTER = re.compile(r"\b(?:since|after|between|from)(?: the)?\s*$", re.IGNORECASE)
_AFTER_AFTERWARDS = re.compile(r"^\s*(?:之后|以后|以来|后(?!台|续)|起|至今)")
_TO = re.compile(r"^\s*(?:and|to|until|till|through|[-–—~至到])\s*$", re.IGNORECASE)
_FROM = re.compile(r"\b(?:between|from)(?: the)?\s*$", re.IGNORECASE)
_TODAY = re.compile(r"\b(?:now|today|currently|nowadays)\b|现在|目前|而家|依家|现时|如今", re.IGNORECASE)
_STILL, _WAS = re.compile(r"\bstill\b|仍|还", re.IGNORECASE), re.compile(r"\b(?:could|were|was|did|had)\b", re.I)
_DOCUMENT = re.compile(
    r"^的(?!时候)[^,，、?？;；]{0,16}?(?:指引|指南|通函|声明|宣言|文件|文章|演讲|讲话|发言|致辞|报告|咨询|总结|公告|公报|新闻|会议|修订|法案|草案"
    r"|建议|条例|决定|通知|事件|案|施政报告|预算案|预算|网志|博客|访问|采访|路线图|数据|调查|计划|沙盒|上市|发行|债券)"
)
"""What a date with 的 behind it names instead of a day: something published then, or that happened."""
_PREPOSITION = re.compile(r"\b(?:in|on|at|during|by|for|throughout)(?: the)?\s*$", re.IGNORECASE)
_OPENING = re.compile(r"^\W*(?:(?:in|on|at|by|during|back in|到|在|于)\s*)?$", re.IGNORECASE)
_COMMA = re.compile(r"^\s*(?:[,，、:：]|[-–—]\s)")


@dataclass(frozen=True, slots=True)
class AskedDate:
    """What was read: `as_of` where the date limits the search; `phrase` is how the question says it.

    `mentions` are the first days of all dates named, also of those that do not limit the search.
    """

    as_of: date | None
    phrase: str
    mentions: tuple[date, ...]


def read_asked_date(text: str, today: date) -> AskedDate:
    """Read the date from a question; a date in the future limits nothing, because no record of it can exist."""
    shown, text = text, to_simplified(text)
    mentions = list(mentions_in(text, today))
    days = tuple(mention.first for mention in mentions)
    for pattern, day in _REGIMES:
        match = pattern.search(text)
        if match:
            return AskedDate(min(day, today), shown[match.start() : match.end()], days)
    for mention in mentions:
        before, after = text[: mention.start], text[mention.end :]
        if _BEFORE.search(before) or _BEFORE_AFTERWARDS.search(after):
            return _asked(shown, mention, mention.first - timedelta(days=1), today, days)
        if _AS_OF.search(before) or _AS_OF_AFTERWARDS.search(after):
            return _asked(shown, mention, mention.last, today, days)
    soft = _range(text, mentions) or _about_a_state(text, mentions)
    if soft is not None:
        return _asked(shown, soft, soft.last, today, days)
    return AskedDate(None, "", days)


def read_bare_date(text: str, today: date) -> AskedDate:
    """Read the date from a text that is little more than one ("And by November 2025?"): its last day limits the search,
    whatever word leads to it."""
    read = read_asked_date(text, today)
    last = next(reversed(list(mentions_in(to_simplified(text), today))), None)
    return read if read.as_of is not None or last is None else _asked(text, last, last.last, today, read.mentions)


def undated(text: str, phrase: str) -> str:
    """A question without the date that it is asked for, and the words that lead to it."""
    leads = (
        r"(?:\b(?:as (?:of|at|on)|back in|in|on|at|by|during|until|before|prior to|up to)(?: the)?\s+"
        r"|截至|截止|直到|到了?|回到|在|于)?"
    )
    follows = (
        r"\s*(?:的?(?:那个|那個|嗰个|嗰個)?(?:时候|時候|嗰阵|嗰陣)(?:时|時)?|嗰[时時排段]|那会儿|那會兒|那[阵陣段]|当[时時日]|當[时時日]"
        r"|那[时時]|[时時](?![间間])|为止|為止|期间|期間|左右|前后|前後|之前|以前|前(?![景提台往海]))?\s*[,，、]?\s*"
    )
    bare = re.sub(rf"(?i)\s*{leads}{re.escape(phrase)}{follows}", " ", text, count=1) if phrase else text
    return bare.strip(" :：") or text


def names_a_day_of(text: str, phrase: str, today: date) -> bool:
    """Whether a text names a date that lies within the one that a phrase names."""
    asked = next(mentions_in(to_simplified(phrase), today), None)
    if asked is None:
        return False
    named = mentions_in(to_simplified(text), today)
    return any(asked.first <= one.first and one.last <= asked.last for one in named)


def months_named(text: str, today: date) -> frozenset[tuple[int, int]]:
    """The dates that a text names, each as (year, month), or (year, 0) where only the year is named."""
    found = mentions_in(to_simplified(text), today)
    return frozenset(
        (one.first.year, one.first.month if (one.first.year, one.first.month) == (one.last.year, one.last.month) else 0)
        for one in found
    )


def _range(text: str, mentions: list[Mention]) -> Mention | None:
    """The period of which a state is asked for ("between 2019 and 2023"), its day the one on which the last part of it
    begins; None where no two dates bound one, or what happened in it is asked for."""
    for one, other in pairwise(mentions):
        between, before = text[one.end : other.start], text[: one.start]
        bounds = _TO.match(between) and (has_han(text) or _FROM.search(before))
        if bounds and _STATE.search(text) and not (_HAPPENING.search(text) or _TODAY.search(text)):
            return Mention(one.start, other.end, one.first, max(other.first, one.last))
    return None


def _about_a_state(text: str, mentions: list[Mention]) -> Mention | None:
    """The date on which a state is asked for, without a word that says so; None where none is sure enough."""
    if _TODAY.search(text):
        return None
    for mention in mentions:
        before, after = text[: mention.start], text[mention.end :]
        if _OPENING.search(before) and _COMMA.search(after) and not _CHANGING.search(text):
            return mention
    if len(mentions) != 1 or not _STATE.search(text) or _HAPPENING.search(text):
        return None
    if _STILL.search(text) and not _WAS.search(text):
        return None
    before, after = text[: mentions[0].start], text[mentions[0].end :]
    if _AFTER.search(before) or _AFTER_AFTERWARDS.search(after):
        return None
    if has_han(text) or is_relative(text[mentions[0].start : mentions[0].end]):
        return None if _DOCUMENT.search(after) else mentions[0]
    return mentions[0] if _PREPOSITION.search(before) else None


def _asked(text: str, mention: Mention, day: date, today: date, days: tuple[date, ...]) -> AskedDate:
    if mention.first > today:
        return AskedDate(None, "", days)
    return AskedDate(min(day, today), text[mention.start : mention.end].strip(), days)
