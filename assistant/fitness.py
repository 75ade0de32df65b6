"""How well a sentence of a document fits a question, as a probability. Pure but for the embedder it is given.

Likeness alone does not tell: the sentence beside the right one is about the same matter. So beside the cosine stand
the words of the question that the sentence lacks, its figures, and whether it has what is asked for at all. Words that
only name the document (`under the Lantau guideline`) are left out of the question first, since its title has them and
its sentences do not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from assistant.asked_for import names_in
from assistant.asked_kind import Asked
from assistant.content import asked_units, held_terms, stem
from assistant.measure import Measured, met_units, read_question
from assistant.numerals import spelled
from assistant.odds import probability_of
from assistant.rule_index import RuleIndex
from knowledge.quantities import quantities
from knowledge.words import HAN, fold, has_han

Embed = Callable[[str], NDArray[np.float32]]
SIGNS = ("cosine", "below", "covered", "missing", "missing_numbers")
WEIGHTS = (4.787, 2.091, 3.116, -0.033, -0.812)
BIAS = -5.460
"""Fitted by `python -m evals.train_fitness` to the corpus: its questions, and the sentences that its rules quote."""
_NOT_OF_KIND = 2.5
"""Taken off where a figure, a date or a person is asked for and the sentence has none."""
_NO_HEAD, _NO_HEAD_BUT_FIGURE = 1.5, 0.8
"""Taken off where what is asked for (the address of a shop) is named nowhere around; a figure may go without it."""
_NO_NAME = 2.0
"""Taken off for each name in the question that stands nowhere around."""
_TELLING = 2.5
"""Weight from which a word of what is asked for must be named."""
_FIRST_PAIR = 1.0
"""How much more telling than its character alone a pair of Chinese characters may be: pairs are often chance."""
_LEAST_FREE = 0.3
"""Share of a question, by weight, below which the words that the title has too count as any other."""
_LEAST_LEFT = {"en": 1, "zh": 3}
"""Units that must be left of a question without the document's name."""
_FIGURE = re.compile(
    r"\bhow (?:old|soon|quick(?:ly)?|fast|far|late|early|few|small|low|frequently)\b|几点|哪个号码|电话号码|热线号码"
)
"""Ways to ask for a figure, beside those of `asked_kind`."""
_FIGURES = frozenset("上下限比例率金额门槛数目") | {
    stem(word)
    for word in (
        "share", "proportion", "percentage", "rate", "ratio", "limit", "cap", "maximum", "minimum", "amount", "number",
    )
}  # fmt: skip
"""Words for a figure that a sentence with one need not repeat."""
_NUMBERING = re.compile(r"^\W*\d+(?:\.\d+)*[.)、]?\s+")
_COUNTED = re.compile(
    r"\bhow many ([a-z' -]+?)(?= (?:is|are|was|were|do|does|did|has|have|had|may|must|can|could|will|would|should|of"
    r"|in|at|to|need|needs|there)\b|[?.,]|$)"
)
"""What is counted in "how many key holders must sign"."""
_BEHIND_NUMBER = 4
"""Words after a number among which what it counts must stand."""
_WHO = re.compile(r"^\W*who\b|谁|哪位|边位|边个(?:负责|批|管|做|发)")
_PERSON = re.compile(
    r"\b[A-Z][a-z]+ [A-Z][a-z]+\b|[A-Z]{2,}"
    r"|[\u4e00-\u9fff](?:公司|银行|銀行|机构|機構|主任|总监|總監|经理|經理|[部局会會人者商院家])"
)
_ROUNDING = 1e-4
"""By how much the cosine of two unit vectors may pass 1."""
_LOOSE = re.compile(r"\b(?:at|of|by|for|from|does|under|in)(?: the)? (?=[?.,]|$|(?:of|at|in) )")


@dataclass(frozen=True, slots=True)
class Section:
    """Sentences under the same headings of one document, in their order."""

    sentences: Sequence[str]
    title: str
    headings: Sequence[str] = ()


def without_title(question: str, title: str) -> str:
    """The question without the words that name the document, unless too little would be left to ask."""
    chinese = has_han(question)
    bare = _without_run(question, title) if chinese else _without_names(question, title)
    enough = _LEAST_LEFT["zh" if chinese else "en"]
    return bare if len(asked_units(bare)) >= enough else question


def is_named(index: RuleIndex, question: str, title: str) -> bool:
    """Whether the question names the document, by a word of its title that no rule has."""
    cut = asked_units(question).keys() - asked_units(without_title(question, title)).keys()
    return any(not index.knows(met) for unit, met in asked_units(question).items() if unit in cut)


def fitness(index: RuleIndex, text: str, section: Section, embed: Embed, least: float = 0.0) -> NDArray[np.float64]:
    """The probability of each sentence that it answers the question, shape (sentences,).

    Where no sentence could reach `least`, were its vector the question's own, none is embedded and all are 0: most
    sections that are looked at answer nothing, and embedding them takes longer than all the rest of an answer.
    """
    bare = without_title(text, section.title)
    question = read_question(index, bare)
    lacking = _lacking(index, question, bare, section)
    nothing = np.zeros(len(section.sentences))
    if _falls_short(WEIGHTS[0] + WEIGHTS[2] + BIAS - lacking, least):  # had it all of the words, too
        return nothing
    words = _signs_of_words(index, question, section)
    if _falls_short(WEIGHTS[0] + words @ np.array(WEIGHTS[2:]) + BIAS - lacking, least):
        return nothing
    score = np.hstack([_signs_of_vectors(bare, section, embed), words]) @ np.array(WEIGHTS) + BIAS - lacking
    return probability_of(score)


