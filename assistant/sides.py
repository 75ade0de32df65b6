"""The sides of a comparison, or of the same asked of several things: the question for each without the others. Pure.

"OSL 與 HashKey 分別哪天獲發牌" asks of OSL and of HashKey; what follows the second name belongs to both. So where a
pair is joined by *and* or *or*, the second member ends where the sentence goes on for both (的, 分别, a comma), and the
first begins where it is like the second ("in 2024 or in 2025", 首批與第二批). Forms that say more ("compare A with B")
come first. Three things are told by their commas, and things that are only counted ("the three issues") are asked for
one after the other. A side that is cut wrongly finds no record, and then the question is answered as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.asked_names import ORDINAL
from assistant.content import asked_units
from knowledge.words import fold, has_han

_OF_BOTH = re.compile(
    r"\b(?:compare[ds]?|comparison|differ(?:s|ence|ences|ent)?|versus|vs|than|against|respectively|each|both)\b"
    r"|\bthe same(?: (?:for|as)\b|\s*[?.])"
    r"|(?P<kind>\b[a-z]+) \d\w?\b.{0,12}\band (?:the )?(?P=kind) \d|\bor\b|\bbetween\b"
    r"|\b(?:first|second|third|fourth)(?: \w+)? (?:and|to|with) (?:the )?(?:second|third|fourth|latest|last)\b"
    r"|(?:第[一二三四\d]|首)[个家间次批位份只期]?[^,，]{0,8}?(?:和|同|与|跟|及)(?:第[一二三四\d]|首)[个家间次批位份只期]"
    r"|区别|分别|不同|差异|差别|唔同|比较|对比|相比|一样|还是|定系|各(?:是|系|有|自|几|为|要|需|须|应|收)|差(?:几|多)"
    r"|(?:哪|边|谁)(?:个|家|间|只|种|份)?.*(?:更|较|高|低|大|小|多|少|早|迟|长|短|快|慢|先|平|贵|严)"
)
"""Words that ask of two things at once."""
_COMPARING = re.compile(
    r"(?i)\bwhat (?:is|are) the differences?\b|\bwhich (?:is|are) \w+er\b|\bhow (?:do|does)\b"
    r"|\b(?:compared?|comparison|differences?|differ|versus|vs|between|respectively|each|against)\b"
    r"|(?:有)?(?:什么|何|咩|乜)?(?:区别|區別|分别|分別|不同|差异|差異|差别|差別|唔同)"
    r"|比较|比較|对比|對比|相差|差(?=多少|几|幾)|和(?=\s)|^和"
)
_WHO_HAN = (
    r"(?:哪|边|邊|谁|誰)(?:一?[个個家间間只隻种種份样樣])?(?:嘅|的)?(?:要求)?(?:更|较|較|比较|比較)?"
    r"(?:{})(?:一?[些点點]|啲)?"
)
_BY_TIME = re.compile(
    _WHO_HAN.format("[先早迟遲]") + r"|(?i:\bwhich (?:comes|came|was|is) (?:first|earlier|later)\b,?)"
)
_BY_SIZE = re.compile(_WHO_HAN.format("[高低大小多少长長短贵貴]"))
"""Which of two is earlier, or more: of one it is asked when, or how much."""
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"\b(?:differences?|differ|distinction|compar\w+|contrast)\b.{0,60}?\b(?:between|of)\s+(?P<a>.+?)\s+and\s+(?P<b>[^?]+)",
        r"\bhow (?:do|does|did|is|are)\s+(?P<a>.+?)\s+(?:differ(?:ent)?|compare)\s+(?:from|with|to)\s+(?P<b>[^?]+)",
        r"\bcompare\s+(?P<a>.+?)\s+(?:and|with|to|against)\s+(?P<b>[^?]+)",
        r"(?P<a>[^,，?？]+)[,，]\s*(?:和|同|与|與|及)(?P<b>[^,，?？]+)(?=[,，]\s*(?:各|分别|分別))",
    )
)
_JOINT = re.compile(
    r",?\s+(?:and|or|as well as(?: to| for| in)?|than|vs\.?|versus|(?:stack up |measured )?against"
    r"|(?:as )?compared (?:to|with)|as opposed to)\s+"
    r"(?:(?:that|those) (?:for|of|in)\s+)?|\s*(?:同埋|还是|還是|定系|定係|和|与|與|跟|同|及|、)\s*"
)
_ENDS = re.compile(
    r"[,，:：;；?？]|的|嘅|之(?!前|后|後)|分别|分別|各(?=[是系係有自要需須须應应收]|几|幾|哪)|有冇|有没有|有沒有|边|邊|哪"
)
_ENGLISH_ENDS = re.compile(
    r"[,:;?]|\s[-–—]\s|\s(?:is|are|was|were|do|does|did|has|have|had|can|could|must|may|which|respectively|each|both"
    r"|says?|said|require[sd]?|treat(?:s|ed)?)\b"
)
_SAID_OF_BOTH_HAN = re.compile(r"(?<=[\u4e00-\u9fff\w])(?:对(?!象|冲|手)|對(?!象|沖|手)|就|在(?!线)|喺|关于|關於)")
"""Before what is said of both, in Chinese."""
_OWNER = re.compile(r"'s?(?=\s)")
_SAID_OF_BOTH = re.compile(r"(?i)'s?(?=\s)|\s(?:on|for|in|as to|regarding|when|under|about)\s")
_LATIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9.&'-]*(?:\s+[A-Z][A-Za-z0-9.&'-]*)*")
_BORDER = re.compile(
    r"[,，:：;；的嘅]|\b(?:between|compare|of|which|is|are|was|were|do|does|did|than|both)\b", re.IGNORECASE
)
_COMMA = re.compile(r",\s+|、\s*")
_CLAUSE = re.compile(
    r"(?i)\b(?:what|which|when|who|how|why|is|are|was|were|do|does|did|has|have|can|must|may)\b"
    r"|什么|什麼|多少|几|幾|哪|谁|誰|是|有"
)
_WITHIN_RANK = re.compile(r"(?<=第[一二三四五六七八九十\d]) (?=[\u4e00-\u9fff])")
_EITHER = re.compile(r"\bor\b|还是|還是|定系|定係")
_NUMBERED = re.compile(
    r"(?i)(?:the )?(?:(?:[a-z]+ )?\d+(?:\.\d+)*[a-z]?|first|second|third|fourth|fifth|last|latest)\b"
    r"|第[一二三四五六七八九十\d]+"
)
"""A thing known by its number alone: what stands after the second of two such belongs to both."""
_MOST_ENGLISH, _MOST_HAN = 40, 14
"""How many characters one of three things has at most."""
_COUNT = re.compile(
    r"(?i)\bthe (?P<en>two|three|four)(?= \w)"
    r"|(?P<zh>[两兩二三四3])(?=[个個家间間次批只隻份期])(?<!第.)(?!.[个個]?(?:月|星期|小时|小時|工作日))"
)
_DIFFERENCE = re.compile(r"\b(?:compar\w+|differ\w*|versus|vs)\b|比较|对比|相比|区别|不同|唔同|差(?:异|别|几|多)")
"""What asks of things that are only counted how they differ, and does not just take for granted how many there are."""
_YEAR = re.compile(r"(?i)(?:\b(?:back )?in\s+)?(?<!\d)20[0-3]\d(?!\d)(?:\s*年)?")
_NOW = re.compile(
    r"(?i)(?:\b(?:from|to|with|and|than)\s+)?(?:\b(?:its|their|the)\s+(?:\w+\s+)?)?"
    r"\b(?:now|today|currently|at present)\b"
    r"|(?:和|与|與|跟|同)?(?:现在|現在|目前|而家|依家|现时|現時|今日|今天)"
)
_OF_EACH = re.compile(r"(?i)\band\b.*\b(?:each|both|respectively)\b|\b(?:compare|both|between)\b.*\band\b")
"""What names both without *against*, which then says what is done to a third."""
_AND = re.compile(r"(?i)\band\b|\bas well as\b|以及|同埋|[和与與及同]")
_COUNTS = {"two": 2, "两": 2, "兩": 2, "二": 2, "three": 3, "三": 3, "3": 3, "four": 4, "四": 4}
_RANKS, _RANKS_HAN = ("the first", "the second", "the third", "the fourth"), ("第一", "第二", "第三", "第四")
_LIKE = re.compile(r"第|\d+(?:\.\d+)*|\w+")


def sides_of(text: str) -> Iterator[tuple[str, ...]]:
    """The readings of a question as one on several things: for each, the question for every one without the others."""
    text = " ".join(text.split())  # the patterns would take the cube of a run of spaces
    if _OF_EACH.search(text):
        text = re.sub(r"(?i)\bagainst\b", "on", text)
    if _OF_BOTH.search(fold(text)) is None:
        return
    of_all = _of_three(text) or _counted(text) or _then_and_now(text)
    if of_all:
        yield of_all
        return
    for form in _FORMS:
        match = form.search(text)
        if match and asked_units(match["a"]) and asked_units(match["b"]):
            for end in _ends_of(match["a"], match["b"]):
                of_first = _without(text, (match.end("a"), match.start("b") + end))
                yield of_first, _without(text, (match.start("a"), match.start("b")))
            break
    yield from _of_joints(text)


def members_of(text: str) -> Iterator[tuple[str, ...]]:
    """The readings of a question that may just list two things, in no word compared: "the fee and the capital"."""
    text = " ".join(text.split())
    if _OF_BOTH.search(fold(text)) is None and _AND.search(text):
        yield from _of_joints(text)


def _of_joints(text: str) -> Iterator[tuple[str, ...]]:
    for joint in _JOINT.finditer(text):
        first = _begin_of_first(text[: joint.start()], text[joint.end() :]), joint.start()
        end = joint.end() + _end_of_second(text[first[0] : first[1]], text[joint.end() :])
        owner = _OWNER.search(text, joint.end(), end)
        for second in ((joint.end(), end), *([(joint.end(), owner.start())] if owner else [])):
            if _is_member(text[slice(*first)]) and _is_member(text[slice(*second)]):
                yield _without(text, (joint.start(), second[1])), _without(text, (first[0], joint.end()))


def _then_and_now(text: str) -> tuple[str, ...]:
    """What was in a year and what is now: the question of that year, and without any; empty for others."""
    year, now = _YEAR.search(text), _NOW.search(text)
    if year is None or now is None or len(_YEAR.findall(text)) > 1 or not _DIFFERENCE.search(fold(text)):
        return ()
    then = _cleaned(f"{text[: now.start()]} {text[now.end() :]}")
    return then, " ".join(_YEAR.sub(" ", then).split())


def _ends_of(first: str, rest: str) -> list[int]:
    """Where the second member may end: at all that follows, or before what may be said of both."""
    number = _end_of_number(first, rest)
    if number:
        return [number]
    of_both = _SAID_OF_BOTH.search(rest)
    return [len(rest), *([of_both.start()] if of_both else [])]


def _of_three(text: str) -> tuple[str, ...]:
    """A list of three ("A, B and C", A、B和C): the question for each; empty where there is none."""
    for comma in _COMMA.finditer(text):
        joint = _JOINT.search(text, comma.end())
        middle = text[comma.end() : joint.start()] if joint else ""
        if joint is None or not _is_name(middle) or (_EITHER.search(joint.group()) and _CLAUSE.search(text)):
            continue
        begin = _begin_of_first(text[: comma.start()], middle)
        first = text[begin : comma.start()]
        end = joint.end() + _end_of_last(middle, text[joint.end() :])
        if _is_name(first) and asked_units(text[joint.end() : end]):
            members = first, middle, text[joint.end() : end]
            return tuple(_cleaned(f"{text[:begin]} {member} {text[end:]}") for member in members)
    return ()


def _is_member(text: str) -> bool:
    """Whether something is named, if only by its rank."""
    return bool(asked_units(text)) or ORDINAL.search(text) is not None


def _is_name(member: str) -> bool:
    """Whether what stands between commas may be a thing to compare, and not a clause of its own."""
    asks = _CLAUSE.search(member) is not None
    return bool(asked_units(member)) and not asks and len(member) <= (_MOST_HAN if has_han(member) else _MOST_ENGLISH)


def _counted(text: str) -> tuple[str, ...]:
    """So many things by their number ("the three issues", 三次发行): the question for the first, the second, …"""
    match = _COUNT.search(text) if _DIFFERENCE.search(fold(text)) else None
    if match is None:
        return ()
    ranks = (_RANKS if match["en"] else _RANKS_HAN)[: _COUNTS[(match["en"] or match["zh"]).lower()]]
    return tuple(_cleaned(f"{text[: match.start()]}{rank}{text[match.end() :]}") for rank in ranks)


def _end_of_last(middle: str, rest: str) -> int:
    """Where the last of three ends; in Chinese at the last 的 of its clause, as it may have one of its own."""
    end = _end_of_second(middle, rest)
    clause = re.match(r"[^,，?？。]*[的嘅]", rest) if rest[end : end + 1] in ("的", "嘅") else None
    return clause.end() - 1 if clause else end


def _end_of_second(first: str, rest: str) -> int:
    """Where the second member ends: at what both share."""
    number = _end_of_number(first, rest)
    if number:
        return number
    if not has_han(rest):
        end = _ENGLISH_ENDS.search(rest)
        return end.start() if end else len(rest)
    name = _LATIN_NAME.match(rest)
    end = _ENDS.search(rest)
    of_both = _SAID_OF_BOTH_HAN.search(rest)
    ends = [name.end()] if name else [end.start() if end else len(rest), *([of_both.start()] if of_both else [])]
    like = rest.find(first[-1:], 0, 9) if first and has_han(first[-1:]) else -1
    return min([*ends, *([like + 1] if like >= 0 else [])])


def _end_of_number(first: str, rest: str) -> int:
    """Where the second of two things that are known by their numbers alone ends; 0 where they are not such."""
    number = _NUMBERED.match(rest) if _NUMBERED.fullmatch(first.strip()) else None
    return number.end() if number else 0


def _begin_of_first(before: str, rest: str) -> int:
    """Where the first member begins: at the last word that the second begins with, else after the last border."""
    like = _LIKE.match(rest)
    places = [match.start() for match in _like(like.group()).finditer(before)] if like else []
    if places:
        return places[-1]
    borders = [match.end() for match in _BORDER.finditer(before)]
    return borders[-1] if borders else 0


def _like(word: str) -> re.Pattern[str]:
    """Where the first member may begin like the second: a figure like a figure, a word like the same word."""
    if word[0].isdigit():
        return re.compile(r"\d+(?:\.\d+)*")
    return re.compile(re.escape(word) if has_han(word) else rf"(?<!\w){re.escape(word)}(?!\w)")


def _without(text: str, span: tuple[int, int]) -> str:
    return _cleaned(f"{text[: span[0]]} {text[span[1] :]}")


def _cleaned(text: str) -> str:
    """The question for one side without the words that compare."""
    when, how_much = ("什么时候", "多少") if has_han(text) else ("when", "how much")
    of_one = _COMPARING.sub(" ", _BY_SIZE.sub(how_much, _BY_TIME.sub(when, text)))
    return _WITHIN_RANK.sub("", " ".join(of_one.split()))
