"""The vector of each token, for reading a question beside a statement word by word.

A vector of a whole text tells what it is about; whether a statement has what a question asks for stands in its words.
The states of a token after two layers of the encoder (one in the middle, the last) are reduced by one matrix, which
`evals/train_matcher.py` trains together with what reads them and keeps in `e5_tokens.npz`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

WEIGHTS = Path(__file__).with_name("e5_tokens.npz")
LAYERS = (8, 12)
"""The layers after which a token's states are taken, counted from one."""


@dataclass(frozen=True, slots=True)
class Reduction:
    """States to a token's vector: `states @ weight + bias`; shapes (states, numbers) and (numbers,)."""

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]


@runtime_checkable
class TokenEmbedder(Protocol):
    """An embedder that also gives the vectors of a text's tokens."""

    def query_tokens(self, text: str) -> NDArray[np.float32]:
        """Vectors (tokens, numbers) of a question, read-only."""
        ...

    def passage_tokens(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> tuple[NDArray[np.float32], list[NDArray[np.float16]]]:
        """Vectors (n, dimension) of passages, and (tokens, numbers) of each one's tokens.

        `progress` hears how many were done since it last heard.
        """
        ...


@cache
def read_reduction(path: Path = WEIGHTS) -> Reduction:
    """The shipped reduction, read once."""
    with np.load(path) as held:
        return Reduction(held["weight"].astype(np.float32), held["bias"].astype(np.float32))


@cache
def reduction_name(path: Path = WEIGHTS) -> str:
    """Changes with the weights: what was made with others is made again."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:8]
