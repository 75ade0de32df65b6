"""The default embedder at work: multilingual-e5-small on onnxruntime. Loads neither torch nor transformers.

Two graphs, prepared once (`e5_prepare`): exact ones for passages, whose vectors are kept, and a quick one for
questions. Both sessions use one thread per call, so requests that come together do not fight over the processor.

Passages are sorted by length and sent in small padded batches, one batch per processor at a time. Measured on two
cores with AVX2 (no VNNI, no bfloat16), passages of 220 tokens: 10.6 a second this way, 8.7 with two threads inside
one call, 5.5 in batches of 4,096 tokens, 7.8 through torch in float32, 1.5 through torch in bfloat16, 3.5 through the
wheel's own engine. Batches of up to 512 tokens help short passages only (68 a second against 57 at 48 tokens).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, lru_cache, partial
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from knowledge.e5_folder import PASSAGES, QUERIES, VOCABULARY, prepared_folder, read_manifest
from knowledge.e5_tokenizer import E5Tokenizer, read_tokenizer
from knowledge.processors import processors

PASSAGE_PREFIX, QUERY_PREFIX = "passage: ", "query: "

_BATCH_TOKENS = 512
_SLAB = 1_024
_CACHED_QUERIES = 2_048
_PADDING = 1
_ERRORS_ONLY = 3


class E5Embedder:
    """Implements `embed.Embedder`. Safe to share between threads."""

    def __init__(self, models_dir: Path) -> None:
        """Open what is prepared in `models_dir`; raises `EmbedderError` where that is nothing, or not whole."""
        manifest = read_manifest(models_dir)
        self.name = manifest.name
        self.dimension = manifest.dimension
        self._folder = prepared_folder(models_dir)
        self._queries = open_session(self._folder / QUERIES)
        self._cached_query = lru_cache(maxsize=_CACHED_QUERIES)(self._read_query)

    @cached_property
    def _tokenizer(self) -> E5Tokenizer:
        """Read at the first text (0.4 s), so that a server is ready before and reads it in the background."""
        return read_tokenizer(self._folder / VOCABULARY)

    @cached_property
    def _passages(self) -> onnxruntime.InferenceSession:
        """Opened at the first passage: a server that only answers never needs it."""
        return open_session(self._folder / PASSAGES)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Vector (384,) of a question, unit norm, read-only; the last 2,048 questions are remembered (some 25 MB)."""
        return self._cached_query(text)[0]

    def query_tokens(self, text: str) -> NDArray[np.float32]:
        """Vectors (tokens, numbers) of a question's tokens, read-only; remembered with its vector."""
        return self._cached_query(text)[1]

    def _read_query(self, text: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        vectors, read = run_whole(self._queries, [self._tokenizer.encode(QUERY_PREFIX + text)])
        vector, tokens = vectors[0], read[0]
        vector.flags.writeable = tokens.flags.writeable = False
        return vector, tokens

    def passage_tokens(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> tuple[NDArray[np.float32], list[NDArray[np.float16]]]:
        """Vectors (n, 384) of passages and (tokens, numbers) of each one's tokens, in the order given."""
        ids = [self._tokenizer.encode(PASSAGE_PREFIX + text) for text in texts]
        vectors = np.empty((len(texts), self.dimension), np.float32)
        found: list[NDArray[np.float16]] = [np.empty((0, 0), np.float16)] * len(ids)
        batches = list(batches_by_length(ids))
        with ThreadPoolExecutor(processors()) as pool:
            read = pool.map(lambda rows: run_whole(self._passages, [ids[row] for row in rows]), batches)
            for batch, (whole, tokens) in zip(batches, read, strict=True):
                vectors[batch] = whole
                for row, values in zip(batch, tokens, strict=True):
                    found[row] = values[: len(ids[row])].astype(np.float16)
                if progress is not None:
                    progress(len(batch))
        return vectors, found

    def embed_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Vectors (n, 384) of passages, unit norm, in the order given.

        `progress` is told, on the caller's thread, how many were done since it was last told.
        """
        vectors = np.empty((len(texts), self.dimension), np.float32)
        session = self._passages
        with ThreadPoolExecutor(processors()) as pool:
            for start in range(0, len(texts), _SLAB):
                ids = [self._tokenizer.encode(PASSAGE_PREFIX + text) for text in texts[start : start + _SLAB]]
                batches = list(batches_by_length(ids))
                for batch, result in zip(batches, pool.map(partial(_run_rows, session, ids), batches), strict=True):
                    vectors[[start + row for row in batch]] = result
                    if progress is not None:
                        progress(len(batch))
        return vectors


def open_session(model: Path | bytes) -> onnxruntime.InferenceSession:
    """A graph ready to run, one thread per call, from a file or from its bytes."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def run(session: onnxruntime.InferenceSession, ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
    """Vectors (n, 384) of token ids, padded to the longest."""
    return _outputs(session, ids, "embedding")[0]


def run_whole(
    session: onnxruntime.InferenceSession, ids: Sequence[Sequence[int]]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Vectors (n, 384) of token ids, padded to the longest, and of their tokens (n, longest, numbers)."""
    vectors, tokens = _outputs(session, ids, "embedding", "tokens")
    return vectors, tokens


def _outputs(
    session: onnxruntime.InferenceSession, ids: Sequence[Sequence[int]], *names: str
) -> list[NDArray[np.float32]]:
    length = max(map(len, ids))
    padded = np.full((len(ids), length), _PADDING, np.int64)
    mask = np.zeros_like(padded)
    for row, tokens in enumerate(ids):
        padded[row, : len(tokens)] = tokens
        mask[row, : len(tokens)] = 1
    outputs: list[NDArray[np.float32]] = session.run(list(names), {"input_ids": padded, "attention_mask": mask})
    return outputs


def _run_rows(
    session: onnxruntime.InferenceSession, ids: Sequence[Sequence[int]], rows: Sequence[int]
) -> NDArray[np.float32]:
    return run(session, [ids[row] for row in rows])


def batches_by_length(ids: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Row numbers in batches that stay within 512 tokens after padding, longest first; a long row stands alone."""
    batch: list[int] = []
    for row in sorted(range(len(ids)), key=lambda row: -len(ids[row])):
        if batch and (len(batch) + 1) * len(ids[batch[0]]) > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch
