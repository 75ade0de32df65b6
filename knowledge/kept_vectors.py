"""All vectors of a language in one file beside an embedded store, so that whoever only answers need not open Chroma.

Chroma takes a second to load and another to give 16,000 vectors. A version does not change once it is current, so what
was read of it once is kept; of a language whose vectors are in a file of their own (`rough`), the ids alone. A store
that is written to forgets what was kept, and a copy of a version leaves it behind.
"""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

NAMES = "kept-*"
"""The files, and those that are being written."""


def kept_ids(folder: Path, language: str) -> list[str] | None:
    """The ids of the passages whose vectors are kept, in their order; None where none are."""
    named = _read(folder, language, "ids")
    if named is None:
        return None
    return named.tobytes().decode().split("\n") if named.size else []


def kept_rows(folder: Path, language: str) -> NDArray[np.float32] | None:
    """The vectors in the order of `kept_ids`, shape (passages, dimension); None where none are kept."""
    columns = _read(folder, language, "columns")
    return None if columns is None else columns.T


def keep(folder: Path, language: str, ids: list[str], rows: NDArray[np.float32] | None = None) -> None:
    """Keep the vectors of a language, or its ids alone, in one step; where nothing can be written, nothing is kept."""
    path = _path(folder, language)
    part = path.with_suffix(f".{uuid.uuid4().hex}")
    try:
        with part.open("wb") as file:
            named = np.frombuffer("\n".join(ids).encode(), np.uint8)
            if rows is None:
                np.savez(file, ids=named)
            else:
                np.savez(file, ids=named, columns=np.ascontiguousarray(rows.T))
        os.replace(part, path)
    except OSError:
        with suppress(OSError):  # a file system that takes no writing refuses this too
            part.unlink()


def forget(folder: Path) -> None:
    """Keep nothing any longer."""
    for path in folder.glob(NAMES):
        path.unlink(missing_ok=True)


def _path(folder: Path, language: str) -> Path:
    return folder / f"kept-{language}.npz"


def _read(folder: Path, language: str, name: str) -> NDArray[Any] | None:
    with (
        suppress(OSError, ValueError, KeyError, EOFError, BadZipFile),
        _path(folder, language).open("rb") as file,
        np.load(file) as held,
    ):
        found: NDArray[Any] = held[name]
        return found
    return None
