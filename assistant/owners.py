"""Whose a figure is: whether a rule is on the place, token, firm, product or numbered part that a question names. Pure.

A rule on another owner looks just like the one asked for: Bosera's share of staked ether is no answer for ChinaAMC's,
nor Hong Kong's threshold for Japan's. Of each kind here a text names some or none. A rule that names some, but none
of those that the question names, is on another. A place abroad must be named by the rule itself, because all rules
are on Hong Kong unless they say otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from assistant.asked_kind import Asked
from assistant.dates_named import mentions_in
from assistant.figure_near import read_counted
from knowledge.rule import Rule
from knowledge.sentence import sentences
from knowledge.words import fold, has_han

_PLACES = """
singapore|singaporean|新加坡|狮城
japan|japanese|日本
korea|korean|韩国|南韩
dubai|迪拜|杜拜
uae|emirates|阿联酋
thailand|thai|泰国
malaysia|malaysian|马来西亚
indonesia|indonesian|印尼|印度尼西亚
vietnam|vietnamese|越南
philippines|philippine|菲律宾
india|indian|印度(?!尼)
taiwan|taiwanese|台湾
macau|macao|澳门
australia|australian|澳洲|澳大利亚
new zealand|新西兰
canada|canadian|加拿大
united states|usa|american?|美国
united kingdom|britain|british|英国
european union|europe|european|欧盟|欧洲
germany|german|德国
france|french|法国
switzerland|swiss|瑞士
brazil|brazilian|巴西
saudi(?: arabia)?|沙特
israel|israeli|以色列
turkey|turkish|土耳其
el salvador|萨尔瓦多
"""
_CAPITALS = {
    "united states": r"\bU\.?S\.?(?! ?(?:dollar|\$))(?:A\b|\b)",
    "united kingdom": r"\bU\.?K\b",
    "european union": r"\bEU\b",
}
"""Places that people write in capitals; in small letters they are words."""
_HOME = re.compile(r"\bhong ?kong\b|\bhk\b|香港|本港|港府")
_KINDS = {
    "token": """
bitcoin|btc|xbt|比特币|大饼
ether|ethereum|eth|以太币|以太坊|二饼
solana|sol|索拉纳
xrp|ripple|瑞波币?
cardano|ada|艾达币
dogecoin|doge|狗狗币
litecoin|ltc|莱特币
avalanche|avax|雪崩币?
polkadot|dot|波卡
bnb|币安币
usdt|tether|泰达币?
usdc
""",
    "product": """
spot|现货
futures|期货
""",
    "house": """
