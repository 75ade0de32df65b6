"""How much of a build is the encoder itself: passages a second of both on the same texts."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from knowledge.catalogue import Catalogue
from knowledge.embed import Embedder
from knowledge.passage import Passage
from knowledge.vector_cache import VectorCache
from knowledge.vectors import Vectors

_PARTS = 4


@dataclass(frozen=True, slots=True)
class Building:
    """Passages a second through the bare encoder and through a build: keywords, cache, vectors, index."""

    encoder: float
    build: float

    @property
    def share(self) -> float:
        """The build's speed as a share of the encoder's."""
        return self.build / self.encoder


def measure_building(embedder: Embedder, passages: Sequence[Passage]) -> Building:
    """Encode the passages, and build from them; by turns in parts, so that a busy minute falls on both."""
    bare = built = 0.0
    embedder.embed_passages([passages[0].text])  # opens the model
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        with (
            closing(Catalogue(folder / "catalogue.sqlite", create=True)) as catalogue,
            closing(Vectors(folder / "vectors")) as vectors,
            closing(VectorCache(folder / "cache.sqlite", embedder)) as cache,
        ):
            for part in range(_PARTS):
                chosen = passages[part::_PARTS]
                begun = time.perf_counter()
                embedder.embed_passages([one.text for one in chosen])
                middle = time.perf_counter()
                with catalogue.writing():
                    catalogue.add_passages((one, one.text) for one in chosen)
                vectors.add(chosen, cache.embed([one.text for one in chosen], lambda *_: None))
                bare, built = bare + middle - begun, built + time.perf_counter() - middle
    return Building(len(passages) / bare, len(passages) / built)
