"""Does a rule have what a question asks for? Read word by word, over token vectors.

Each token of the question looks for its like in the rule's statement, and in the question that the rule is known to
answer which is nearest to the one asked, and the other way round; what was found is compared with what was sought,
and the comparisons are weighed up (decomposable attention: Parikh et al. 2016). Trained by `evals/train_matcher.py`,
kept in `matcher.onnx`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from knowledge.e5_embedder import open_session

GRAPH = Path(__file__).with_name("matcher.onnx")
Tokens = Sequence[NDArray[np.float16]]


class Matcher:
    """Token vectors in, scores out. Safe to share between threads."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session

    def scores(self, question: NDArray[np.float32], statements: Tokens, asks: Tokens) -> NDArray[np.float64]:
        """Log odds that each rule answers, shape (rules,); a text is (tokens, numbers)."""
        held, mask = _stacked(statements)
        asked, asked_mask = _stacked(asks)
        outputs = self._session.run(
            None,
            {"question": question[None], "statements": held, "mask": mask, "asks": asked, "asks_mask": asked_mask},
        )
        scores: NDArray[np.float64] = np.asarray(outputs[0], np.float64)
        return scores


def _stacked(texts: Tokens) -> tuple[NDArray[np.float16], NDArray[np.bool_]]:
    """(texts, longest, numbers), and where there are tokens. The graph makes wider numbers of them, far quicker."""
    longest = max(map(len, texts))
    values = np.zeros((len(texts), longest, texts[0].shape[1]), np.float16)
    mask = np.zeros((len(texts), longest), bool)
    for row, tokens in enumerate(texts):
        values[row, : len(tokens)] = tokens
        mask[row, : len(tokens)] = True
    return values, mask


@cache
def open_matcher(path: Path = GRAPH) -> Matcher:
    """The shipped matcher, opened once."""
    return Matcher(open_session(path))
