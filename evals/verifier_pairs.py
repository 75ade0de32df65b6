"""What the verifier learns from: questions with rules that answer them, and with rules that only look as if they did.

Right answers: every question that a rule is known to answer, asked with itself and a random half of the rule's other
questions taken out of the index, so that the rule does not simply repeat it; questions in people's own words, which no
index holds (`people/`); and the cases of the dev split. Wrong ones: the rivals of the right rule; the nearest rules
where the right one and its near-duplicates are out of scope; questions on the subject of a rule that it leaves open
(`knowledge/corpus/open/`); questions of a rule with their year or rank exchanged for one that it does not have; and an
attribute that no record has. Nothing of the test split is read.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from assistant.answer import Outcome
from assistant.asked_date import months_named
from assistant.asked_names import ranks_in
from assistant.choose import look, scope_of
from assistant.content import asked_units
from assistant.deciding import read_question_text
from assistant.measure import measure, read_question
from assistant.question import Question, Turn
from assistant.rule_index import Cosines, RuleIndex
from assistant.rule_terms import RuleTerms, questions_of
from assistant.understand import Understood, understand
from evals.case import Case
from evals.case_file import read_suite
from knowledge.library import Library
from knowledge.register import read_corpus
from knowledge.settings import KnowledgeSettings
from knowledge.words import to_simplified

PEOPLE = Path(__file__).with_name("people")
Features = NDArray[np.float64]
TODAY = date(2026, 11, 23)
"""The day that the cases are asked on."""
_CANDIDATES = 12
_NEAR_DUPLICATE = 0.945
_QUESTIONS = 5_000
_MISSES = 7_000
_PEOPLE = 4_500
_RIVALS = 5
_ALTERED = 500
_YEAR = re.compile(r"20[12]\d")
_RANKS = {
    "first": ("third", "fourth", "fifth"), "second": ("fourth", "fifth"), "首个": ("第四个", "第五个"),
    "首批": ("第四批", "第五批"), "首家": ("第四家", "第五家"), "第一": ("第四", "第五"), "第二": ("第四", "第六"),
}  # fmt: skip
_SWAPPED = 400
_NAME = re.compile(r"\b(?:[A-Z][a-zA-Z-]*[A-Z][a-zA-Z-]*|[A-Z][a-z]{4,}(?: [A-Z][a-z]+)?)\b")
_NO_NAMES = frozenset({"SFC", "HKMA", "The", "Hong", "Hong Kong"})
_ATTRIBUTES = (
    ("share price", "股价"),
    ("annual revenue", "年度营业额"),
    ("headcount", "员工人数"),
    ("auditor", "核数师"),
    ("insurer", "承保公司"),
    ("office address", "办公地址"),
    ("phone number", "电话号码"),
    ("market share", "市占率"),
    ("staking yield", "质押收益率"),
    ("interest rate", "利率"),
    ("trading fee", "交易手续费"),
    ("benchmark", "基准"),
    ("marketing budget", "推广预算"),
    ("daily trading volume", "每日成交量"),
    ("customer satisfaction", "客户满意度"),
    ("presiding judge", "主审法官"),
    ("withdrawal fee", "提币费"),
    ("number of employees", "雇员数目"),
    ("mascot", "吉祥物"),
    ("dividend", "股息"),
    ("largest shareholder", "最大股东"),
    ("compliance officer", "合规主任"),
    ("number of users", "用户数目"),
    ("software vendor", "软件供应商"),
    ("total cost", "总成本"),
    ("salary", "薪酬"),
)
_FORMS_ENGLISH = (
    "What is the {attribute} of {name}?",
    "What {attribute} does {name} have?",
    "{name} {attribute}",
    "Tell me the {attribute} for {name} in 2025",
    "How high is {name}'s {attribute}?",
)
_FORMS_CHINESE = ("{name}的{attribute}是多少？", "{name}{attribute}几多", "请问{name}的{attribute}是什么？")


@dataclass(frozen=True, slots=True)
class Pairs:
    """Features of rules for one question, with 1 where the rule answers it; of a case also its text and the rules."""

    features: Features
    labels: NDArray[np.float64]
    text: str = ""
    places: tuple[int, ...] = ()


def dev_cases() -> list[Case]:
    """The cases to learn from: those of the dev split that are on our subject, or near it."""
    return [
        case for case in read_suite("all")
        if case.split == "dev" and case.expect.outcome & {Outcome.ANSWERED, Outcome.INSUFFICIENT}
    ]  # fmt: skip


def pairs_of_asks(library: Library, index: RuleIndex, chance: random.Random) -> Iterator[Pairs]:
    """Pairs from the questions that rules are known to answer."""
    likeness = index.likeness()
    questions = [(rule, ask) for rule in index.rules for ask in dict.fromkeys(questions_of(rule))]
    for rule, question in track(chance.sample(questions, min(_QUESTIONS, len(questions))), "questions"):
        place = index.place[rule.id]
        duplicates = near_duplicates(likeness, [place]) - {place}
        yield from _pairs_of_ask(library, index, place, duplicates, question, chance)


def _pairs_of_ask(
    library: Library, index: RuleIndex, place: int, duplicates: set[int], question: str, chance: random.Random
) -> Iterator[Pairs]:
    """The right rule and its rivals, then what is nearest when it is not held."""
    asks = questions_of(index.rules[place])
    siblings = [n for n, ask in enumerate(asks) if ask != question]
    out = {n for n, ask in enumerate(asks) if ask == question} | set(chance.sample(siblings, len(siblings) // 2))
    vector = library.embedder.embed_query(question)
    cosines = index.cosines(vector, index.passages_of_questions(place, out))
    read = read_question(index, question)
    held = np.ones(len(index.rules), dtype=bool)
    held[list(duplicates)] = False
    right = measure(index, read, cosines, [place], held, out)
    rivals = measure(index, read, cosines, [n for n in nearest(cosines, held) if n != place], held)
    yield Pairs(np.vstack([right, rivals]), np.array([1.0] + [0.0] * len(rivals)))
    held[place] = False
    without = measure(index, read, cosines, nearest(cosines, held), held)
    yield Pairs(without, np.zeros(len(without)))


def pairs_of_case(library: Library, index: RuleIndex, case: Case) -> Iterator[Pairs]:
    """What was found for a case, and what is found when its gold rules are not held."""
    turns = tuple(Turn(turn, "") for turn in case.turns)
    asked = read_as_asked(index, Question(case.question, as_of=case.as_of, turns=turns))
    names = {name for group in (*case.expect.rules, case.expect.version) for name in group}
    gold = {index.place[rule.id] for name in names if (rule := library.find_rule(name)) is not None}
    if gold or not case.expect.answerable:
        yield from _pairs_found(library, index, asked, gold if case.expect.answerable else set())


def pairs_of_people(library: Library, index: RuleIndex, chance: random.Random) -> Iterator[Pairs]:
    """What is found for a question in somebody's own words, and what is found when its rule is not held."""
    questions = [one for one in people() if one[0] in index.place]
    for rule, question in track(chance.sample(questions, min(_PEOPLE, len(questions))), "people"):
        asked = read_as_asked(index, Question(question))
        yield from _pairs_found(library, index, asked, {index.place[rule]}, near_duplicates_count=False)


