"""Does a statement have what a question asks for? Read word by word, over the token vectors of both.

Each token of the question looks for its like in the statement and the other way round; what was found is compared
with what was sought, and the comparisons are weighed up (decomposable attention: Parikh et al. 2016). Trained by
`evals/train_matcher.py`, kept in `matcher.onnx`.
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


class Matcher:
    """Token vectors in, scores out. Safe to share between threads."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session

    def scores(self, question: NDArray[np.float32], statements: Sequence[NDArray[np.float16]]) -> NDArray[np.float64]:
        """Log odds that each statement answers, shape (statements,); inputs are (tokens, numbers) each."""
        longest = max(map(len, statements))
        held = np.zeros((len(statements), longest, question.shape[1]), np.float32)
        mask = np.zeros((len(statements), longest), bool)
        for row, tokens in enumerate(statements):
            held[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = True
        outputs = self._session.run(None, {"question": question[None], "statements": held, "mask": mask})
        scores: NDArray[np.float64] = np.asarray(outputs[0], np.float64)
        return scores


@cache
def open_matcher(path: Path = GRAPH) -> Matcher:
    """The shipped matcher, opened once."""
    return Matcher(open_session(path))
