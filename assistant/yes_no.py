"""Yes or no: the lead of an answer, where a rule gives a ruling on the very question. Pure.

A rule carries yes/no questions with their answers. One of them lends its answer only where it is the question asked:
near by its vector, with the same words on both sides, and turned around by the same words (not, only, except,
outside). Whether a rule still holds is read from its standing. Anything less gets no lead, because a wrong "no" is
worse than none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from assistant.asked_for import names_in
from assistant.asked_kind import Asked
from assistant.measure import covers
from assistant.owners import owners_in
from assistant.polar_words import NearPolar
from assistant.rule_index import RuleIndex
from assistant.texts_read import Held
from assistant.understand import Understood
from knowledge.rule import Polar, Rule, Stage, Standing, standing
from knowledge.sentence import sentences
from knowledge.words import fold, has_han

ENOUGH = 1.0
"""Cosine plus `_WORDS` times the share of words met in both directions, from which two questions are the same.

On the dev cases: 9 of 10 rulings on the right rule reach it, and 3 of 100 that do would mislead but for `_TURNS`.
"""
_WORDS = 0.08
_CLEAR, _RIVAL = 0.05, 0.06
"""A question that another answer of the rule, or of another rule, fits nearly as well gets no lead."""
_SHARED, _SAME = 0.5, 0.945
"""Share of the question's words that the ruling must have, unless the vectors are as near as this: promising is not
hoping, however alike the questions look."""
_STATED = 0.9
"""Share of the question's words that a sentence of the statement must have to rule on it by itself."""
_MAY_NOT = re.compile(
    r"\b(?:may|must|can|could|shall) not\b|\bcannot\b|\bno longer\b|不得|不可(?!以依赖)|不准|不能|禁止"
)
_MUST = re.compile(r"\b(?:must|has to|have to|is required to|are required to)\b(?! not)|必须|须(?!知)")
_NEED_NOT = re.compile(r"\b(?:need not|not required|no need)\b|无须|毋须|不必|不须")
_A_NOT_A = re.compile(
    "是不是|是否|系唔系|系咪|可不可以|可唔可以|能不能|会不会|会唔会|要不要|要唔要|使唔使|需不需要|有没有|有冇|得唔得|对不对|啱唔啱"
)
_TURNS = tuple(
    re.compile(one)
    for one in (
        r"\b(?:not|no|never|without|cannot|neither|nor)\b|n't\b|不(?!同|断|少|限|良|论|动产)|没有?|未"
        r"|无(?!论|线|形)|冇|唔|并非",
        r"\b(?:only|solely|just)\b|只|仅|唯一|净系",
        r"\b(?:except|unless|other than|apart from|besides)\b|除了|除非|以外的|之外",
        r"\b(?:outside|abroad|overseas|offshore)\b|以外|境外|海外|外地",
        r"\b(?:forbid\w*|ban(?:s|ned)?|prohibit\w*|illegal|unlawful|exempt\w*|refuse\w*"
        r"|waive[ds]?|escape[ds]?|ignore[ds]?|forget|breach\w*|out of|free of|safe)\b"
        r"|禁止|违法|犯法|非法|免(?!费)|拒绝|避开|绕过|违反",
        r"\b(?:all|every|always|fully|completely|must all)\b|所有|全部|一律|完全|每",
    )
)
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_ON_PLANS = re.compile(
    r"\b(?:will|would|plan\w*|propos\w*|intend\w*|going to|consult\w*|bill|in force|take effect|yet|already"
    r"|introduced)\b"
    r"|将|拟|建议|计划|打算|咨询|条例草案|会否|会不会|会唔会|生效|通过|已经?|尚未|未来|日后"
)
"""A question on what is planned, not on what holds."""
_STILL = re.compile(
    r"\bstill (?:appl\w+|in force|valid|holds?(?=\s*(?:true|good|today|now|[?.]|$))|stand\w*|effective"
    r"|the (?:law|rule)|law|required|good(?: law)?|current|the current \w+)\b"
    r"|\b(?:in force|valid|applicable) (?:now|today|still)"
    r"|(?:还|仍|仍然|现在|而家|仲|是否仍然)\S{0,6}(?:适用|有效|生效|成立|作数|算数|现行|有约束力|在吗|在[?？]?$)"
)
_MODALS = (
    ("can", "cannot", re.compile(r"^\W*(?:can|could|may)\b|可以|可否|能否|能不能|可唔可以|可不可以|得唔得|能够")),
    (
        "must",
        "need_not",
        re.compile(r"\b(?:must|needs?|required?|ha(?:ve|s) to)\b|需要|需唔需要|使唔使|要不要|要唔要|必须|是否须"),
    ),
    ("has", "has_not", re.compile(r"有没有|有冇|有无")),
    ("will", "will_not", re.compile(r"会不会|会唔会|会否")),
)


def lead_of(
    asked: Understood,
    index: RuleIndex,
    rule: Rule,
    polars: Sequence[NearPolar],
    rivals: Sequence[NearPolar] = (),
) -> str:
    """The key of the phrase to begin with, or empty.

    `polars` are the rule's, with cosines to the question; `rivals` those of the other rules found. Where one of these
    fits as well and says the contrary, there is no lead: trading is not trading derivatives.
    """
    if Asked.YES_NO not in asked.asked:
        return ""
    question = asked.standalone.focus or asked.text
    bare = question.replace(asked.phrase, " ") if asked.phrase else question
    if asks_whether_it_holds(asked):
        return _still(rule, asked)
    return _phrase(question, _ruling(index, bare, polars, rivals) or _stated(index, bare, rule))


