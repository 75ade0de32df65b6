"""A library: catalogue, vectors and embedder identity, opened and closed together.

On disk a library is a folder of immutable versions and a file `current` that names one. A writer builds a new
version beside the old ones and then replaces `current` in one step, so that a reader sees the old library or the
new one, never a mixture, and a crash at any moment leaves the old one whole. One writer at a time: a file lock.

The vectors are in the version's folder too, or on a Chroma server. A version that goes takes its collections there
with it; where the server cannot be reached, its folder stays and it is tried again when the next one is written.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from knowledge.catalogue import Catalogue
from knowledge.chroma_server import ChromaServer
from knowledge.e5_tokens import reduction_name
from knowledge.embed import Embedder
from knowledge.errors import EmbedderMismatch, LibraryBroken, LibraryBusy, LibraryError, LibraryMissing
from knowledge.glossary import Glossary
from knowledge.kept_vectors import NAMES
from knowledge.left_open import open_left_open
from knowledge.nearest import HELD, ROUGH, Nearest
from knowledge.readers import MARKS, Reader, is_read
from knowledge.records import source_to_json
from knowledge.rough import PART
from knowledge.rule import Rule
from knowledge.source import Source
from knowledge.token_store import open_tokens
from knowledge.vectors import OWNED, Vectors, clear_vectors, name_on_server

_LAYOUT = "8"
"""Raise when the tables, the splitting or the index change, so that older versions are built again."""
_KEPT = 2
_NOT_COPIED = shutil.ignore_patterns("*-journal", "*-wal", "*-shm", MARKS, OWNED, NAMES, f"*{PART}")
_DRAFT = ".new-"


def layout_name() -> str:
    """How versions are laid out, and what their token vectors were made with; another has to be built again."""
    return f"{_LAYOUT}.{reduction_name()}"


class Library:
    """One opened version. Rules and sources are held in memory; passages stay on disk.

    `server`: the Chroma server that holds the vectors, where they are not in the folder.
    """

    def __init__(self, folder: Path, embedder: Embedder, server: ChromaServer | None = None) -> None:
        self.folder = folder
        self.version = folder.name
        self.embedder = embedder
        self.catalogue = Catalogue(folder / "catalogue.sqlite")
        built_with = self.catalogue.get_meta("embedder")
        if built_with != embedder.name:
            self.catalogue.close()
            raise EmbedderMismatch(
                f"The library was built with {built_with}, but {embedder.name} is configured."
                " Run `hkva build`, or set HKVA_EMBEDDER back."
            )
        if self.catalogue.get_meta("layout") != layout_name():
            self.catalogue.close()
            raise LibraryBroken(f"The library {self.version} was built by an older hkva. Run: hkva build")
        self._reader = Reader(folder)
        try:
            self.vectors = Vectors(folder / "vectors", server)
        except LibraryError:
            self.catalogue.close()
            self._reader.close()
            raise
        if self.vectors.count() != self.catalogue.count_passages():
            self.close()
            raise LibraryBroken(f"The library {self.version} is not whole. Run: hkva build --force")
        if server is None:
            self.nearest = Nearest(self.vectors, folder=folder, rough=ROUGH)
        else:
            self.nearest = Nearest(self.vectors, rough=HELD)
            self._hold()
        self.tokens = open_tokens(folder)
        """Token vectors of the rules' statements; None where the embedder gives none."""
        self.left_open = open_left_open(folder)
        """What rules leave open; None where the corpus does not say."""
        self.rules: dict[str, Rule] = self.catalogue.rules()
        self.sources: dict[str, Source] = self.catalogue.sources()
        self.aliases: dict[str, str] = self.catalogue.aliases()
        groups = self.catalogue.get_meta("glossary").splitlines()
        self.glossary = Glossary([line.split("\t") for line in groups])

    def _hold(self) -> None:
        try:
            self.nearest.hold(self.catalogue.roster)
        except LibraryError:
            self.close()
            raise

    def close(self) -> None:
        """Close catalogue and vectors."""
        self.catalogue.close()
        self.vectors.close()
        self._reader.close()

    def check(self) -> None:
        """Raises LibraryError where a question could not be searched now, since the server with the vectors is away."""
        if self.nearest.asks_store:
            self.vectors.check()

    def find_rule(self, rule_id: str) -> Rule | None:
        """The rule with this id or alias."""
        return self.rules.get(self.aliases.get(rule_id, rule_id))


def read_current(root: Path) -> str | None:
    """The name of the current version below `root`; None where nothing has been built."""
    pointer = root / "current"
    return pointer.read_text(encoding="utf-8").strip() if pointer.is_file() else None


def open_library(root: Path, embedder: Embedder, server: ChromaServer | None = None) -> Library:
    """Open the current version. Raises LibraryMissing, LibraryBroken or EmbedderMismatch saying what to run.

    LibraryError where `server`, which holds its vectors, cannot be reached.
    """
    return Library(current_folder(root), embedder, server)


