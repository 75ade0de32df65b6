"""What a question is about: its words without those that only ask. Pure.

Chinese is cut at the words that ask or join (多少, 是不是, 嘅, 喺…) and what is left is read in pairs of characters;
English words lose their endings. Texts of records are read the same way, so that both sides meet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from knowledge.words import HAN, fold, terms

_ENGLISH = """
change changed changes
a an the this that these those it its they them their there here he she his her we our us you your i me my is
are was were be been being am do does did done has have had having can could may might must shall should will
would of in on at to for from by with without within under over about into as than then so and or but not no
nor if when where who whom whose which what why how any some each every all both either neither only just
also still yet now currently today please tell explain say says said let know want need like get got give
given make made much many long ever again more most other such same own per via vs versus exactly actually
really between there's what's who's it's don't doesn't didn't isn't aren't can't hong kong hk question answer
rule rules apply applies applied according regarding concerning mean means meaning happen happened happens
thing things one first called etc eg ie ok okay hi hello hey thanks thank wonder wondering briefly quickly
hongkong hksar whats pls plz thx allowed permitted required
"""
_CHINESE = """
帮我看下 帮我睇下 看下 睇下 看看 想了解 介绍 讲解 解释 要求
改变 变化 有变 变更
请问 为甚么 想问 我想知道 想知道 告诉我 帮我 麻烦 唔该 究竟 到底 其实 一下 多少 几多 多大 多久 多长 几时
何时 什么时候 什么 甚么 咩 乜嘢 乜野 乜 点解 为什么 为何 为什么会 何解 怎么样 怎么 怎样 如何 点样
点睇 哪些 哪个 哪家 哪里 哪儿 哪一 哪位 哪 边个 边度 边啲 边间 边家 边位 边日 谁 是不是 是否
系唔系 系咪 可不可以 可唔可以 能不能 能否 可否 可以 会不会 会唔会 要不要 要唔要 使唔使 需不需要
有没有 有冇 有无 需要 必须 没有 冇 是 系 的 嘅 了 咗 喺 在 于 和 与 及 以及 同埋 对于 关于
有关 至于 吗 嘛 呢 吧 啊 呀 喎 㗎 啦 喇 呢个 嗰个 呢啲 嗰啲 呢度 嗰度 这个 那个 这些 那些 这
那 该 其 之 而 但 但系 因为 所以 如果 假如 若 就 都 也 亦 还 仲 又 已 已经 现在 目前 而家
依家 现时 今日 今天 当时 嗰阵 那时 时候 以后 以前 之后 之前 从 被 俾 畀 啲 我 你 您 他 她 它
佢 佢哋 我哋 你哋 他们 我们 你们 自己 大家 唔 不 没 说过 谈到 提到 表示 认为 指出 香港 规定
规则 情况 问题 意思 具体 主要 一共 总共 大约 大概 所有 全部 任何 一些 一个 两个 例如 或者 还是
定系 抑或 几家 几间 几个 几项 几条 几种 几次 几位 几名 几年 几月 几天 几号 应该 要
"""
_MONTHS = (
    "january february march april june july august september october november december"
    " jan feb mar apr jun jul aug sep sept oct nov dec"
)
_ASKING_ENGLISH = frozenset([*_ENGLISH.split(), *_MONTHS.split()])
_ASKING_CHINESE = re.compile("|".join(sorted(_CHINESE.split(), key=len, reverse=True)))
_DATE = re.compile(r"\d+\s*(?:年(?:底|末|初|中)?|月(?:底|初|份)?|[日号](?!牌))")
_HAN_RUN = re.compile(f"(?:{HAN.pattern})+")
_ENDING = re.compile(
    r"(?:isations?|izations?|ising|izing|ised|ized|ises|izes|ise|ize|ations?|ments?|ings?|ies|ed|es|s|y|e)$"
)
_LATIN = re.compile(r"[a-z][a-z0-9]*")


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """An English word without its ending: tokenised, tokenized and tokenisation give one stem. Crude on purpose."""
    if len(word) <= 4 or not word.isascii() or not word.isalpha():
        return word.rstrip("s") if len(word) == 4 and word.endswith("s") and not word.endswith("ss") else word
    cut = _ENDING.sub("", word)
    return cut if len(cut) >= 3 else word


@lru_cache(maxsize=1024)
def asked_units(question: str) -> Mapping[str, frozenset[str]]:
    """What a question is about: each unit with the terms any of which, in a record, meets it.

    An English word is met by its stem. A Chinese character is met by either pair that it stands in, so that the
    chance pairs at the borders of words do no harm; one that stands alone is met by itself.
    """
    folded = fold(question)
    undated = _DATE.sub(" ", folded)
    units: dict[str, frozenset[str]] = {}
    for term in terms(_HAN_RUN.sub(" ", folded)):
        if term not in _ASKING_ENGLISH and not (len(term) == 1 and term.isalpha()):
            stemmed = stem(term)
            units[stemmed] = frozenset({stemmed})
    for run in _HAN_RUN.findall(_HAN_RUN.sub(lambda match: _ASKING_CHINESE.sub(" ", match.group()), undated)):
        for place, character in enumerate(run):
            pairs = {run[i : i + 2] for i in (place - 1, place) if 0 <= i < len(run) - 1}
            units[character] = units.get(character, frozenset()) | (pairs or {character})
    return units


def held_terms(text: str) -> frozenset[str]:
    """All terms of a record's text in the same form, and its Chinese characters one by one."""
    return frozenset(map(stem, terms(text))).union(HAN.findall(fold(text)))


def is_name_like(term: str) -> bool:
    """Whether a term is a Latin word or an abbreviation rather than Chinese or a figure."""
    return _LATIN.fullmatch(term) is not None
