"""Train the verifier that tells whether a rule answers a question: `python -m evals.train_verifier`.

What it learns from is made by `verifier_pairs`. Cases weigh more than the rest, because people wrote them without
knowing the index. How the measures and the matcher (`train_matcher`, to be run before) are weighed together is learnt
on the cases alone, each judged by a committee that has not seen it; the matcher has seen none.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from assistant.likelihood import match, nearness
from assistant.measure import FEATURES
from assistant.rule_index import RuleIndex, idf_of
from assistant.verify import WEIGHTS, signs
from evals.verifier_pairs import (
    Pairs,
    dev_cases,
    pairs_of_altered,
    pairs_of_asks,
    pairs_of_case,
    pairs_of_misses,
    pairs_of_people,
    pairs_of_swapped,
)
from knowledge.embed import open_embedder
from knowledge.library import Library, open_library
from knowledge.settings import KnowledgeSettings

_MEMBERS = 4
_CASE_WEIGHT = 3
_FOLDS = 5


def main() -> None:
    """Make the data from the built library, fit, and write `assistant/verifier.npz`."""
    settings = KnowledgeSettings()
    library = open_library(settings.library_dir, open_embedder(settings))
    idf = idf_of(library.rules.values())
    index = RuleIndex(library, idf)
    asked = list(pairs_of_asks(library, index, random.Random(7)))
    cases = {case.id: list(pairs_of_case(library, index, case)) for case in dev_cases()}
    groups = {case.id: case.group or case.id for case in dev_cases()}
    swapped = list(pairs_of_swapped(library, index, random.Random(11)))
    missed = list(pairs_of_misses(library, index, random.Random(13)))
    altered = list(pairs_of_altered(library, index, random.Random(17)))
    worded = list(pairs_of_people(library, index, random.Random(19)))
    made = [*asked, *worded, *swapped, *missed, *altered]
    weights = fit_joined(library, index, made, [(groups[name], cases[name]) for name in cases if cases[name]])
    pairs = [*made, *(one for held in cases.values() for one in held * _CASE_WEIGHT)]
    save(*fit(pairs, _MEMBERS), weights, idf, WEIGHTS)
    Console().print(f"{WEIGHTS.name}: {len(pairs)} questions; joined by {weights}")


def fit_joined(
    library: Library, index: RuleIndex, made: Sequence[Pairs], cases: Sequence[tuple[str, Sequence[Pairs]]]
) -> dict[str, NDArray[np.float64]]:
    """What the log odds by the measures, the matcher's score and a constant count, (3,); and all `signs` and a
    constant, (17,).

    Only what was found for a case counts, not what is found without its rules: a rule that was second is not one whose
    open questions are like the case.
    """
    rows: list[NDArray[np.float64]] = []
    groups = [group for group, _ in cases]
    for learnt, judged in track(GroupKFold(_FOLDS).split(cases, groups=groups), "folds", _FOLDS):
        seen = [one for n in learnt for one in cases[n][1] for _ in range(_CASE_WEIGHT)]
        scaler, members = fit([*made, *seen], 1)
        for one in (cases[n][1][0] for n in judged):
            scaled = np.clip(scaler.transform(one.features), -6.0, 6.0)
            probabilities = members[0].predict_proba(scaled)[:, 1]
            scores = match(library, index, one.text, one.places, probabilities)
            if scores is not None:
                near = nearness(library, index, one.text, one.places, one.features)
                rows.append(np.column_stack([signs(probabilities, scores, near, one.features), one.labels]))
    table = np.vstack(rows)
    known = table[~np.isnan(table).any(axis=1)]
    return {"joined": _weighed(table[:, :2], table[:, -1]), "joined_nearness": _weighed(known[:, :-1], known[:, -1])}


def _weighed(signs: NDArray[np.float64], labels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights of a logistic regression, its constant last. Cosines differ little: it is fitted to what is scaled."""
    scaler = StandardScaler().fit(signs)
    fitted = LogisticRegression(C=10.0).fit(scaler.transform(signs), labels)
    weights: NDArray[np.float64] = fitted.coef_[0] / scaler.scale_
    return np.append(weights, fitted.intercept_[0] - weights @ scaler.mean_)


def fit(pairs: Sequence[Pairs], members: int) -> tuple[StandardScaler, list[MLPClassifier]]:
    """A committee over scaled features."""
    features = np.vstack([one.features for one in pairs])
    labels = np.concatenate([one.labels for one in pairs])
    scaler = StandardScaler().fit(features)
    scaled = np.clip(scaler.transform(features), -6.0, 6.0)
    committee = [
        MLPClassifier((24, 12), alpha=1.0, max_iter=60, early_stopping=True, random_state=n).fit(scaled, labels)
        for n in range(members)
    ]
    return scaler, committee


def save(
    scaler: StandardScaler,
    members: Sequence[MLPClassifier],
    joined: dict[str, NDArray[np.float64]],
    idf: dict[str, float],
    path: Path,
) -> None:
    """Write the committee with the weights of terms that it was trained with."""
    weights: dict[str, Any] = {**joined}
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