def open_catalogue(root: Path) -> Catalogue:
    """Open the current version's records alone, without an embedder. Raises LibraryMissing or LibraryBroken."""
    return Catalogue(current_folder(root) / "catalogue.sqlite")


def current_folder(root: Path) -> Path:
    """The folder of the current version. Raises LibraryMissing or LibraryBroken saying what to run."""
    version = read_current(root)
    if version is None:
        raise LibraryMissing(f"No library at {root}. Run: hkva build")
    folder = root / "versions" / version
    if not folder.is_dir():
        raise LibraryBroken(f"The library version {version} is gone from {root}. Run: hkva build --force")
    return folder


@contextmanager
def lock_for_writing(root: Path) -> Iterator[None]:
    """Hold the library for writing; raises LibraryBusy at once where another process does, else LibraryError."""
    lock = FileLock(root / ".lock")
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise LibraryBusy(f"Another process is writing to {root}. Wait for it to end, then try again.") from error
    except OSError as error:
        raise LibraryError(f"{root} cannot be written ({error.strerror}). Check it or set HKVA_DATA_DIR.") from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def new_version(
    root: Path, based_on: Path | None = None, server: ChromaServer | None = None, *, anew: bool = False
) -> Iterator[Path]:
    """A folder in which the next version is written; on leaving without an error it becomes the current one.

    `based_on` is copied in first, its databases as of one moment even while somebody reads them. The caller holds
    `lock_for_writing`. `server`: where older versions, and drafts that a crash has left, may have collections to clear.
    `anew`: take the place of a version of the very same content, which may be damaged.
    """
    versions = root / "versions"
    versions.mkdir(parents=True, exist_ok=True)
    for stale in versions.glob(f"{_DRAFT}*"):
        _discard(stale, server)
    draft = versions / f"{_DRAFT}{uuid.uuid4().hex}"
    try:
        if based_on is None:
            draft.mkdir()
        else:
            copy_version(based_on, draft)
        yield draft
        _publish(root, draft, server, anew)
    except (OSError, sqlite3.OperationalError) as error:
        raise LibraryError(
            f"The new library could not be written to {root} ({error}). The one before is as it was."
            " Look for free space and permissions, then try again."
        ) from error
    finally:
        _discard(draft, server)


def _publish(root: Path, draft: Path, server: ChromaServer | None, anew: bool) -> None:
    """Make the draft the current version."""
    version = _version_of(draft)
    final = root / "versions" / version
    if final.exists() and not anew:
        os.utime(final)
    else:
        aside = draft.with_name(f"{_DRAFT}{uuid.uuid4().hex}")
        if final.exists():
            os.replace(final, aside)
        os.replace(draft, final)
        shutil.rmtree(aside, ignore_errors=True)
    point_to(root, version)
    _forget_old(root, version, server)


def copy_version(folder: Path, copy: Path) -> None:
    """Copy a version, its databases as of one moment even while somebody reads them."""
    shutil.copytree(folder, copy, copy_function=_copy, ignore=_NOT_COPIED)


def _copy(origin: str, copy: str) -> None:
    if not origin.endswith((".sqlite", ".sqlite3")):
        shutil.copyfile(origin, copy)
        return
    with closing(sqlite3.connect(origin)) as held, closing(sqlite3.connect(copy)) as fresh:
        held.backup(fresh)


def _version_of(folder: Path) -> str:
    """A short digest of what the catalogue holds: equal content gives an equal version.

    Not so where its vectors are on a server: built again they are others, and the lost ones must not be taken for them.
    """
    catalogue = Catalogue(folder / "catalogue.sqlite")
    digest = hashlib.sha256(f"{layout_name()}\0{catalogue.get_meta('embedder')}\0".encode())
    digest.update(catalogue.get_meta("corpus").encode())
    for source in catalogue.sources().values():
        if source.ingested:
            digest.update(f"\0{source_to_json(source)}".encode())
    for held in catalogue.held():
        digest.update(f"\0{held}".encode())
    digest.update(name_on_server(folder / "vectors").encode())
    catalogue.close()
    return digest.hexdigest()[:16]


def point_to(root: Path, version: str) -> None:
    """Make a version that is held the current one, in one step. The caller holds `lock_for_writing`."""
    pointer = root / f".current-{uuid.uuid4().hex}"
    pointer.write_text(version + "\n", encoding="utf-8")
    os.replace(pointer, root / "current")


def _forget_old(root: Path, current: str, server: ChromaServer | None) -> None:
    """Keep the newest few versions, and those that somebody has open."""
    held = [folder for folder in (root / "versions").iterdir() if not folder.name.startswith(_DRAFT)]
    others = [folder for folder in held if folder.name != current]
    others.sort(key=lambda folder: folder.stat().st_mtime, reverse=True)
    for folder in others[_KEPT - 1 :]:
        if not is_read(folder):
            _discard(folder, server)


def _discard(folder: Path, server: ChromaServer | None) -> None:
    """Remove a version with the collections that it made on a server; leave it where the server cannot be reached."""
    with suppress(LibraryError):
        clear_vectors(folder / "vectors", server)
        shutil.rmtree(folder, ignore_errors=True)
