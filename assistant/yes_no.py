"""Yes or no: the lead of an answer, where a rule gives a ruling on the very question. Pure.

A rule carries yes/no questions with their answers. One of them lends its answer only where it is the question asked:
near by its vector, the same figures and years, the same names, and as many negations. Anything less gets no lead,
because a wrong "no" is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.asked_kind import Asked
from assistant.content import asked_units, is_name_like
from assistant.understand import Understood
from knowledge.quantities import quantities
from knowledge.rule import Polar
from knowledge.words import fold, has_han

NEAR = 0.93
_NOT = re.compile(r"\b(?:not|no|never|without|n't|cannot|except|unless|only)\b|n't|不(?!过)|没|未|无|唔|冇|非|除|只")
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


def lead_of(asked: Understood, polars: Sequence[tuple[Polar, float]], phrase: str = "") -> str:
    """The key of the phrase to begin with, or empty. `polars` are the best rule's, with cosines to the question."""
    if Asked.YES_NO not in asked.asked or not polars:
        return ""
    question = (asked.standalone.focus or asked.text).replace(phrase, " ") if phrase else asked.text
    near = [one for one, cosine in polars if cosine >= NEAR and _same(question, one)]
    answers = {one.answer for one in near}
    if len(answers) != 1:
        return ""
    return _phrase(question, answers.pop())


def _same(question: str, polar: Polar) -> bool:
    """Whether figures, names and negations agree."""
    asked = fold(question)
    held = fold(polar.zh if has_han(question) else polar.en)
    names = {unit for unit in asked_units(question) if is_name_like(unit)}
    other = {unit for unit in asked_units(f"{polar.en} {polar.zh}") if is_name_like(unit)}
    if has_han(question) and not names <= other:
        return False
    return quantities(asked) == quantities(held) and len(_NOT.findall(asked)) % 2 == len(_NOT.findall(held)) % 2


def _phrase(question: str, answer: str) -> str:
    if answer == "depends":
        return "depends"
    folded = fold(question)
    for yes, no, cue in _MODALS:
        if cue.search(folded):
            return yes if answer == "yes" else no
    return answer
