"""Cosines to very many passages: first roughly, over a byte for each number of a vector, then exactly for the few that
may be the nearest.

A product over bytes reads a quarter of the memory, which is what a product of this size waits for, and takes a fifth of
the time of a walk through the graph with 50,000 passages. It finds what an exact search finds: a byte's error is far
smaller than the distances among the first hundred, and more than half as many again are taken as are wanted.

The vectors themselves (two bytes a number) are in a file of the version, mapped and not read: processes share them. A
version that was copied from another takes over the rows of passages that both have, known by their numbers, which are
never given twice.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

PART = ".part"
"""How the name of a file ends that is being written."""
_AT_ONCE = 32_768
"""Passages of which the bytes lie together."""
_READ = 4_096
"""Passages of which the vectors are read at once."""
_STEPS = 63
"""Of bytes up to 127 two products could be more than the processor's 16 bits hold."""
_SPARE = 32
"""Passages looked at exactly beside half as many again as are wanted."""
Get = Callable[[NDArray[np.int64]], NDArray[np.float32]]
"""The vectors of passages by their numbers, shape (numbers, dimension)."""


class Rough:
    """The passages of a language: their numbers, ascending, and their unit vectors. Safe to share between threads."""

    def __init__(self, numbers: NDArray[np.int64], rows: NDArray[np.float16]) -> None:
        self.numbers = numbers
        self._rows = np.asarray(rows)  # not of the class that maps files, which takes longer to cut
        self.mean = sum(part.sum(axis=0) for _, part in self._parts()) / np.float32(len(numbers))
        """The mean of all vectors."""
        self._steps = np.empty(len(numbers), np.float32)
        self._blocks = [_open(self._bytes(begin)) for begin in range(0, len(numbers), _AT_ONCE)]

    def find(
        self, vector: NDArray[np.float32], rough: NDArray[np.float32], inside: NDArray[np.bool_], limit: int
    ) -> list[tuple[int, float]]:
        """Numbers of the nearest passages with their cosine, nearest first. `rough` are the `cosines` of the vector;
        `inside` says by number which passages are taken."""
        taken = inside[self.numbers]
        if not taken.all():
            rough = np.where(taken, rough, -np.inf)
        some = min(limit + limit // 2 + _SPARE, int(taken.sum()))
        places = np.argpartition(rough, len(rough) - some)[len(rough) - some :] if some else np.empty(0, np.int64)
        places.sort()
        found = self.rows(places) @ vector
        order = np.lexsort((places, -found))[:limit]
        return list(zip(self.numbers[places[order]].tolist(), found[order].tolist(), strict=True))

    def rows(self, places: NDArray[np.int64]) -> NDArray[np.float32]:
        """The vectors that stand at these places, shape (places, dimension)."""
        return self._rows[places].astype(np.float32)

    def cosines(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cosines to all passages in the order of their numbers, but for an error of some 0.0003."""
        step = max(float(np.abs(vector).max()), 1e-9) / 127
        given = {"asked": (np.rint(vector / step) + 128).astype(np.uint8)[np.newaxis, :]}
        found = np.concatenate([session.run(None, given)[0][0] for session in self._blocks])
        rough: NDArray[np.float32] = found * (self._steps * np.float32(step)) + self.mean @ vector
        return rough

    def _parts(self, begin: int = 0, end: int | None = None) -> Iterator[tuple[int, NDArray[np.float32]]]:
        end = len(self.numbers) if end is None else min(end, len(self.numbers))
        for first in range(begin, end, _READ):
            yield first - begin, self._rows[first : min(first + _READ, end)].astype(np.float32)

    def _bytes(self, begin: int) -> NDArray[np.int8]:
        """Columns of some passages, each number its distance from the mean in steps, `_STEPS` of them to the widest."""
        count = min(_AT_ONCE, len(self.numbers) - begin)
        columns = np.empty((len(self.mean), count), np.int8)
        for first, part in self._parts(begin, begin + count):
            apart = part - self.mean
            steps = np.maximum(np.abs(apart).max(axis=1), 1e-9) / _STEPS
            self._steps[begin + first : begin + first + len(part)] = steps
            columns[:, first : first + len(part)] = np.rint(apart / steps[:, np.newaxis]).T
        return columns


def open_rough(path: Path | None, numbers: NDArray[np.int64], get: Get) -> Rough:
    """The passages of these numbers, ascending; from the file where it holds them, which is else written anew.

    Where there is none or it cannot be written, the vectors are kept in memory.
    """
    if path is None:
        return Rough(numbers, _make(numbers, None, get)["vector"])
    held = _read(path)
    if held is None or not np.array_equal(held["number"], numbers):
        made = _make(numbers, held, get)
        held = _write(path, made)
    return Rough(np.array(held["number"]), held["vector"])


def _read(path: Path) -> NDArray[np.void] | None:
    """What the file holds; None where there is none, or not such a one."""
    with suppress(OSError, ValueError):
        held: NDArray[np.void] = np.load(path, mmap_mode="r")
        if held.dtype.names == ("number", "vector"):
            return held
    return None


def _make(numbers: NDArray[np.int64], held: NDArray[np.void] | None, get: Get) -> NDArray[np.void]:
    """The rows of these passages, those taken over that are held already."""
    width = get(numbers[:1]).shape[1]
    made = np.empty(len(numbers), [("number", np.int64), ("vector", np.float16, (width,))])
    made["number"] = numbers
    missing = np.ones(len(numbers), bool)
    if held is not None and held.dtype == made.dtype:
        _, ours, theirs = np.intersect1d(numbers, held["number"], assume_unique=True, return_indices=True)
        made["vector"][ours] = held["vector"][theirs]
        missing[ours] = False
    places = np.flatnonzero(missing)
    for begin in range(0, len(places), _READ):
        some = places[begin : begin + _READ]
        made["vector"][some] = get(numbers[some])
    return made


def _write(path: Path, made: NDArray[np.void]) -> NDArray[np.void]:
    part = path.with_name(f"{path.name}.{uuid.uuid4().hex}{PART}")
    try:
        with part.open("wb") as file:
            np.save(file, made)
        os.replace(part, path)
    except OSError:
        with suppress(OSError):  # a file system that takes no writing refuses this too
            part.unlink()
        return made
    return _read(path) if path.is_file() else made  # type: ignore[return-value]


def _open(columns: NDArray[np.int8]) -> onnxruntime.InferenceSession:
    """The product of a question in bytes and these columns, shape (dimension, passages)."""
    from onnx import TensorProto, helper, numpy_helper  # which a smaller library never needs

    dimension, count = columns.shape
    node = helper.make_node("MatMulInteger", ["asked", "columns", "zero"], ["found"])
    graph = helper.make_graph(
        [node],
        "rough",
        [helper.make_tensor_value_info("asked", TensorProto.UINT8, [1, dimension])],
        [helper.make_tensor_value_info("found", TensorProto.INT32, [1, count])],
        [numpy_helper.from_array(columns, "columns"), numpy_helper.from_array(np.array(128, np.uint8), "zero")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
