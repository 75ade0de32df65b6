"""A follow-up read into the question before it: the new thing in the place of an old one. Pure.

"第三間呢?" after a question on the first asks it of the third, "And Solana?" asks it of Solana, "Can it pay interest?"
asks of what was asked about. For a rank it is plain which words it takes the place of. For anything else it is not: a
question names several things, so there is a reading for each, and the one that a record answers best is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from assistant.asked_for import names_in
from assistant.asked_kind import read_asked
from assistant.asked_names import ORDINAL
from assistant.content import asked_units
from knowledge.glossary import Glossary
from knowledge.words import fold, has_han


@dataclass(frozen=True, slots=True)
class Reading:
    """A question of its own, with the thing that was put into it: what answers must have that."""

    text: str
    thing: str


READINGS = 4
"""How many readings of a follow-up are looked up."""
_OPENING = re.compile(
    r"(?i)^\s*(?:(?:and|but|so|then|ok(?:ay)?|also|(?:what|how) about|same|for|with|in|of|the|a|an|if|it's)\b[,\s]*)+"
    r"|^\s*(?:那么|那麼|那|咁|噉|另外|还有|還有|至于|至於|换成|換成|如果是|如果係|若是|而|对于|對於)+[,，]?"
)
_CLOSING = re.compile(r"(?i)(?:[,\s]*\b(?:ones?|then|instead|too|please)\b)*\s*[?？.。!！]*\s*$")
_CLOSING_HAN = re.compile(r"(?:的|嘅)?(?:话|話)?(?:又)?(?:怎么样|怎樣|点样|點樣|如何)?(?:呢)?\s*[?？.。!！]*\s*$")
_PRONOUN = re.compile(
    r"(?i)\b(?:it|they|them|he|she|this|that|its|their|these|those)\b(?:\s+(?:one|ones)\b)?"
    r"|它们|它們|它|他们|他們|佢哋|佢|其(?=[\u4e00-\u9fff])"
)
_STATE = re.compile(r"(?i)\s+(?:un)?licensed$")
"""What is said of a thing, at the end of its name: "HKVAX licensed"."""
_OWNING = re.compile(r"(?i)^(?:its|their)\b")
_JOINED = re.compile(r"[\s\-/]*|\s+(?:of)\s+")
_RANKED_REST = re.compile(r"(?i)\b(?:one|ones|time|the|in|on)\b|[个家间次批位份只期条項项个間隻個次]")
_LATIN_NAME = re.compile(
    r"\b[A-Za-z]+ \d+[a-z]?\b|(?<![?.!] )\b[A-Z][A-Za-z0-9]*(?:[-&.][A-Za-z0-9]+)*(?:\s+[A-Z][A-Za-z0-9-]*)*"
)
_HEAD = re.compile(
    r"\b(?:issuer|exchange|platform|operator|provider|fund|bank|firm|company|investor|custodian|token|coin|account"
    r"|product|licensee|holder|broker|dealer|manager|intermediary|insurer|shop|trust|corporation|individual)s?\b"
    r"|发行人|发行商|平台|机构|公司|托管人|基金|银行|投资者|交易所|营运者|营运商|产品|持有人|经纪|中介人|法团|信托|个人"
)
"""What a thing is, at the end of its name: "licensed stablecoin issuer". Folded."""
_YEAR = re.compile(r"(?<!\d)20[0-3]\d(?!\d)")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9.&-]*(?: [A-Z][A-Za-z0-9]*)*")
_MOST_ENGLISH, _MOST_HAN = 5, 12
"""How long a follow-up may be that only names another thing: English words, Chinese characters."""


def with_rank(before: str, fragment: str) -> str:
    """The question before with the rank of the follow-up, where that has one and says nothing else; else empty."""
    found, places = list(ORDINAL.finditer(fragment)), list(ORDINAL.finditer(before))
    rest = _bare(ORDINAL.sub(" ", fragment))
    if len(found) != 1 or not places or read_asked(rest):
        return ""
    if not set(asked_units(_RANKED_REST.sub(" ", rest))) <= set(asked_units(before)):
        return ""
    asked = found[0]
    after = fragment[asked.end() : asked.end() + 1]
    old = next((place for place in places if before[place.end() : place.end() + 1] == after), places[0])
    return f"{before[: old.start()]}{asked.group()}{before[old.end() :]}"


def readings(before: str, fragment: str, glossary: Glossary) -> list[Reading]:
    """The question before with what the follow-up names in place of what it named; the likeliest first.

    Where the follow-up asks for something itself, what was named stands for its pronoun; Chinese needs none.
    """
    pronoun = _PRONOUN.search(fragment)
    if pronoun is not None:
        things = [before[start:end] for start, end in _meant(before, glossary)]
        return [Reading(_with_thing(fragment, pronoun, thing), thing) for thing in things][:READINGS]
    new = _bare(fragment)
    if has_han(fragment) and read_asked(fragment):
        things = [before[start:end] for start, end in _meant(before, glossary)]
        return [Reading(f"{thing}{new}", thing) for thing in things if fold(thing) not in fold(new)][:READINGS]
    if not _only_names(new):
        return []
    kept = set(asked_units(new)) & set(asked_units(before))
    return [
        Reading(f"{before[:start]}{new}{before[end:]}", new)
        for start, end in _things(before, glossary)
        if kept <= set(asked_units(before[start:end])) and fold(before[start:end]) != fold(new)
    ][:READINGS]


def with_another(before: str, fragment: str) -> list[Reading]:
    """The question before for another year, or in Chinese another Latin name, where the follow-up names just that."""
    for kind in (_YEAR, *([_LATIN] if has_han(before) else [])):
        old, new = dict.fromkeys(kind.findall(before)), dict.fromkeys(kind.findall(fragment))
        named = asked_units(kind.sub(" ", fragment)).keys() - asked_units(before).keys()
        if old and len(new) == 1 and not new.keys() & old.keys() and not named:
            other = next(iter(new))
            return [Reading(before.replace(one, other), other) for one in old]
    return []


def has_pronoun(text: str) -> bool:
    """Whether a text points at what was named before it."""
    return _PRONOUN.search(text) is not None


def things_in(text: str, glossary: Glossary) -> list[tuple[int, int]]:
    """The spans of what a question names, neighbours as one."""
    return _neighbours_as_one(_named(text, glossary), text)


def _bare(fragment: str) -> str:
    """The follow-up without what opens and closes it."""
    opened = _OPENING.sub("", fragment.strip(), count=1)
    closing = _CLOSING_HAN if has_han(opened) else _CLOSING
    return closing.sub("", opened).strip(" ,，?？")


def _only_names(bare: str) -> bool:
    """Whether a follow-up only names another thing, without asking for anything of its own."""
    if not bare or read_asked(bare) or not asked_units(bare):
        return False
    return len(bare) <= _MOST_HAN if has_han(bare) else len(bare.split()) <= _MOST_ENGLISH


def _with_thing(fragment: str, pronoun: re.Match[str], thing: str) -> str:
    if _OWNING.match(pronoun.group()):
        thing = f"{thing}'s" if not has_han(thing) else f"{thing}的"
    return f"{fragment[: pronoun.start()]}{thing}{fragment[pronoun.end() :]}"


def _meant(text: str, glossary: Glossary) -> list[tuple[int, int]]:
    """What a pronoun may mean: what the question names with a name of its own, else whatever it names."""
    whole = _neighbours_as_one(_named(text, glossary), text)
    whole = [(_from_rank(text, start), start + len(_STATE.sub("", text[start:end]))) for start, end in whole]
    own = [span for span in whole if names_in(f"of {text[slice(*span)]}")]
    return own or whole[::-1]


def _from_rank(text: str, start: int) -> int:
    """Where a thing begins with its rank: "the second digital green bond", 第二批代币化绿债."""
    before = [
        place
        for place in ORDINAL.finditer(text, 0, start)
        if _RANKED_REST.sub("", text[place.end() : start]).strip() == ""
    ]
    return before[-1].start() if before else start


def _things(text: str, glossary: Glossary) -> list[tuple[int, int]]:
    """The spans of what a question names: neighbours as one first, the last of them first, then each alone."""
    single = sorted(set(_named(text, glossary)))
    whole = _neighbours_as_one(single, text)
    return [*reversed(whole), *(span for span in single if span not in whole)]


def _neighbours_as_one(spans: Iterable[tuple[int, int]], text: str) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(set(spans)):
        if merged and (start <= merged[-1][1] or _JOINED.fullmatch(text, merged[-1][1], start)):
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _named(text: str, glossary: Glossary) -> Iterator[tuple[int, int]]:
    folded = fold(text)
    if len(folded) == len(text):
        for term in {named.text for named in glossary.named_in(text)}:
            pattern = re.escape(term).replace(r"\ ", r"[\s\-]+")
            bound = pattern if has_han(term) else rf"(?<!\w){pattern}(?:s\b)?(?!\w)"
            yield from (match.span() for match in re.finditer(bound, folded))
        yield from (match.span() for match in _HEAD.finditer(folded))
    opening = re.match(r"\W*\w+", text)
    first = opening.end() if opening and not has_han(text) else 0
    yield from (match.span() for match in _LATIN_NAME.finditer(text, first))
