"""Train the verifier that tells whether a rule answers a question: `python -m evals.train_verifier`.

The data costs little. Every question that a rule is known to answer is asked with itself, and a random half of the
rule's other questions, taken out of the index: the rule is then a right answer that does not simply repeat the
question. The same question with the rule and its near-duplicates out of scope is a hard one that nothing answers.
The cases of the dev split are asked both ways too, and weigh more, because people wrote them without knowing the
index; nothing of the test split is read.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from assistant.answer import Outcome
from assistant.choose import look, scope_of
from assistant.content import asked_units
from assistant.deciding import read_question_text
from assistant.measure import FEATURES, measure, read_question
from assistant.question import Question
from assistant.rule_index import Cosines, RuleIndex, idf_of
from assistant.understand import understand
from assistant.verify import WEIGHTS
from evals.case import Case
from evals.case_file import read_suite
from knowledge.embed import open_embedder
from knowledge.library import Library, open_library
from knowledge.settings import KnowledgeSettings

Features = NDArray[np.float64]
TODAY = date(2026, 11, 23)
"""The day that the cases are asked on."""
_CANDIDATES = 12
_NEAR_DUPLICATE = 0.945
_MEMBERS = 4
_QUESTIONS = 1_500
_CASE_WEIGHT = 4
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
    """Features of rules for one question, with 1 where the rule answers it."""

    features: Features
    labels: NDArray[np.float64]


def main() -> None:
    """Make the data from the built library, fit, and write `assistant/verifier.npz`."""
    settings = KnowledgeSettings()
    library = open_library(settings.library_dir, open_embedder(settings))
    idf = idf_of(library.rules.values())
    index = RuleIndex(library, idf)
    asked = list(pairs_of_asks(library, index, random.Random(7)))
    cases = [pairs for case in dev_cases() for pairs in pairs_of_case(library, index, case)]
    swapped = list(pairs_of_swapped(library, index, random.Random(11)))
    pairs = [*asked, *swapped, *cases * _CASE_WEIGHT]
    features = np.vstack([one.features for one in pairs])
    labels = np.concatenate([one.labels for one in pairs])
    save(*fit(features, labels), idf, WEIGHTS)
    Console().print(f"{WEIGHTS.name}: {len(labels)} pairs, {int(labels.sum())} right")


def dev_cases() -> list[Case]:
    """The cases to learn from: single questions of the dev split on our subject."""
    subject = {Outcome.ANSWERED, Outcome.INSUFFICIENT}
    return [
        case for case in read_suite("all")
        if case.split == "dev" and not case.turns and case.expect.outcome <= subject
    ]  # fmt: skip


def pairs_of_asks(library: Library, index: RuleIndex, chance: random.Random) -> Iterator[Pairs]:
    """Pairs from the questions that rules are known to answer."""
    likeness = index.likeness()
    questions = [(rule, ask) for rule in index.rules for ask in dict.fromkeys(RuleIndex.questions_of(rule))]
    for rule, question in track(chance.sample(questions, min(_QUESTIONS, len(questions))), "questions"):
        place = index.place[rule.id]
        duplicates = _near(likeness, [place]) - {place}
        yield from _pairs_of_ask(library, index, place, duplicates, question, chance)


def _pairs_of_ask(
    library: Library, index: RuleIndex, place: int, duplicates: set[int], question: str, chance: random.Random
) -> Iterator[Pairs]:
    """The right rule and its rivals, then what is nearest when it is not held."""
    asks = RuleIndex.questions_of(index.rules[place])
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
    asked = understand(Question(case.question, as_of=case.as_of), TODAY)
    asked = replace(asked, text=read_question_text(index, asked.text))
    looked = look(library, index, asked, scope_of(asked))
    names = {name for group in (*case.expect.rules, case.expect.version) for name in group}
    gold = {index.place[rule.id] for name in names if (rule := library.find_rule(name)) is not None}
    if case.expect.answerable and not gold:
        return
    yield Pairs(looked.features, np.array([float(place in gold) for place in looked.places]))
    if gold and case.expect.answerable:
        gone = frozenset(index.rules[place].id for place in _near(index.likeness(), sorted(gold)))
        without = look(library, index, asked, replace(scope_of(asked), without=gone))
        yield Pairs(without.features, np.zeros(len(without.places)))


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


def _near(likeness: NDArray[np.float32], places: Sequence[int]) -> set[int]:
    """The rules that say nearly the same as any of these, these included."""
    return {int(n) for place in places for n in np.nonzero(likeness[place] > _NEAR_DUPLICATE)[0]} | set(places)


def nearest(cosines: Cosines, held: NDArray[np.bool_]) -> list[int]:
    """The rules nearest to a question, by statement or by question."""
    asked = np.maximum(cosines.asked["en"], cosines.asked["zh"])
    stated = np.maximum(cosines.stated["en"], cosines.stated["zh"])
    best = np.where(held, np.maximum(asked, stated + 0.02), 0.0)
    return [int(n) for n in np.argsort(-best)[:_CANDIDATES]]


def fit(features: Features, labels: NDArray[np.float64]) -> tuple[StandardScaler, list[MLPClassifier]]:
    """A committee over scaled features."""
    scaler = StandardScaler().fit(features)
    scaled = np.clip(scaler.transform(features), -6.0, 6.0)
    members = [
        MLPClassifier((24, 12), alpha=1.0, max_iter=60, early_stopping=True, random_state=n).fit(scaled, labels)
        for n in range(_MEMBERS)
    ]
    return scaler, members


def save(scaler: StandardScaler, members: Sequence[MLPClassifier], idf: dict[str, float], path: Path) -> None:
    """Write the committee with the weights of terms that it was trained with."""
    weights: dict[str, Any] = {}
    for n, member in enumerate(members):
        for k, (matrix, bias) in enumerate(zip(member.coefs_, member.intercepts_, strict=True)):
            weights[f"w{n}_{k}"] = matrix.astype(np.float32)
            weights[f"b{n}_{k}"] = bias.astype(np.float32)
    np.savez_compressed(
        path, features=np.array(FEATURES), mean=scaler.mean_, scale=scaler.scale_, members=len(members),
        terms=np.array(list(idf)), idf=np.array(list(idf.values()), dtype=np.float32), **weights,
    )  # fmt: skip


if __name__ == "__main__":
    main()
