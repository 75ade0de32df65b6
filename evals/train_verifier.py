"""Train the verifier that tells whether a rule answers a question: `python -m evals.train_verifier`.

The data costs nothing. Every question that a rule is known to answer is asked with itself, and a random half of the
rule's other questions, taken out of the index: the rule is then a right answer that does not simply repeat the
question. The same question with the rule and its near-duplicates out of scope is a hard one that nothing answers.
Cases of the dev split are added with their gold rules; nothing of the test split is read.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from assistant.measure import FEATURES, Measured, measure, read_question
from assistant.rule_index import Cosines, RuleIndex
from assistant.verify import WEIGHTS
from knowledge.embed import open_embedder
from knowledge.library import Library, open_library
from knowledge.rule import Rule
from knowledge.settings import KnowledgeSettings

_CANDIDATES = 12
_NEAR_DUPLICATE = 0.945
_MEMBERS = 4
Rows = tuple[list[NDArray[np.float64]], list[int]]


def main() -> None:
    """Make the data from the built library, fit, and write `assistant/verifier.npz`."""
    settings = KnowledgeSettings()
    library = open_library(settings.library_dir, open_embedder(settings))
    index = RuleIndex(library)
    features, labels = rows_of_asks(library, index, random.Random(7))
    fit(np.vstack(features), np.array(labels), WEIGHTS)
    Console().print(f"{WEIGHTS.name}: {len(labels)} pairs, {sum(labels)} right")


def rows_of_asks(library: Library, index: RuleIndex, chance: random.Random) -> Rows:
    """Pairs of question and rule with 1 where the rule answers it."""
    features: list[NDArray[np.float64]] = []
    labels: list[int] = []
    likeness = index.likeness()
    for rule, question in track(list(_questions(index.rules)), "questions"):
        place = index.place[rule.id]
        duplicates = {int(n) for n in np.nonzero(likeness[place] > _NEAR_DUPLICATE)[0]} - {place}
        rows = _rows(library, index, place, duplicates, question, chance)
        for label, part in zip((1, 0, 0), rows, strict=True):
            features.append(part)
            labels += [label] * len(part)
    return features, labels


def _questions(rules: Sequence[Rule]) -> Iterator[tuple[Rule, str]]:
    for rule in rules:
        for question in dict.fromkeys(RuleIndex.questions_of(rule)):
            yield rule, question


def _rows(
    library: Library, index: RuleIndex, place: int, duplicates: set[int], question: str, chance: random.Random
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Features of the right rule, of its rivals, and of what is nearest when it is not held."""
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
    held[place] = False
    return right, rivals, _measured(index, read, cosines, held)


def _measured(index: RuleIndex, read: Measured, cosines: Cosines, held: NDArray[np.bool_]) -> NDArray[np.float64]:
    return measure(index, read, cosines, nearest(cosines, held), held)


def nearest(cosines: Cosines, held: NDArray[np.bool_]) -> list[int]:
    """The rules nearest to a question, by statement or by question."""
    asked = np.maximum(cosines.asked["en"], cosines.asked["zh"])
    stated = np.maximum(cosines.stated["en"], cosines.stated["zh"])
    best = np.where(held, np.maximum(asked, stated + 0.02), 0.0)
    return [int(n) for n in np.argsort(-best)[:_CANDIDATES]]


def fit(features: NDArray[np.float64], labels: NDArray[np.int64], path: Path) -> None:
    """Fit the committee and write it."""
    scaler = StandardScaler().fit(features)
    scaled = np.clip(scaler.transform(features), -6.0, 6.0)
    weights: dict[str, Any] = {}
    for n in range(_MEMBERS):
        member = MLPClassifier((24, 12), alpha=0.3, max_iter=120, early_stopping=True, random_state=n)
        member.fit(scaled, labels)
        for k, (matrix, bias) in enumerate(zip(member.coefs_, member.intercepts_, strict=True)):
            weights[f"w{n}_{k}"], weights[f"b{n}_{k}"] = matrix, bias
    np.savez_compressed(
        path, features=np.array(FEATURES), mean=scaler.mean_, scale=scaler.scale_, members=_MEMBERS, **weights
    )


if __name__ == "__main__":
    main()
