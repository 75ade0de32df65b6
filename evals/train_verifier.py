"""Train the verifier that tells whether a rule answers a question: `python -m evals.train_verifier`.

What it learns from is made by `verifier_pairs`. Cases weigh more than the rest, because people wrote them without
knowing the index.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from assistant.measure import FEATURES
from assistant.rule_index import RuleIndex, idf_of
from assistant.verify import WEIGHTS
from evals.verifier_pairs import (
    Features,
    dev_cases,
    pairs_of_altered,
    pairs_of_asks,
    pairs_of_case,
    pairs_of_misses,
    pairs_of_swapped,
)
from knowledge.embed import open_embedder
from knowledge.library import open_library
from knowledge.settings import KnowledgeSettings

_MEMBERS = 4
_CASE_WEIGHT = 3


def main() -> None:
    """Make the data from the built library, fit, and write `assistant/verifier.npz`."""
    settings = KnowledgeSettings()
    library = open_library(settings.library_dir, open_embedder(settings))
    idf = idf_of(library.rules.values())
    index = RuleIndex(library, idf)
    asked = list(pairs_of_asks(library, index, random.Random(7)))
    cases = [pairs for case in dev_cases() for pairs in pairs_of_case(library, index, case)]
    swapped = list(pairs_of_swapped(library, index, random.Random(11)))
    missed = list(pairs_of_misses(library, index, random.Random(13)))
    altered = list(pairs_of_altered(library, index, random.Random(17)))
    pairs = [*asked, *swapped, *missed, *altered, *cases * _CASE_WEIGHT]
    features = np.vstack([one.features for one in pairs])
    labels = np.concatenate([one.labels for one in pairs])
    save(*fit(features, labels), idf, WEIGHTS)
    Console().print(f"{WEIGHTS.name}: {len(labels)} pairs, {int(labels.sum())} right")


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
