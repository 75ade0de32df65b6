"""The folder of the prepared default embedder: its files, their digests, and whether they are whole."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from knowledge.e5_tokens import reduction_name
from knowledge.e5_weights import SHA256
from knowledge.errors import EmbedderError

MODEL = "multilingual-e5-small"
LAYOUT = 1
"""Raise it when tokenizer or graphs change what they compute: libraries are then rebuilt."""

VOCABULARY, PASSAGES, QUERIES = "vocabulary.json", "passages.onnx", "queries.onnx"

_MANIFEST = "manifest.json"


class FileDigest(BaseModel):
    """Length and SHA-256 of one file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bytes: int
    sha256: str


class Manifest(BaseModel):
    """What was prepared. Written last, so a folder that has one was complete."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    dimension: int
    passages: str
    queries_cosine_mean: float
    queries_cosine_min: float
    files: dict[str, FileDigest]


def embedder_name(weights_sha256: str = SHA256) -> str:
    """Identity of the passage vectors: model, weights and layout."""
    return f"{MODEL}@{weights_sha256[:12]}.{LAYOUT}"


def prepared_folder(models_dir: Path) -> Path:
    """Where the prepared files of this weights file, layout and reduction of tokens live."""
    return models_dir / f"{embedder_name()}-{reduction_name()}"


def digest_of(path: Path) -> FileDigest:
    """Length and SHA-256 of a file."""
    with path.open("rb") as file:
        return FileDigest(bytes=path.stat().st_size, sha256=hashlib.file_digest(file, "sha256").hexdigest())


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Save the manifest beside the files that it names."""
    (folder / _MANIFEST).write_text(manifest.model_dump_json(indent=2), encoding="utf-8")


def read_manifest(models_dir: Path) -> Manifest:
    """The manifest, after the lengths of all files held; raises `EmbedderError` with what to do.

    Lengths only: hashing 165 MB would cost a fifth of a second at each start. `check_digests` does the rest.
    """
    folder = prepared_folder(models_dir)
    try:
        manifest = Manifest.model_validate_json((folder / _MANIFEST).read_bytes())
        whole = all((folder / name).stat().st_size == digest.bytes for name, digest in manifest.files.items())
    except FileNotFoundError as error:
        raise EmbedderError(f"The default embedder is not prepared in {models_dir}. Run: hkva build") from error
    except (OSError, ValidationError) as error:
        raise EmbedderError(f"{folder} cannot be read ({error}). Delete it and run: hkva build") from error
    if not whole:
        raise EmbedderError(f"{folder} is not whole. Run: hkva build")
    return manifest


def check_digests(models_dir: Path) -> list[str]:
    """Names of the prepared files whose content changed; raises `EmbedderError` where nothing usable is prepared."""
    files = read_manifest(models_dir).files
    folder = prepared_folder(models_dir)
    return [name for name, digest in files.items() if digest_of(folder / name) != digest]
