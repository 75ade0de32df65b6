"""The token vectors of the rules in a library version, of their statements and of the questions they answer.

Two files: the vectors of all tokens after each other (some 80 MB for 940 statements and 16,000 questions), of which
the system keeps in memory what is read, and which of them are whose.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.e5_tokens import TokenEmbedder, reduction_name
from knowledge.passage import Passage
from knowledge.vector_cache import Progress

Keep = Callable[[Sequence[str], NDArray[np.float32]], None]
"""Told texts and their vectors, shape (texts, dimension)."""
_VECTORS, _OWNERS = "tokens.npy", "tokens.npz"


class TokenStore:
    """Token vectors by passage."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._values: NDArray[np.float16] = np.asarray(np.load(folder / _VECTORS, mmap_mode="r"))
        with np.load(folder / _OWNERS) as held:
            borders = held["borders"].tolist()
            self._of_passage = dict(
                zip(held["passages"].tolist(), zip(borders, borders[1:], strict=False), strict=True)
            )

    def by_text(self) -> dict[bytes, NDArray[np.float16]]:
        """The vectors of all passages by the digest of their text."""
        with np.load(self._folder / _OWNERS) as held:
            return {
                text: self.get(passage) for text, passage in zip(held["texts"].tolist(), self._of_passage, strict=True)
            }

    def get(self, passage_id: str) -> NDArray[np.float16]:
        """Vectors (tokens, numbers) of a passage. Raises KeyError where there are none."""
        begin, end = self._of_passage[passage_id]
        return self._values[begin:end]


def open_tokens(folder: Path) -> TokenStore | None:
    """The store of a version; None where its embedder gave no token vectors."""
    return TokenStore(folder) if (folder / _VECTORS).is_file() else None


def write_tokens(
    folder: Path, passages: Sequence[Passage], embedder: object, before: Path | None, keep: Keep, report: Progress
) -> None:
    """Save the token vectors of the rules' passages among `passages`, if the embedder has any.

    What the version in the folder `before` has of the same text is taken over; `keep` is given the vectors of what
    had to be read, which come about with those of its tokens.
    """
    if not isinstance(embedder, TokenEmbedder):
        return
    of_rules = [passage for passage in passages if passage.kind in ("rule", "ask")]
    texts = [_digest(passage.text) for passage in of_rules]
    store = open_tokens(before) if before is not None else None
    held = store.by_text() if store else {}
    missing = {text: passage.text for text, passage in zip(texts, of_rules, strict=True) if text not in held}
    done = 0

    def advance(more: int) -> None:
        nonlocal done
        done += more
        report("tokens", done, len(missing))

    unread = list(missing.values())
    vectors, tokens = embedder.passage_tokens(unread, advance)
    keep(unread, vectors)
    held |= dict(zip(missing, tokens, strict=True))
    values = [held[text] for text in texts]
    np.save(folder / _VECTORS, np.concatenate(values) if values else np.empty((0, 0), np.float16))
    np.savez_compressed(
        folder / _OWNERS,
        passages=np.array([passage.id for passage in of_rules]),
        texts=np.array(texts),
        borders=np.cumsum([0, *map(len, values)]),
    )


def _digest(text: str) -> bytes:
    return hashlib.sha256(f"{reduction_name()}\0{text}".encode()).hexdigest().encode()