chinaamc|china asset management|华夏
bosera|博时
harvest|嘉实
csop|南方东英
samsung|三星
hang seng|恒生
value partners|惠理
""",
}
_NUMBERED = {
    "level": r"\blevel (\d+)\b|第([\d一二三四五六七八九十]+)级",
    "group": r"\bgroup (\d[a-z]?)\b|第(\d[a-z]?|[一二三四])组",
    "phase": r"\bphases? (\d+|one|two|three)(?: (?:and|or) (?:phase )?(\d+|two|three))?\b"
    r"|第([\d一二三四五]+)(?:(?:阶段)?[同和及与跟、]第([\d一二三四五]+))?阶段",
    "type": r"\btype (\d+)\b|第([\d一二三四五六七八九十]+)类|([\d一二三四五六七八九十]+)号牌",
    "budget": r"\b(\d{4}[-/–]\d{2})(?: |年度)?(?:budget|财政预算)",
    "policy address": r"\b(\d{4})(?: |年)?(?:policy address|施政报告)",
    "fintech week": r"\bfintech week (\d{4})|(\d{4})年?(?:香港)?金融科技周",
}
_NUMERALS = {name: str(n) for n, name in enumerate("一二三四五六七八九十", 1)} | {"one": "1", "two": "2", "three": "3"}


@dataclass(frozen=True, slots=True)
class _Form:
    """How an owner is written. A text without any of the `stems` need not be read further, which spares most of it."""

    stems: tuple[str, ...]
    written: re.Pattern[str]

    def stands_in(self, folded: str) -> bool:
        return any(stem in folded for stem in self.stems) and self.written.search(folded) is not None


def _read(lines: str) -> dict[str, _Form]:
    return {
        line.split("|")[0]: _Form(
            tuple(_stem(part) for part in _parts(line)),
            re.compile(
                "|".join(part if has_han(part) else rf"(?<![a-z]){part}(?:'s|s)?(?![a-z])" for part in _parts(line))
            ),
        )
        for line in lines.split("\n")
        if line
    }


def _stem(part: str) -> str:
    """What every match of the part begins with."""
    plain = re.split(r"[\[(?]", part)[0]
    return plain[:-1] if part[len(plain) :].startswith("?") else plain


def _parts(line: str) -> list[str]:
    return re.split(r"\|(?![^(]*\))", line)


_OF_KIND = {kind: _read(lines) for kind, lines in _KINDS.items()}
_TOKENS, _HOUSES = list(_OF_KIND).index("token"), list(_OF_KIND).index("house")
_ROLES = _read("""
bank|authori[sz]ed institution|银行(?!账户|帐户|户口)|认可机构
platform|exchange(?! fund| traded|-traded)|vatp|平台|交易所(?!买卖)|币所
""")
"""Whom a rule binds; also the questions that lead to a rule may name one."""
_ABROAD = _read(_PLACES)
_ANY_ABROAD = re.compile("|".join(form.written.pattern for form in _ABROAD.values()), re.IGNORECASE)
_BY_CAPITALS = {place: re.compile(form) for place, form in _CAPITALS.items()}
_BY_NUMBER = {kind: re.compile(form) for kind, form in _NUMBERED.items()}


@dataclass(frozen=True, slots=True)
class Owners:
    """The owners that a text names, by kind."""

    places: frozenset[str]
    of_kind: tuple[frozenset[str], ...]
    roles: frozenset[str]
    numbers: tuple[frozenset[str], ...]
    at_home: bool

    @property
    def tokens(self) -> frozenset[str]:
        """The coins that it names."""
        return self.of_kind[_TOKENS]

    @property
    def any(self) -> bool:
        """Whether it names any."""
        return bool(self.places or self.roles or any(self.of_kind) or any(self.numbers))


@dataclass(frozen=True, slots=True)
class RuleOwners:
    """The owners that a rule names."""

    stated: Owners
    led: Owners
    """Those that its statement or a question names that leads to it."""


@lru_cache(maxsize=1024)
def owners_in(text: str) -> Owners:
    """The owners that a text names."""
    folded = fold(text)
    abroad = _named(_ABROAD, folded) | {place for place, form in _BY_CAPITALS.items() if form.search(text)}
    return Owners(
        abroad,
        tuple(_named(owners, folded) for owners in _OF_KIND.values()),
        _named(_ROLES, folded),
        tuple(_numbers(form, folded) for form in _BY_NUMBER.values()),
        _HOME.search(folded) is not None,
    )


def without_places(text: str) -> str:
    """The text without the places abroad that it names."""
    return _ANY_ABROAD.sub(" ", text)


def owners_of(rule: Rule) -> RuleOwners:
    """The owners that a rule names (1 ms)."""
    stated = " ".join([*rule.title.values(), *rule.statement.values()])
    led = " ".join([stated, *rule.asks_en, *rule.asks_zh, *(one.en for one in rule.polar)])
    return RuleOwners(owners_in(stated), owners_in(led))


def is_on_another(question: str, asked: frozenset[Asked], rule: Rule, owners: RuleOwners) -> bool:
    """Whether the question names an owner that a rule is not on, though the rule is on another.

    `owners` are the rule's.
    """
    named = owners_in(question)
    if not named.any:
        return False
    held, led = owners.stated, owners.led
    return (
        (not named.places <= led.places and not named.at_home)
        or _are_apart(named.of_kind, held.of_kind)
        or _are_apart(named.numbers, led.numbers)
        or _are_apart((named.roles,), (led.roles,))
        or not _holds_for(named.of_kind[_HOUSES], rule, asked)
    )


def _are_apart(mine: Sequence[frozenset[str]], its: Sequence[frozenset[str]]) -> bool:
    """Whether both name owners of a kind, and none in common."""
    return any(ours and theirs and ours.isdisjoint(theirs) for ours, theirs in zip(mine, its, strict=True))


def _named(owners: dict[str, _Form], folded: str) -> frozenset[str]:
    return frozenset(owner for owner, form in owners.items() if form.stands_in(folded))


def _numbers(form: re.Pattern[str], folded: str) -> frozenset[str]:
    found = {part for match in form.finditer(folded) for part in match.groups() if part}
    return frozenset(_NUMERALS.get(part, part.replace("–", "-").replace("/", "-")) for part in found)


def _holds_for(houses: frozenset[str], rule: Rule, asked: frozenset[Asked]) -> bool:
    """Whether a sentence on one of the houses has the figure or date that is asked for, where any sentence has one.

    A sentence that names no house goes on about that of the sentence before.
    """
    if not houses or not asked & {Asked.AMOUNT, Asked.DATE}:
        return True
    statement = rule.statement["en"]
    others, own = False, False
    about: frozenset[str] = frozenset()
    for start, end in sentences(statement):
        sentence = statement[start:end]
        about = owners_in(sentence).of_kind[_HOUSES] or about
        has = _has_figure(sentence) if Asked.AMOUNT in asked else any(mentions_in(sentence, date.max))
        own, others = own or (has and bool(about & houses)), others or (has and not about & houses)
    return own or not others


def _has_figure(sentence: str) -> bool:
    return bool(read_counted(sentence).figures)