def _pairs_found(
    library: Library, index: RuleIndex, asked: Understood, gold: set[int], near_duplicates_count: bool = True
) -> Iterator[Pairs]:
    """With the rules found, of which the near-duplicates of the right one count as wrong or not at all; without it."""
    looked = look(library, index, asked, scope_of(asked))
    same = near_duplicates(index.likeness(), sorted(gold))
    rows = [n for n, place in enumerate(looked.places) if near_duplicates_count or place in gold or place not in same]
    places = [looked.places[n] for n in rows]
    yield Pairs(looked.features[rows], np.array([float(place in gold) for place in places]), asked.text, tuple(places))
    if gold:
        gone = frozenset(index.rules[place].id for place in same)
        without = look(library, index, asked, replace(scope_of(asked), without=gone))
        yield Pairs(without.features, np.zeros(len(without.places)), asked.text, tuple(without.places))


def read_as_asked(index: RuleIndex, question: Question) -> Understood:
    """A question as the assistant reads it before it searches the rules."""
    asked = understand(question, TODAY)
    return replace(asked, text=to_simplified(read_question_text(index, asked.text)))


def pairs_of_misses(library: Library, index: RuleIndex, chance: random.Random) -> Iterator[Pairs]:
    """Questions that a rule leaves open, with that rule and its rivals."""
    held = np.ones(len(index.rules), dtype=bool)
    questions = [one for one in misses() if one[0] in index.place]
    for rule, question in track(chance.sample(questions, min(_MISSES, len(questions))), "misses"):
        text = read_as_asked(index, Question(question)).text
        cosines = index.cosines(library.embedder.embed_query(text))
        places = list(dict.fromkeys([index.place[rule], *nearest(cosines, held)[:_RIVALS]]))
        features = measure(index, read_question(index, text), cosines, places, held)
        yield Pairs(features, np.zeros(len(features)))