def _ruling(index: RuleIndex, question: str, polars: Sequence[NearPolar], rivals: Sequence[NearPolar] = ()) -> str:
    """The answer of the rule's own yes/no question that is the one asked; empty where none is."""
    scored = _scored(index, question, polars, ENOUGH - _CLEAR, _CLEAR)
    if not scored or scored[0][0] < ENOUGH:
        return ""
    score, best = scored[0]
    shared = index.polar_words.shared(question, best).asked >= _SHARED or best.cosine >= _SAME
    if not shared or not _turned_alike(question, best.polar):
        return ""
    if best.polar.answer == "yes" and _names_more(index, question, best):
        return ""
    others = [one for near, one in scored[1:] if near > score - _CLEAR]
    others += [
        one for near, one in _scored(index, question, rivals, score - _RIVAL)
        if near > score - _RIVAL and _turned_alike(question, one.polar)
    ]  # fmt: skip
    return "" if any(one.polar.answer != best.polar.answer for one in others) else best.polar.answer


def _names_more(index: RuleIndex, question: str, best: NearPolar) -> bool:
    """Whether the question names a coin, a firm or the like that neither the yes/no question nor its rule names: what
    is allowed to coins of a kind is not allowed to this coin before it is known to be of that kind."""
    polar, terms, read = best.polar, index.terms_of(best.place), index.texts.weighed(question)
    held = index.texts.held(f"{polar.en} {polar.zh}")
    tokens = owners_in(question).tokens - owners_in(f"{polar.en} {polar.zh}").tokens - terms.owners.stated.tokens
    return bool(tokens) or any(
        not read.meets(unit, held) and not read.meets(unit, Held(terms.stated, terms.groups))
        for unit in names_in(question)
        if unit in read.units
    )


def _scored(
    index: RuleIndex, question: str, polars: Sequence[NearPolar], least: float, within: float = math.inf
) -> list[tuple[float, NearPolar]]:
    """Likeness to the question, and the yes/no question; the likest first.

    What could not reach `least`, had it all of the words, nor come `within` so much of the likest, is left out.
    """
    scored: list[tuple[float, NearPolar]] = []
    for one in sorted(polars, key=lambda one: -one.cosine):
        if one.cosine + _WORDS * 2 <= least:
            break
        likeness = one.cosine + _WORDS * sum(index.polar_words.shared(question, one))
        scored.append((likeness, one))
        least = max(least, likeness - within)
    return sorted(scored, key=lambda x: -x[0])


def _stated(index: RuleIndex, question: str, rule: Rule) -> str:
    """What a sentence of the statement says to a question on what one may or must; empty where it does not tell."""
    asked = _A_NOT_A.sub(" ", fold(question))
    if any(turn.search(asked) for turn in _TURNS):
        return ""
    may, must = _MODALS[0][2].search(fold(question)), _MODALS[1][2].search(fold(question))
    statement = rule.statement["zh-Hans" if has_han(question) else "en"]
    for start, end in sentences(statement):
        sentence = statement[start:end]
        if covers(index, question, sentence) < _STATED:
            continue
        if may and _MAY_NOT.search(sentence):
            return "no"
        if (
            must
            and not may
            and _MUST.search(sentence)
            and not (_NEED_NOT.search(sentence) or _MAY_NOT.search(sentence))
        ):
            return "yes"
        if must and not may and _NEED_NOT.search(sentence):
            return "no"
    return ""


def rules_on(
    asked: Understood,
    index: RuleIndex,
    polars: Sequence[NearPolar],
    rivals: Sequence[NearPolar] = (),
) -> bool:
    """Whether a rule has the very yes/no question that is asked: then it answers, however it is worded."""
    if Asked.YES_NO not in asked.asked:
        return False
    question = asked.standalone.focus or asked.text
    bare = question.replace(asked.phrase, " ") if asked.phrase else question
    return bool(_ruling(index, bare, polars, rivals))


def asks_whether_it_holds(asked: Understood) -> bool:
    """Whether a yes/no question asks no more of a rule than whether it still holds."""
    return Asked.YES_NO in asked.asked and _STILL.search(fold(asked.standalone.focus or asked.text)) is not None


def rules_for_now(rule: Rule, asked: Understood) -> bool:
    """Whether a rule can say yes or no: a proposal can only where plans are asked about."""
    planned = rule.stage in (Stage.PROPOSED, Stage.ANNOUNCED)
    return not planned or _ON_PLANS.search(fold(asked.standalone.focus or asked.text)) is not None


def _still(rule: Rule, asked: Understood) -> str:
    """Whether what is asked about still holds; a rule that replaced it was found in its place."""
    stands = standing(rule, asked.as_of)
    if rule.supersedes:
        named = min(asked.mentions, default=None)
        return "no" if named and rule.in_force_from and named < rule.in_force_from else ""
    if stands in (Standing.SUPERSEDED, Standing.LAPSED):
        return "no"
    return "yes" if stands is Standing.IN_FORCE else ""


def _turned_alike(question: str, polar: Polar) -> bool:
    """Whether both are turned around by the same kinds of words, and no figure is asked that is not held."""
    asked = _A_NOT_A.sub(" ", fold(question))
    held = _A_NOT_A.sub(" ", fold(polar.zh if has_han(question) else polar.en))
    if not set(_FIGURE.findall(asked)) <= set(_FIGURE.findall(held)):
        return False
    negations = _TURNS[0]
    if len(negations.findall(asked)) % 2 != len(negations.findall(held)) % 2:
        return False
    return all(bool(turn.search(asked)) == bool(turn.search(held)) for turn in _TURNS[1:])


def _phrase(question: str, answer: str) -> str:
    if answer in ("depends", ""):
        return answer
    folded = fold(question)
    for yes, no, cue in _MODALS:
        if cue.search(folded):
            return yes if answer == "yes" else no
    return answer
