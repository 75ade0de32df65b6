"""Text to vectors: the bundled default, or any sentence-transformers model that the settings name.

`prepare_embedder` runs at build time and may take seconds; `open_embedder` is what a server calls and takes less than
one. With the default, neither imports torch, transformers or sentence-transformers, and neither needs a network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge.e5_embedder import E5Embedder
from knowledge.e5_folder import embedder_name
from knowledge.errors import EmbedderError
from knowledge.settings import KnowledgeSettings

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BUNDLED = "bundled"

_CACHED_QUERIES = 2_048
_SLAB = 256
_BATCH = 32
_PASSAGE_PROMPTS = ("document", "passage", "corpus")


class Embedder(Protocol):
    """Texts to vectors of unit norm, whose dot product is their cosine."""

    @property
    def name(self) -> str:
        """Identity of the passage vectors; a library built under another name has to be built again."""
        ...

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        ...

    def embed_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Vectors (n, dimension) in the order given; `progress` hears how many were done since it last heard."""
        ...

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Vector (dimension,), read-only, remembered for a while."""
        ...


def open_embedder(settings: KnowledgeSettings) -> Embedder:
    """The embedder that the settings name, ready to answer; raises `EmbedderError` saying what to do."""
    if settings.embedder == BUNDLED:
        return E5Embedder(settings.models_dir)
    return SentenceEmbedder(settings.embedder)


def known_name(settings: KnowledgeSettings) -> str | None:
    """The name of the embedder where it is known without opening it (a second); None where it is not."""
    return embedder_name() if settings.embedder == BUNDLED else None


def prepare_embedder(settings: KnowledgeSettings, progress: Callable[[str, int, int], None] | None = None) -> None:
    """Make sure that `open_embedder` will work: unpack the bundled weights, or fetch the model named.

    `progress` is told the stage that begins, the stages done and the stages there are. Raises `EmbedderError`.
    """
    if settings.embedder == BUNDLED:
        from knowledge.e5_prepare import prepare_e5  # here, because it loads onnx, which only a build needs

        prepare_e5(settings.models_dir, progress)
        return
    report = progress or (lambda *_: None)
    report(f"load {settings.embedder}", 0, 1)
    open_embedder(settings)
    report("prepared", 1, 1)


class SentenceEmbedder:
    """A sentence-transformers model as an `Embedder`, with the prompts of its own configuration.

    Questions get its "query" prompt, passages its "document" or "passage" prompt. Vectors are normalised again in
    float32: a model that computes in bfloat16 gives norms off by up to 0.4 %, enough to reorder close scores.
    """

    def __init__(self, model: str) -> None:
        """Load a folder, or a hub's model by name: from this machine where it is held, else fetched.

        Raises `EmbedderError` where it cannot be had. Loads torch (6 s).
        """
        try:
            self._model, version = _load_folder(Path(model)) if Path(model).is_dir() else _load_named(model)
        except ImportError as error:
            raise EmbedderError(f"HKVA_EMBEDDER={model} needs: pip install sentence-transformers") from error
        except (OSError, ValueError, RuntimeError) as error:
            raise EmbedderError(_advice(model, error)) from error
        self.name = f"{Path(model).name if Path(model).is_dir() else model}@{version}"
        # The library gives every model an empty "document" prompt, which would hide a "passage" prompt of its own.
        self._passage_prompt = next((name for name in _PASSAGE_PROMPTS if self._model.prompts.get(name)), None)
        self._cached_query = lru_cache(maxsize=_CACHED_QUERIES)(self._embed_query)
        self.dimension = len(self._embed_query(model))

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Vector (dimension,), unit norm, read-only."""
        return self._cached_query(text)

    def _embed_query(self, text: str) -> NDArray[np.float32]:
        vector: NDArray[np.float32] = _unit(self._model.encode_query([text], show_progress_bar=False))[0]
        vector.flags.writeable = False
        return vector

    def embed_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Vectors (n, dimension), unit norm, in the order given; the model sorts each 256 by length itself."""
        vectors = np.empty((len(texts), self.dimension), np.float32)
        for start in range(0, len(texts), _SLAB):
            slab = list(texts[start : start + _SLAB])
            encoded = self._model.encode_document(
                slab, prompt_name=self._passage_prompt, batch_size=_BATCH, show_progress_bar=False
            )
            vectors[start : start + len(slab)] = _unit(encoded)
            if progress is not None:
                progress(len(slab))
        return vectors


def _load_folder(folder: Path) -> tuple[SentenceTransformer, str]:
    """The model in `folder`, and a digest of its files."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), local_files_only=True)
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.suffix in {".safetensors", ".bin", ".json"}):
        with path.open("rb") as file:
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return model, digest.hexdigest()[:12]


def _load_named(name: str) -> tuple[SentenceTransformer, str]:
    """The model that a hub holds under `name`, and its commit; what this machine already has is taken first."""
    from huggingface_hub import snapshot_download
    from sentence_transformers import SentenceTransformer

    try:
        commit = Path(snapshot_download(name, allow_patterns="*.json", local_files_only=True)).name
        return SentenceTransformer(name, revision=commit, local_files_only=True), commit[:12]
    except OSError:
        # Asked for first: it fails within a second where loading the model would try each file for a minute.
        commit = Path(snapshot_download(name, allow_patterns="*.json")).name
        return SentenceTransformer(name, revision=commit), commit[:12]


def _advice(model: str, error: Exception) -> str:
    return (
        f"The embedding model {model!r} cannot be loaded ({str(error).splitlines()[0]}). Connect to the hub (or set "
        "HF_ENDPOINT to a mirror), name a folder that holds the model, or unset HKVA_EMBEDDER to use the bundled one."
    )


def _unit(vectors: object) -> NDArray[np.float32]:
    rows = np.asarray(vectors, np.float32)
    units: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return units