def misses() -> Iterator[tuple[str, str]]:
    """Questions that rules leave open, each after the id of its rule."""
    left_open = read_corpus(KnowledgeSettings().corpus_dir).left_open
    yield from ((rule, question) for rule, questions in left_open.items() for question in questions)


def people() -> Iterator[tuple[str, str]]:
    """Questions that rules answer, as people word them, each after the id of its rule."""
    for path in sorted(PEOPLE.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            yield from ((row["rule"], question) for question in (*row["en"], *row["zh"]))


def pairs_of_altered(library: Library, index: RuleIndex, chance: random.Random) -> Iterator[Pairs]:
    """Questions of a rule with another year or rank than any that it has, with that rule alone."""
    held = np.ones(len(index.rules), dtype=bool)
    questions = [(rule, ask) for rule in index.rules for ask in questions_of(rule)]
    chance.shuffle(questions)
    made = 0
    for rule, ask in questions:
        place = index.place[rule.id]
        question = _altered(ask, index.terms_of(place), chance)
        if question is not None:
            cosines = index.cosines(library.embedder.embed_query(question))
            yield Pairs(measure(index, read_question(index, question), cosines, [place], held), np.zeros(1))
            made += 1
        if made >= _ALTERED:
            return


def _altered(ask: str, held: RuleTerms, chance: random.Random) -> str | None:
    """The question with its year or its rank exchanged for one that the rule does not have; None where it has none."""
    year = _YEAR.search(ask)
    if year:
        other = str(chance.randint(2017, 2028))
        question = ask.replace(year.group(), other)
        return question if other not in held.numbers and months_named(question, date.max) - held.months else None
    for rank, others in _RANKS.items():
        if rank in ask:
            question = ask.replace(rank, chance.choice(others))
            return question if ranks_in(question) - held.ranks else None
    return None


def pairs_of_swapped(library: Library, index: RuleIndex, chance: random.Random) -> Iterator[Pairs]:
    """Questions on what no record says of a name that records do have; a rule that has the very word is left out."""
    names = sorted({name for rule in index.rules for name in _NAME.findall(rule.title["en"])} - _NO_NAMES)
    held = np.ones(len(index.rules), dtype=bool)
    for _ in range(_SWAPPED):
        name, (english, chinese) = chance.choice(names), chance.choice(_ATTRIBUTES)
        form, attribute = chance.choice([(_FORMS_ENGLISH, english), (_FORMS_CHINESE, chinese)])
        question = chance.choice(form).format(name=name, attribute=attribute)
        cosines = index.cosines(library.embedder.embed_query(question))
        places = [
            place for place in nearest(cosines, held)
            if not asked_units(attribute).keys() & index.terms_of(place).all
        ]  # fmt: skip
        if places:
            features = measure(index, read_question(index, question), cosines, places, held)
            yield Pairs(features, np.zeros(len(features)))


def near_duplicates(likeness: NDArray[np.float32], places: Sequence[int]) -> set[int]:
    """The rules that say nearly the same as any of these, these included."""
    return {int(n) for place in places for n in np.nonzero(likeness[place] > _NEAR_DUPLICATE)[0]} | set(places)


def nearest(cosines: Cosines, held: NDArray[np.bool_]) -> list[int]:
    """The rules nearest to a question, by statement or by question."""
    asked = np.maximum(cosines.asked["en"], cosines.asked["zh"])
    stated = np.maximum(cosines.stated["en"], cosines.stated["zh"])
    best = np.where(held, np.maximum(asked, stated + 0.02), 0.0)
    return [int(n) for n in np.argsort(-best)[:_CANDIDATES]]
