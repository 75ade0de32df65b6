"""Is a record found that is held in the other language only? `python -m evals.retrieval.cross_language`.

Made of our own rules, which stand in both languages. In a set, one rule in four is held in the other language only,
all others in the asker's language only; what is asked are questions that those rules answer, in the asker's language.
Four sets: either direction, and in each a half to choose the merge on and a half to report. Which rules are held apart
follows from their ids. Beside them a plain set holds every rule in both languages, so that a merge that finds what is
far does not lose what is near.

`--parallel FILE` does the same with a public set whose texts stand in both languages (such as XQuAD, of which nothing
is kept here). Each line is a text: {"en": "...", "zh": "...", "asks_en": ["..."], "asks_zh": ["..."]}. `--padding`
names files with a text a line, of either language, that fill up the language of the asker.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evals.retrieval.fusion import interval, measure
from evals.retrieval.retrieval_set import RetrievalSet, library_of
from knowledge.embed import Embedder, open_embedder
from knowledge.library import Library, open_library
from knowledge.retrieval import MERGE, Merge, search
from knowledge.rule import Rule
from knowledge.settings import KnowledgeSettings
from knowledge.vector_cache import VectorCache
from knowledge.words import has_han

HALVES = ("choose", "report")
LANGUAGES = ("en", "zh")
MERGES = {f"advance {advance}": Merge(advance=advance) for advance in (0.0, 0.05, 0.08)} | {"shipped": MERGE}
_PARTS = 4
_QUESTIONS = 3
"""At most so many of a text's questions, so that no text outweighs the others."""


@dataclass(frozen=True, slots=True)
class Parallel:
    """A text that stands in both languages, and the questions it answers in each."""

    text: Mapping[str, str]
    asks: Mapping[str, Sequence[str]]


def of_rules(rules: Mapping[str, Rule]) -> dict[str, Parallel]:
    """Our own rules by id."""
    return {
        rule.id: Parallel(
            {
                "en": f"{rule.title['en']}. {rule.statement['en']}",
                "zh": f"{rule.title['zh-Hans']}. {rule.statement['zh-Hans']}",
            },
            {"en": rule.asks_en, "zh": rule.asks_zh},
        )  # fmt: skip
        for rule in rules.values()
    }


def read_parallel(path: Path) -> dict[str, Parallel]:
    """The texts of a file, by the number of their line."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {
        str(number): Parallel(
            {language: row[language] for language in LANGUAGES},
            {language: row[f"asks_{language}"] for language in LANGUAGES},
        )
        for number, row in enumerate(rows)
    }


def make_sets(texts: Mapping[str, Parallel], half: str, padding: Sequence[str] = ()) -> list[RetrievalSet]:
    """Both directions of one half, and the plain set of the texts that are asked for in it."""
    part = HALVES.index(half)
    asked_for = {key: one for key, one in texts.items() if _part_of(key) == part}
    sets = []
    for own, other in (LANGUAGES, LANGUAGES[::-1]):
        corpus = {key: one.text[other if key in asked_for else own] for key, one in texts.items()}
        filled = [text for text in padding if has_han(text) == (own == "zh")]
        corpus |= {f"padding {number}": text for number, text in enumerate(filled)}
        sets.append(_set(f"{own} asked, {other} held, {half}", corpus, asked_for, (own,)))
    both = {f"{key} {language}": one.text[language] for key, one in texts.items() for language in LANGUAGES}
    both |= {f"padding {number}": text for number, text in enumerate(padding)}
    sets.append(_set(f"both held, {half}", both, asked_for, LANGUAGES))
    return sets


def _set(name: str, corpus: Mapping[str, str], texts: Mapping[str, Parallel], languages: Sequence[str]) -> RetrievalSet:
    queries = {
        f"{key} {language} {number}": text
        for key, one in texts.items()
        for language in languages
        for number, text in enumerate(one.asks[language][:_QUESTIONS])
    }
    right = {
        key: {held: 1 for held in (key, *(f"{key} {one}" for one in LANGUAGES)) if held in corpus} for key in texts
    }
    return RetrievalSet(name, corpus, queries, {query: right[query.split(" ")[0]] for query in queries})


def _part_of(key: str) -> int:
    return hashlib.sha256(key.encode()).digest()[0] % _PARTS


def ndcg(one: RetrievalSet, library: Library, merge: Merge) -> list[float]:
    """nDCG@10 of each query."""
    found = []
    for query_id, text in one.queries.items():
        run = [hit.passage.record for hit in search(library, text, merge=merge)]
        found.append(measure(run, one.grades[query_id])[0])
    return found


def compare(
    sets: Sequence[RetrievalSet], embedder: Embedder, cache: VectorCache, glossary: str
) -> dict[str, dict[str, list[float]]]:
    """nDCG@10 of each query by set and merge."""
    table: dict[str, dict[str, list[float]]] = {}
    for one in sets:
        with (
            tempfile.TemporaryDirectory() as kept,
            closing(library_of(one, embedder, cache, Path(kept), glossary)) as library,
        ):
            table[one.name] = {name: ndcg(one, library, merge) for name, merge in MERGES.items()}
    return table


def main(arguments: Sequence[str]) -> None:
    """Print the mean nDCG@10 of every set at every merge, with and without the glossary."""
    parser = argparse.ArgumentParser(prog="python -m evals.retrieval.cross_language")
    parser.add_argument("--parallel", type=Path)
    parser.add_argument("--padding", type=Path, nargs="*", default=[])
    given = parser.parse_args(arguments)
    settings = KnowledgeSettings()
    embedder = open_embedder(settings)
    with closing(open_library(settings.library_dir, embedder)) as library:
        texts, glossary = of_rules(library.rules), library.catalogue.get_meta("glossary")
    if given.parallel:
        texts = read_parallel(given.parallel)
    padding = [line for path in given.padding for line in path.read_text(encoding="utf-8").splitlines() if line]
    lines = ["set | " + " | ".join(MERGES), "--- | " * len(MERGES) + "---"]
    with closing(VectorCache(Path(tempfile.gettempdir()) / "hkva-cross-language.sqlite", embedder)) as cache:
        sets = [one for half in HALVES for one in make_sets(texts, half, padding)]
        for groups, told in ((glossary, "with the glossary"), ("", "without")):
            for name, merges in compare(sets, embedder, cache, groups).items():
                lines.append(f"{name}, {told} | " + " | ".join(f"{np.mean(rows):.3f}" for rows in merges.values()))
                best = max(merges, key=lambda merge: float(np.mean(merges[merge])))
                low, high = interval(np.array(merges[best]) - np.array(merges["shipped"]))
                lines.append(f"best {best} less shipped: {low:+.3f} to {high:+.3f}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
