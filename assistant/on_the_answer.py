"""Follow-ups on the answer itself: its source, more or less of it, another language, what came before it. Pure.

They name nothing of the subject, so each asks the question before it once more; without one they are unclear.
"""

from __future__ import annotations

import re

from assistant.follow import Follow
from knowledge.rule import Language
from knowledge.words import fold, to_simplified


def _bare(english: str, chinese: str) -> re.Pattern[str]:
    """A wish and nothing else: politeness around it, and marks after it. Blanks in the forms stand for `\\s+`."""
    before = r"(?:(?:and|but|so|ok(?:ay)?|please|can you|could you|pls|now),? )*"
    after = r"(?:,? ?(?:please|pls|thanks?|thx))?"
    before_han = r"(?:请|麻烦|唔该|可以|可唔可以|能不能|能否|那么?|咁|噉|再)*"
    after_han = r" ?(?:谢谢|唔该|吗|吖|呀|啊|吧|㗎|嘅|的|呢)*"
    form = rf"(?:{before}(?:{english}){after}|{before_han}(?:{chinese}){after_han}) ?[?？.。!！]*"
    return re.compile(form.replace(" ?", r"\s*").replace(" ", r"\s+"))


_TONGUES: tuple[tuple[re.Pattern[str], Language], ...] = (
    (re.compile(r"traditional|cantonese|繁|粤语|广东话|白话"), "zh-Hant"),
    (re.compile(r"simplified|mandarin|简体|普通话"), "zh-Hans"),
    (re.compile(r"english|英"), "en"),
)
_IN_LANGUAGE = _bare(
    r"(?:(?:say|give|repeat|put|answer|tell|translate) (?:me )?)?(?:(?:the|that|it|this|last|same|one|answer|again) )*"
    r"(?:(?:in|into|to) )?(?:(?:traditional|simplified) )?(?:english|chinese|cantonese|mandarin)(?: version| again)?",
    r"(?:用|以|翻译成|译成|转成|讲|说|改用|翻|给我|上一(?:条|题|个)(?:用)?)*"
    r"(?:中文|英文|英语|(?:繁|简)体(?:中文|字)?|广东话|粤语|普通话|白话)版?"
    r"再?(?:讲|说|答|覆|回答|复述|来)?(?:多?一?(?:次|遍|下))?",
)
_THAT = r"(?:that|it|this|then)"
_AROUND_HAN = r"(?:在)?(?:此|这|那|呢个|再)?"
_HOW_HAN = r"(?:的|嘅)?(?:是|系)?(?:呢|点|怎样|如何|什么|咩)?"
_WISHES = {
    Follow.MORE: _bare(
        r"tell me more|more(?: details?)?|go on|anything else|what else|elaborate|continue|details?",
        r"还有(?:什么|其他)?|仲有(?:咩|乜)?|继续|详细一?(?:点|啲)?|(?:讲多|多讲)(?:啲|点)|说详细一?点?",
    ),
    Follow.SHORTER: _bare(
        r"(?:(?:make|keep|say|put|give) (?:it|that|me) )?(?:(?:a bit|much|even|more|the|a|in) )*"
        rf"(?:shorter|briefer|brief(?:ly)?|short(?: version)?|simpler|one sentence|concise|summari[sz]e(?: {_THAT})?)",
        r"(?:讲|说|回答)?得?(?:简短|简单|精简|短|简洁)(?:一?(?:点|啲|些))?(?:讲|说)?|长话短说"
        r"|用?一句(?:话|说话)?(?:总结|讲晒|讲完|说完|概括)?|总结一?下?",
    ),
    Follow.AGAIN: _bare(
        rf"really|sure|seriously|(?:are )?you sure(?: (?:about|of) {_THAT})?"
        rf"|is {_THAT} (?:true|right|so|correct|certain)|say {_THAT} again|repeat {_THAT}|come again|pardon|once more",
        r"是(?:真的)?(?:吗|么)|真的?(?:假的)?|你?(?:确定|肯定)|系咪真?|真?系咩|真系|对吗|啱唔啱|系唔系真?"
        r"|(?:讲|说|重复)一?(?:次|遍)",
    ),
    Follow.BEFORE: _bare(
        rf"(?:what (?:was|about|came|applied|held) (?:it |there )?)?(?:before|prior to)(?: {_THAT})?(?: one)?"
        r"|(?:the )?(?:previous|earlier|former|old)(?: (?:one|rule|version))?|the one before",
        rf"{_AROUND_HAN}(?:之前|以前|从前|上一版|旧|前一(?:版|个|份)){_HOW_HAN}",
    ),
    Follow.AFTER: _bare(
        rf"(?:what (?:came|about|applied|happened) )?(?:after {_THAT}|afterwards|later)(?: one)?",
        rf"{_AROUND_HAN}(?:之后|以后|后来|其后){_HOW_HAN}",
    ),
    Follow.SINCE: _bare(
        rf"(?:since|from) (?:when|what (?:date|day))"
        rf"(?: (?:does|has|did|is) {_THAT}(?: been)?(?: (?:apply|applied|so))?)?"
        rf"|when (?:did|does|has) {_THAT} (?:rule )?(?:start(?:ed)?|begin|begun|apply|applied|take effect"
        r"|come into (?:force|effect))",
        r"(?:是|系)?(?:从|由|自)?(?:什么时候|何时|几时|哪天|边日)(?:开始|起|生效|实施|算起)",
    ),
}


def read_wish(text: str) -> Follow | None:
    """What a text wishes of the answer before; None where it asks for something of its own."""
    folded = fold(text).strip()
    if _IN_LANGUAGE.fullmatch(folded):
        return Follow.AGAIN
    return next((wish for wish, pattern in _WISHES.items() if pattern.fullmatch(folded)), None)


def language_wished(text: str) -> Language | None:
    """The language that a text orders the last answer in, where it orders nothing else."""
    folded = fold(text).strip()
    if not _IN_LANGUAGE.fullmatch(folded):
        return None
    for pattern, language in _TONGUES:
        if pattern.search(folded):
            return language
    return "zh-Hant" if text != to_simplified(text) else "zh-Hans"
