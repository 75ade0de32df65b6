"""What a question asks for. Pure. A question may ask for several things at once."""

# ruff: noqa: E501
from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from knowledge.words import fold


class Asked(StrEnum):
    """Kinds of question."""

    AMOUNT = "amount"
    DATE = "date"
    WHO = "who"
    WHERE = "where"
    YES_NO = "yes_no"
    DEFINITION = "definition"
    LIST = "list"
    COMPARISON = "comparison"
    CHANGE = "change"
    CLAIM = "claim"
    REASON = "reason"


_CUES: dict[Asked, re.Pattern[str]] = {
    Asked.AMOUNT: re.compile(
        r"\bhow (?:much|many|long|big|large|high|often)\b"
        r"|\b(?:amount|minimum|maximum|threshold|percent(?:age)?|rate|size|number of)\b"
        r"|多少|几多|几(?:家|间|个|项|宗|名|次|年|天|成|类|号|大|只|种)|多大|多久|多长|金额|门槛|上限"
        r"|下限|比例|比率|最低|最高|利率|税率"
    ),
    Asked.DATE: re.compile(
        r"\b(?:when|what date|which date|what day|which year|what year|since when|by when|deadline)\b"
        r"|何时|什么时候|几时|哪一?[天日年]|哪个月|边日|多会儿|日期|限期|截止"
    ),
    Asked.WHO: re.compile(
        r"\b(?:who|whom|whose|which (?:firm|company|bank|platform|regulator|authority|issuer|exchange|operator)s?)\b"
        r"|谁|边个|边位|哪位|哪(?:几)?(?:家|间|个机构)|什么人|何人|乜人"
    ),
    Asked.WHERE: re.compile(r"\bwhere\b|哪里|哪儿|何处|边度|边处|在哪"),
    Asked.YES_NO: re.compile(
        r"^(?:so |and |but |then |ok,? )?(?:(?:as of|in|on|by|at|before|after|since|under)\b[^,?]{3,60}, )?(?:is|are|was|were|can|could|may|must|do|does|did|has|have|had|will|would|should)\b"
        r"|[吗嘛]\s*[?？。!]*$|咩\s*[?？]*$|是不是|是否|能否|可否|可不可以|能不能|要不要|有没有|有冇"
        r"|使唔使|可唔可以|系咪|系唔系|会不会|会唔会|要唔要|得唔得|得不得|对不对|啱唔啱|([\u4e00-\u9fff])[不唔]\1"
    ),
    Asked.DEFINITION: re.compile(
        r"^what(?:'s| is| are| does)\b|\b(?:mean(?:s|ing)?|defin(?:e|ed|ition))\b|什么是|是什么|何谓|系咩"
        r"|系乜|点解释|定义|什么叫|乜嘢系|咩系"
    ),
    Asked.LIST: re.compile(
        r"\b(?:which|list|name (?:all|the)|what (?:are|were) the|what kinds|what types|examples of)\b"
        r"|哪些|哪几|边啲|边几|有什么|有咩|有乜|列出|列举|几类|包括"
    ),
    Asked.COMPARISON: re.compile(
        r"\b(?:compare[ds]?|comparison|differ(?:s|ence|ences|ent)?|versus|vs|than)\b|区别|分别(?!是)|不同"
        r"|差异|差别|比较|相比|对比|vs"
    ),
    Asked.CHANGE: re.compile(
        r"\b(?:chang(?:e|ed|es|ing)|replac(?:e|ed|es)|amend(?:ed|ment|ments)?|update[ds]?|revis(?:e|ed|ion)|supersede[ds]?|used to|evolve[ds]?|history)\b"
        r"|改变|改了|变化|修订|更新|取代|演变|沿革|历史|以前.*现在|变咗|改咗"
    ),
    Asked.CLAIM: re.compile(r"\b(?:article|author|odaily|meta ?era|piece|story)\b|文章|作者|报道|大表哥|星球日报|文中"),
    Asked.REASON: re.compile(r"\bwhy\b|\breasons?\b|为什么|为何|点解|原因|何解|理由"),
}  # fmt: skip


@lru_cache(maxsize=1024)
def read_asked(text: str) -> frozenset[Asked]:
    """The kinds that the question's words show; empty where none does."""
    folded = fold(text).strip()
    return frozenset(kind for kind, cue in _CUES.items() if cue.search(folded))
