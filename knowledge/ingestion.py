"""A person's own documents into the library, beside the rules and their sources.

1. Find every document that the inputs name (`gather`).
2. Load each and compare its digest with that of the version held. What has not changed is done with.
3. Read the rest into sources (`own_source`). One that can't be read is a row of the report and stops nothing.
4. Copy the current version, take out what changed or goes, put in what is new, and make the copy current. Only texts
   never seen are embedded. Until that last step readers have the old library, and so has whoever comes after a crash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from knowledge.build import passages_of_source
from knowledge.catalogue import Catalogue
from knowledge.chroma_server import ChromaServer
from knowledge.embed import Embedder
from knowledge.errors import DocumentError, EmbedderMismatch, FetchError, LibraryBroken
from knowledge.gather import Document, Loaded, Unusable, Upload, gather, origin_of, short_digest
from knowledge.held import Held
from knowledge.library import current_folder, layout_name, lock_for_writing, new_version
from knowledge.own_source import READING, own_source
from knowledge.passage import Passage
from knowledge.settings import KnowledgeSettings
from knowledge.source import Source
from knowledge.vector_cache import Progress, VectorCache
from knowledge.vectors import Vectors, carry_vectors, check_place

Outcome = Literal["added", "changed", "unchanged", "removed", "gone", "skipped", "failed"]


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one document. `gone`: its file is no longer there, and it is still held."""

    origin: str
    outcome: Outcome
    source: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What became of all of them, and the version of the library that now holds them."""

    version: str
    rows: tuple[Row, ...]

    def count(self, outcome: Outcome) -> int:
        """How many documents came out so."""
        return sum(row.outcome == outcome for row in self.rows)

    def of(self, outcome: Outcome) -> list[Row]:
        """The rows that came out so."""
        return [row for row in self.rows if row.outcome == outcome]


@dataclass(frozen=True, slots=True)
class _Change:
    """What a new version takes out and puts in."""

    sources: tuple[tuple[Source, Held], ...]
    removed: tuple[str, ...]


def ingest(
    inputs: Sequence[str | Upload], settings: KnowledgeSettings, embedder: Embedder, progress: Progress | None = None
) -> IngestReport:
    """Take in the documents at these paths and URLs. Raises LibraryError where there is no library to put them in."""
    report = progress or (lambda *_: None)
    root = settings.library_dir
    with lock_for_writing(root):
        folder = _current(root, embedder, settings.chroma)
        held, taken = _holdings(folder)
        rows: list[Row] = []
        ready: list[tuple[Source, Held]] = []
        for row, entry in _read_all([*gather(inputs, settings)], held, taken, settings, report):
            rows.append(row)
            if entry is not None:
                ready.append(entry)
        rows += _gone(inputs, held, {row.origin for row in rows})
        change = _Change(tuple(ready), tuple(row.source for row in rows if row.outcome == "changed" and row.source))
        version = _write(settings, folder, change, embedder, report) if ready else folder.name
    return IngestReport(version, tuple(rows))


def remove(inputs: Sequence[str], settings: KnowledgeSettings, embedder: Embedder) -> IngestReport:
    """Take out the documents that came from these paths (folders with all below them), URLs, or have these ids."""
    root = settings.library_dir
    with lock_for_writing(root):
        folder = _current(root, embedder, settings.chroma)
        held, _ = _holdings(folder)
        rows: list[Row] = []
        for one in inputs:
            found = [kept for kept in held.values() if kept.source == one or _is_of(kept.origin, origin_of(one))]
            rows += [Row(kept.origin, "removed", kept.source) for kept in found]
            if not found:
                rows.append(Row(one, "failed", None, "Nothing is held from there. See: hkva sources list --own"))
        gone = tuple(dict.fromkeys(row.source for row in rows if row.source))
        version = _write(settings, folder, _Change((), gone), embedder, lambda *_: None) if gone else folder.name
    return IngestReport(version, tuple(dict.fromkeys(rows)))


def _current(root: Path, embedder: Embedder, server: ChromaServer | None) -> Path:
    """The folder of the current version, which must be one that we can add to."""
    folder = current_folder(root)
    check_place(folder / "vectors", server)
    with closing(Catalogue(folder / "catalogue.sqlite")) as catalogue:
        if catalogue.get_meta("layout") != layout_name():
            raise LibraryBroken("The library was built by another version of hkva. Run: hkva build")
        if catalogue.get_meta("embedder") != embedder.name:
            raise EmbedderMismatch(
                f"The library was built with {catalogue.get_meta('embedder')}, but {embedder.name} is configured."
                " Run `hkva build`, or set HKVA_EMBEDDER back."
            )
    return folder


def _holdings(folder: Path) -> tuple[dict[str, Held], dict[str, str]]:
    """What is held by origin, and by source id the origin that has it (the empty one for the corpus's own)."""
    with closing(Catalogue(folder / "catalogue.sqlite")) as catalogue:
        held = {one.origin: one for one in catalogue.held()}
        taken = dict.fromkeys(catalogue.source_ids(), "")
    return held, taken | {one.source: one.origin for one in held.values()}


def _read_all(
    found: Sequence[Document | Unusable],
    held: dict[str, Held],
    taken: dict[str, str],
    settings: KnowledgeSettings,
    report: Progress,
) -> Iterator[tuple[Row, tuple[Source, Held] | None]]:
    seen: set[str] = set()
    for number, one in enumerate(found, 1):
        if one.origin not in seen:
            seen.add(one.origin)
            if isinstance(one, Unusable):
                yield Row(one.origin, "skipped" if one.skipped else "failed", None, one.reason), None
            else:
                yield _read(one, held.get(one.origin), taken, settings)
        report("read", number, len(found))


def _read(
    document: Document, before: Held | None, taken: dict[str, str], settings: KnowledgeSettings
) -> tuple[Row, tuple[Source, Held] | None]:
    """The row of one document, with its source where that is new or has changed."""
    try:
        loaded = document.load(before if before is not None and before.digest.startswith(f"{READING}:") else None)
        digest = _digest(loaded)
        if before is not None and (loaded.unchanged or digest == before.digest):
            return Row(document.origin, "unchanged", before.source), None
        identity = before.source if before is not None else _free_id(document, taken)
        source = own_source(identity, loaded, settings.fetch_max_bytes)
    except (DocumentError, FetchError) as error:
        return Row(document.origin, "failed", before.source if before is not None else None, str(error)), None
    taken[identity] = document.origin
    kept = Held(identity, document.origin, digest, loaded.etag, loaded.last_modified, loaded.final_url)
    return Row(document.origin, "added" if before is None else "changed", identity), (source, kept)


def _digest(loaded: Loaded) -> str:
    said = json.dumps([loaded.media_type, loaded.name, sorted(loaded.fields.items())]).encode()
    return f"{READING}:{hashlib.sha256(said + loaded.data).hexdigest()}"


def _free_id(document: Document, taken: dict[str, str]) -> str:
    """The id that the document should have, or where another has it one that no other can have."""
    if document.id not in taken:
        return document.id
    if document.exact:
        other = taken[document.id] or "the corpus"
        raise DocumentError(f"The id {document.id!r} is that of a document from {other}. Give it another.")
    return f"{document.id}~{short_digest(document.origin)}"


def _gone(inputs: Sequence[str | Upload], held: dict[str, Held], seen: set[str]) -> list[Row]:
    """What is held from a folder or corpus that was named, and is not there any more."""
    places = [origin_of(one) for one in inputs if isinstance(one, str) and Path(one).exists()]
    return [
        Row(one.origin, "gone", one.source, "It is still held. Take it out with: hkva ingest --remove")
        for one in held.values()
        if one.origin not in seen and any(_is_of(one.origin, place) for place in places)
    ]


def _is_of(origin: str, place: str) -> bool:
    """Whether the origin is the place, a file below it, or a row of it."""
    return origin == place or origin.startswith((place.rstrip("/") + "/", place + "#"))


def _write(settings: KnowledgeSettings, folder: Path, change: _Change, embedder: Embedder, report: Progress) -> str:
    """Make the next version; returns its name."""
    root, server = settings.library_dir, settings.chroma
    rows = [row for source, _ in change.sources for row in passages_of_source(source)]
    passages = [passage for passage, _ in rows]
    with closing(VectorCache(root.parent / "vectors.sqlite", embedder)) as cache:
        vectors = cache.embed([passage.text for passage in passages], report)
    report("index", 0, 2)
    with new_version(root, folder, server) as draft, closing(Catalogue(draft / "catalogue.sqlite")) as catalogue:
        with catalogue.writing():
            stale = [passage_id for identity in change.removed for passage_id in catalogue.remove_source(identity)]
            for source, held in change.sources:
                catalogue.add_source(source)
                catalogue.add_held(held)
            kept = () if server is None else tuple(catalogue.all_passages())
            catalogue.add_passages(rows)
        report("index", 1, 2)
        with closing(_carried(folder, draft, stale, kept, server)) as store:
            store.add(passages, vectors)
            if store.count() != catalogue.count_passages():
                raise LibraryBroken("The library's vectors are not whole, nothing was added. Run: hkva build --force")
    report("index", 2, 2)
    return current_folder(root).name


def _carried(
    folder: Path, draft: Path, stale: Sequence[str], kept: Sequence[Passage], server: ChromaServer | None
) -> Vectors:
    """The vectors that stay: those copied with the folder without what is stale, or those kept, anew on the server."""
    if server is not None:
        return carry_vectors(folder / "vectors", draft / "vectors", server, kept)
    store = Vectors(draft / "vectors")
    store.remove(stale)
    return store
