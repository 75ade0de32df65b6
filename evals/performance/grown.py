"""A library of any size, made from a real one: the same records over and over, each time varied.

A copy takes half its sentences from another passage of the same language and gets other numbers, so that words keep
their real frequencies without two texts being equal; its vector lies between those of the two passages, a little
beside the line. The same seed gives the same library.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.catalogue import Catalogue
from knowledge.library import Library
from knowledge.passage import Passage
from knowledge.vectors import Vectors

_META = ("layout", "embedder", "corpus", "glossary")
_SLAB = 2_000
_NOISE = 0.25
_SENTENCE = re.compile(r"(?<=[.!?。！？；\n])")
_DIGITS = re.compile(r"\d+")


def grow(library: Library, folder: Path, count: int, report: Callable[[int], None] | None = None) -> None:
    """Write a library version of `count` passages into the empty `folder`, from the statements and sections held.

    `report` hears how many passages have been added since it last heard.
    """
    held = [passage for passage in library.catalogue.all_passages() if passage.kind != "ask"]
    vectors = _vectors(library, held)
    catalogue = Catalogue(folder / "catalogue.sqlite", create=True)
    store = Vectors(folder / "vectors")
    with catalogue.writing():
        for key in _META:
            catalogue.set_meta(key, library.catalogue.get_meta(key))
        for passages, rows in _slabs(held, vectors, count):
            catalogue.add_passages((passage, passage.text) for passage in passages)
            store.add(passages, rows)
            if report is not None:
                report(len(passages))
    catalogue.close()
    store.close()


def _vectors(library: Library, held: list[Passage]) -> NDArray[np.float32]:
    rows = np.empty((len(held), library.embedder.dimension), np.float32)
    for language in ("en", "zh"):
        places = [place for place, passage in enumerate(held) if passage.language == language]
        rows[places] = library.vectors.get(language, [held[place].id for place in places])
    return rows


def _slabs(
    held: list[Passage], vectors: NDArray[np.float32], count: int
) -> Iterator[tuple[list[Passage], NDArray[np.float32]]]:
    chance, noise = random.Random(7), np.random.default_rng(7)
    of_language = {
        language: [place for place, passage in enumerate(held) if passage.language == language]
        for language in ("en", "zh")
    }
    order = list(range(len(held)))
    chance.shuffle(order)
    for begin in range(0, count, _SLAB):
        numbers = range(begin, min(begin + _SLAB, count))
        first = [order[number % len(order)] for number in numbers]
        second = [chance.choice(of_language[held[place].language]) for place in first]
        passages = [
            _varied(held[one], held[other], number, chance)
            for one, other, number in zip(first, second, numbers, strict=True)
        ]
        share = noise.uniform(0.5, 0.9, (len(first), 1)).astype(np.float32)
        aside = noise.standard_normal((len(first), vectors.shape[1])).astype(np.float32)
        aside *= _NOISE / np.linalg.norm(aside, axis=1, keepdims=True)
        mixed = share * vectors[first] + (1 - share) * vectors[second] + aside
        yield passages, mixed / np.linalg.norm(mixed, axis=1, keepdims=True)


def _varied(one: Passage, other: Passage, number: int, chance: random.Random) -> Passage:
    sentences = _SENTENCE.split(one.text)
    mixed = sentences[: len(sentences) // 2 + 1] + _SENTENCE.split(other.text)[len(sentences) // 2 + 1 :]
    text = _DIGITS.sub(lambda digits: str(chance.randrange(10 ** len(digits.group()))), "".join(mixed))
    return replace(one, id=f"grown-{number // 20}#{number}", record=f"grown-{number // 20}", kind="section", text=text)