def _falls_short(reached: NDArray[np.float64], least: float) -> bool:
    """Whether no sentence reaches a probability."""
    return bool(probability_of(reached).max(initial=0.0) < least - _ROUNDING)


def signs(index: RuleIndex, question: Measured, bare: str, section: Section, embed: Embed) -> NDArray[np.float64]:
    """What speaks for each sentence, shape (sentences, len(SIGNS))."""
    return np.hstack([_signs_of_vectors(bare, section, embed), _signs_of_words(index, question, section)])


def _signs_of_vectors(bare: str, section: Section, embed: Embed) -> NDArray[np.float64]:
    vector = embed(bare)
    cosines = [float(embed(sentence) @ vector) for sentence in _said(section)]
    return np.array([[cosine, max(cosines) - cosine] for cosine in cosines], dtype=np.float64).reshape(-1, 2)


def _signs_of_words(index: RuleIndex, question: Measured, section: Section) -> NDArray[np.float64]:
    said = _said(section)
    around = _around(section)
    named = _met(index, question, section.title)
    weights = {unit: _weight(index, question, unit) for unit in question.units}
    free = [unit for unit in weights if unit not in named]
    if sum(weights[unit] for unit in free) < _LEAST_FREE * sum(weights.values()):
        free = list(weights)
    rows = []
    for place, sentence in enumerate(said):
        before = said[place - 1] if place else ""
        near = f"{around}\n{before}\n{sentence}"
        met, met_near = _met(index, question, sentence), _met(index, question, near)
        rows.append(
            [
                sum(weights[unit] for unit in free if unit in met) / (sum(weights[unit] for unit in free) or 1.0),
                sum(weight for unit, weight in weights.items() if unit not in met_near),
                float(len(question.numbers - quantities(near)) if question.numbers else 0),
            ]
        )
    return np.array(rows, dtype=np.float64).reshape(-1, 3)


def _lacking(index: RuleIndex, question: Measured, bare: str, section: Section) -> NDArray[np.float64]:
    """What is taken off each sentence that has not what is asked for."""
    everything = "\n".join([_around(section), *section.sentences])
    here = _met(index, question, everything)
    lost = question.head - here - _FIGURES
    names = _NO_NAME * len(question.proper - here)
    head = any(_weight(index, question, unit) > _TELLING for unit in lost)
    taken = []
    for sentence in section.sentences:
        has = _wanted(question, bare, sentence)
        off = names + (0.0 if all(has) else _NOT_OF_KIND)
        if head:
            off += _NO_HEAD_BUT_FIGURE if has and all(has) else _NO_HEAD
        taken.append(off)
    return np.array(taken, dtype=np.float64)


def _wanted(question: Measured, bare: str, sentence: str) -> list[bool]:
    """Whether the sentence has each kind of thing that would answer; empty where no kind is asked for."""
    wanted = []
    if {Asked.AMOUNT, Asked.DATE} & question.asked or question.measures or _FIGURE.search(fold(bare)):
        stated = _NUMBERING.sub("", sentence)
        counted = _COUNTED.search(fold(bare))
        wanted.append(_counts(stated, counted[1]) if counted else _has_figure(stated))
    if _WHO.search(fold(bare)):
        wanted.append(_PERSON.search(sentence) is not None)
    return wanted


@lru_cache(maxsize=4096)
def _has_figure(sentence: str) -> bool:
    return bool(quantities(sentence) or spelled(sentence))


def _counts(sentence: str, things: str) -> bool:
    """Whether a number in the sentence counts these things: the last word of their name stands right behind it."""
    words = fold(sentence).split()
    name = stem(things.split()[-1])
    return any(
        name in held_terms(" ".join(words[place + 1 : place + 1 + _BEHIND_NUMBER]))
        for place, word in enumerate(words)
        if quantities(word) or spelled(word)
    )


def _said(section: Section) -> list[str]:
    """The sentences; those of an answer to frequent questions with the question that they answer."""
    asked = section.headings[-1].strip() if section.headings else ""
    return [f"{asked} {one}" for one in section.sentences] if asked.endswith(("?", "？")) else list(section.sentences)


def _around(section: Section) -> str:
    return "\n".join([section.title, *section.headings])


def _met(index: RuleIndex, question: Measured, text: str) -> set[str]:
    held = index.texts.held(text)
    return met_units(question, held.terms, held.groups)


def _weight(index: RuleIndex, question: Measured, unit: str) -> float:
    """How telling a unit is; a Chinese character not much more so than alone, whatever chance pairs it stands in."""
    weight = question.weights[unit]
    return min(weight, index.weight([unit]) + _FIRST_PAIR) if HAN.fullmatch(unit) else weight


def _without_run(question: str, title: str) -> str:
    """Without the longest run, of four characters or more, that the title has too."""
    folded, held = fold(question), fold(title)
    if len(folded) != len(question):
        return question
    runs = (
        (start, end)
        for start in range(len(folded))
        for end in range(start + 4, len(folded) + 1)
        if folded[start:end] in held and has_han(folded[start:end])
    )
    start, end = max(runs, key=lambda run: run[1] - run[0], default=(0, 0))
    return question[:start] + question[end:]


def _without_names(question: str, title: str) -> str:
    """Without the names that the title has too, and the small words that led to them."""
    shared = names_in(question) & held_terms(title)
    words = re.split(r"(\W+)", question)
    bare = "".join(word for word in words if stem(fold(word)) not in shared)
    return _LOOSE.sub("", re.sub(r"\s+", " ", bare))
