"""Is a record found that is held in the other language only? `python -m evals.retrieval.cross_language`.

Made of our own rules, which stand in both languages. In a set, one rule in four is held in the other language only,
all others in the asker's language only; what is asked are questions that those rules answer, in the asker's language.
Four sets: either direction, and in each a half to choose the merge weight on and a half to report. Which rules are
held apart follows from their ids. Beside them a plain set holds every rule in both languages, so that a weight that
finds what is far does not lose what is near.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from evals.retrieval.fusion import interval, measure
from evals.retrieval.retrieval_set import RetrievalSet, library_of
from knowledge.embed import Embedder, open_embedder
from knowledge.library import Library, open_library
from knowledge.retrieval import OTHER_LANGUAGE_WEIGHT, search
from knowledge.rule import Rule
from knowledge.settings import KnowledgeSettings
from knowledge.vector_cache import VectorCache

HALVES = ("choose", "report")
DIRECTIONS = (("en", "zh-Hans"), ("zh-Hans", "en"))
WEIGHTS = (0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2)
_PARTS = 4
_QUESTIONS = 3
"""At most so many of a rule's questions, so that no rule outweighs the others."""


def make_sets(rules: Mapping[str, Rule], half: str) -> list[RetrievalSet]:
    """Both directions of one half, and the plain set of the rules that are asked for in it."""
    part = HALVES.index(half)
    asked_for = [rule for rule in rules.values() if _part_of(rule) == part]
    sets = []
    for own, other in DIRECTIONS:
        corpus = {rule.id: _text(rule, other if _part_of(rule) == part else own) for rule in rules.values()}
        sets.append(_set(f"{own} asked, {other} held, {half}", corpus, asked_for, (own,)))
    both = {f"{rule.id} {language}": _text(rule, language) for rule in rules.values() for language, _ in DIRECTIONS}
    sets.append(_set(f"both held, {half}", both, asked_for, ("en", "zh-Hans")))
    return sets


def _set(name: str, corpus: Mapping[str, str], rules: Sequence[Rule], languages: Sequence[str]) -> RetrievalSet:
    queries = {
        f"{rule.id} {language} {number}": text
        for rule in rules
        for language in languages
        for number, text in enumerate((rule.asks_en if language == "en" else rule.asks_zh)[:_QUESTIONS])
    }
    right = {rule.id: {key: 1 for key in corpus if key.split(" ")[0] == rule.id} for rule in rules}
    return RetrievalSet(name, corpus, queries, {key: right[key.split(" ")[0]] for key in queries})


def _part_of(rule: Rule) -> int:
    return hashlib.sha256(rule.id.encode()).digest()[0] % _PARTS


def _text(rule: Rule, language: str) -> str:
    return f"{rule.title[language]}. {rule.statement[language]}"  # type: ignore[index]


def ndcg(one: RetrievalSet, library: Library, other_weight: float) -> list[float]:
    """nDCG@10 of each query."""
    found = []
    for query_id, text in one.queries.items():
        run = [hit.passage.record for hit in search(library, text, other_weight=other_weight)]
        found.append(measure(run, one.grades[query_id])[0])
    return found


def compare(
    sets: Sequence[RetrievalSet], embedder: Embedder, cache: VectorCache, glossary: str
) -> dict[str, dict[float, list[float]]]:
    """nDCG@10 of each query by set and weight."""
    table: dict[str, dict[float, list[float]]] = {}
    for one in sets:
        with (
            tempfile.TemporaryDirectory() as kept,
            closing(library_of(one, embedder, cache, Path(kept), glossary)) as library,
        ):
            table[one.name] = {weight: ndcg(one, library, weight) for weight in WEIGHTS}
    return table


def main() -> None:
    """Print the mean nDCG@10 of every set at every weight, with and without the glossary."""
    settings = KnowledgeSettings()
    embedder = open_embedder(settings)
    with closing(open_library(settings.library_dir, embedder)) as library:
        rules, glossary = library.rules, library.catalogue.get_meta("glossary")
    lines = ["set | " + " | ".join(str(weight) for weight in WEIGHTS), "--- | " * len(WEIGHTS) + "---"]
    with tempfile.TemporaryDirectory() as kept, closing(VectorCache(Path(kept) / "v.sqlite", embedder)) as cache:
        sets = [one for half in HALVES for one in make_sets(rules, half)]
        for groups, told in ((glossary, "with the glossary"), ("", "without")):
            for name, weights in compare(sets, embedder, cache, groups).items():
                lines.append(f"{name}, {told} | " + " | ".join(f"{np.mean(rows):.3f}" for rows in weights.values()))
                best = max(weights, key=lambda weight: float(np.mean(weights[weight])))
                difference = np.array(weights[best]) - np.array(weights[OTHER_LANGUAGE_WEIGHT])
                low, high = interval(difference)
                lines.append(f"best {best} less shipped: {low:+.3f} to {high:+.3f}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
