"""From what a person names (files, folders, JSONL corpora, URLs, uploads) to documents that can be loaded one by one.

Finding is cheap and loading is not, so they are apart: a thousand documents are listed at once, and each is loaded
when its turn comes. A document's metadata may stand beside it in a sidecar, `report.pdf.yaml` or `report.yaml`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from knowledge.convert import SUFFIXES
from knowledge.errors import DocumentError
from knowledge.fetch import Snapshot, fetch, is_url
from knowledge.front_matter import read_fields
from knowledge.held import Held
from knowledge.settings import KnowledgeSettings

JSONL = ".jsonl"
_SIDECARS = (".yaml", ".yml")
_UNSAFE = re.compile(r"[\x00-\x20#?%\\\x7f]+")
_LONGEST_ROW = 2_000_000


@dataclass(frozen=True, slots=True)
class Upload:
    """A document handed over as bytes. `name` tells its kind; `fields` is what its owner says of it."""

    name: str
    data: bytes
    media_type: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A document's bytes, with what is known beside them. `unchanged`: its server says so, and `data` is empty."""

    data: bytes
    name: str
    media_type: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    etag: str | None = None
    last_modified: str | None = None
    final_url: str | None = None
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A document found. `load` takes what is held of it; it raises DocumentError or FetchError."""

    origin: str
    id: str
    """The id that its source should have."""
    load: Callable[[Held | None], Loaded]
    exact: bool = False
    """Whether the id was given with the document and can't be another."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """Something named or found that gives no document. `skipped`: a folder holds it beside others."""

    origin: str
    reason: str
    skipped: bool = False


def gather(inputs: Sequence[str | Upload], settings: KnowledgeSettings) -> Iterator[Document | Unusable]:
    """What the inputs hold, in a stable order; nothing is loaded yet."""
    for one in inputs:
        if isinstance(one, Upload):
            yield Document(f"upload:{one.name}", f"own/{_safe(one.name)}", partial(_upload, one))
        elif is_url(one):
            yield Document(one, web_id(one), partial(_fetched, one, settings))
        else:
            yield from _found(Path(one), settings)


def origin_of(text: str) -> str:
    """The origin that a path, URL or origin stands for."""
    return text if is_url(text) or text.startswith("upload:") else str(Path(text).absolute())


def web_id(url: str) -> str:
    """`web/<host>/<path>`; what follows `?` counts by a short digest, what follows `#` not at all."""
    parts = urlsplit(url)
    path = _safe(f"{parts.netloc.rpartition('@')[2].lower()}{parts.path}").strip("/")
    return f"web/{path}~{short_digest(parts.query)}" if parts.query else f"web/{path}"


def short_digest(text: str) -> str:
    """Eight hexadecimal digits that stand for the text."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _safe(name: str) -> str:
    return _UNSAFE.sub("_", name)


def _found(path: Path, settings: KnowledgeSettings) -> Iterator[Document | Unusable]:
    path = path.absolute()
    if path.is_dir():
        yield from _walked(path, settings)
    elif path.suffix.lower() == JSONL and path.is_file():
        yield from _rows(path)
    elif path.is_file():
        yield _file(path, path.parent, settings)
    else:
        yield Unusable(str(path), "There is no such file or folder. Check the path.")


def _walked(folder: Path, settings: KnowledgeSettings) -> Iterator[Document | Unusable]:
    """The documents of a folder and of those below it; what begins with a dot is left alone."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for path in (Path(parent, name) for name in sorted(names) if not name.startswith(".")):
            suffix = path.suffix.lower()
            if suffix == JSONL and path.is_file():
                yield from _rows(path)
            elif suffix in SUFFIXES and path.is_file():
                yield _file(path, folder, settings)
            elif suffix not in _SIDECARS:
                yield Unusable(str(path), f"{suffix or 'A file without a suffix'} is no kind that we read.", True)


def _file(path: Path, folder: Path, settings: KnowledgeSettings) -> Document:
    identity = f"own/{_safe(path.relative_to(folder).as_posix())}"
    return Document(str(path), identity, lambda _: _read(path, settings.fetch_max_bytes))


def _read(path: Path, most: int) -> Loaded:
    try:
        size = path.stat().st_size
        if size > most:
            raise DocumentError(f"It has {size:,} bytes, more than {most:,}. Split it or raise HKVA_FETCH_MAX_BYTES.")
        return Loaded(path.read_bytes(), path.name, fields=_sidecar(path))
    except OSError as error:
        raise DocumentError(f"It cannot be read ({error.strerror}). Check its permissions.") from error


def _sidecar(path: Path) -> dict[str, str]:
    for suffix in _SIDECARS:
        for beside in (path.with_name(path.name + suffix), path.with_suffix(suffix)):
            if beside.is_file():
                try:
                    written = beside.read_text(encoding="utf-8")
                except UnicodeDecodeError as error:
                    raise DocumentError(f"Its sidecar {beside.name} is not UTF-8. Save it as UTF-8.") from error
                return read_fields(written, f"sidecar {beside.name}")
    return {}


def _rows(path: Path) -> Iterator[Document | Unusable]:
    """The rows of a JSONL corpus: `{"id": …, "text": …, "title"?: …}`, further fields as in a sidecar."""
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _row(path, number, line)
    except (OSError, UnicodeDecodeError) as error:
        yield Unusable(str(path), f"It cannot be read as UTF-8 lines ({type(error).__name__}). Save it as UTF-8.")


def _row(path: Path, number: int, line: str) -> Document | Unusable:
    where = f"{path}#{number}"
    if len(line) > _LONGEST_ROW:
        return Unusable(where, f"The row has {len(line):,} characters, more than {_LONGEST_ROW:,}. Split it.")
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Unusable(where, f"The row is not valid JSON ({error}). Correct it.")
    if not isinstance(row, dict):
        return Unusable(where, 'The row is no object. Write {"id": …, "text": …}.')
    identity, text = row.get("id", row.get("_id")), row.get("text")
    if not isinstance(identity, str | int) or not str(identity).strip() or not isinstance(text, str):
        return Unusable(where, 'The row lacks "id" or "text". Write {"id": …, "text": …}.')
    fields = {
        str(key).lower(): str(value) for key, value in row.items() if isinstance(value, str | int) and value != ""
    }
    fields = {key: value for key, value in fields.items() if key not in ("id", "_id", "text")}
    loaded = Loaded(text.encode("utf-8", "replace"), str(identity), JSONL, fields)
    return Document(f"{path}#{identity}", str(identity), lambda _: loaded, exact=True)


def _upload(upload: Upload, held: Held | None) -> Loaded:
    del held
    return Loaded(upload.data, upload.name, upload.media_type, upload.fields)


def _fetched(url: str, settings: KnowledgeSettings, held: Held | None) -> Loaded:
    previous = None
    if held is not None and (held.etag or held.last_modified):
        previous = Snapshot(
            url, held.final_url or url, b"", None, held.etag, held.last_modified, "", datetime.now(UTC)
        )  # fmt: skip
    found = fetch(url, settings, previous)
    return Loaded(
        found.data, found.final_url, found.media_type, {}, found.etag, found.last_modified, found.final_url,
        found.unchanged,
    )  # fmt: skip
