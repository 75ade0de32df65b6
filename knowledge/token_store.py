"""The token vectors of the rules' statements in a library version: one file, read whole (some 20 MB for 940)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.e5_tokens import TokenEmbedder, reduction_name
from knowledge.passage import Passage
from knowledge.vector_cache import Progress

_FILE = "tokens.npz"


class TokenStore:
    """Token vectors by passage."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as held:
            self._values: NDArray[np.float16] = held["values"]
            borders = held["borders"].tolist()
            self._of_passage = dict(
                zip(held["passages"].tolist(), zip(borders, borders[1:], strict=False), strict=True)
            )
            self.of_text = dict(zip(held["texts"].tolist(), self._of_passage, strict=True))
            """Passages by the digest of their text."""

    def get(self, passage_id: str) -> NDArray[np.float16]:
        """Vectors (tokens, numbers) of a passage. Raises KeyError where there are none."""
        begin, end = self._of_passage[passage_id]
        return self._values[begin:end]


def open_tokens(folder: Path) -> TokenStore | None:
    """The store of a version; None where its embedder gave no token vectors."""
    path = folder / _FILE
    return TokenStore(path) if path.is_file() else None


def write_tokens(
    folder: Path, passages: Sequence[Passage], embedder: object, before: Path | None, report: Progress
) -> None:
    """Save the token vectors of the statements among `passages`, if the embedder has any.

    What the version in the folder `before` has of the same text is taken over.
    """
    if not isinstance(embedder, TokenEmbedder):
        return
    statements = [passage for passage in passages if passage.kind == "rule"]
    texts = [_digest(passage.text) for passage in statements]
    store = open_tokens(before) if before is not None else None
    held = {text: store.get(store.of_text[text]) for text in texts if text in store.of_text} if store else {}
    missing = {text: passage.text for text, passage in zip(texts, statements, strict=True) if text not in held}
    done = 0

    def advance(more: int) -> None:
        nonlocal done
        done += more
        report("tokens", done, len(missing))

    held |= dict(zip(missing, embedder.passage_tokens(list(missing.values()), advance), strict=True))
    values = [held[text] for text in texts]
    np.savez(
        folder / _FILE,
        passages=np.array([passage.id for passage in statements]),
        texts=np.array(texts),
        borders=np.cumsum([0, *map(len, values)]),
        values=np.concatenate(values) if values else np.empty((0, 0), np.float16),
    )


def _digest(text: str) -> str:
    return hashlib.sha256(f"{reduction_name()}\0{text}".encode()).hexdigest()
