"""Build the library from the corpus: records to passages, passages to vectors, all into a new version."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from knowledge.catalogue import Catalogue
from knowledge.chroma_server import ChromaServer
from knowledge.embed import Embedder
from knowledge.errors import CorpusError, LibraryBroken
from knowledge.findings import check_corpus
from knowledge.held import Held
from knowledge.left_open import write_left_open
from knowledge.library import layout_name, lock_for_writing, new_version, read_current
from knowledge.nearest import EXACT, ROUGH, Nearest
from knowledge.passage import Locus, Passage
from knowledge.register import Corpus
from knowledge.rule import Rule, first_day
from knowledge.source import Source
from knowledge.split import split
from knowledge.token_store import write_tokens
from knowledge.vector_cache import Progress, VectorCache
from knowledge.vectors import Vectors, is_in_place, new_vectors
from knowledge.words import has_han


def build_library(
    root: Path,
    corpus: Corpus,
    embedder: Embedder,
    progress: Progress | None = None,
    *,
    force: bool = False,
    server: ChromaServer | None = None,
) -> str:
    """Build from the corpus, keeping ingested documents; returns the version. Unchanged input is left as it is.

    The vectors go to `server` where there is one. Raises CorpusError where the corpus has findings, LibraryBusy where
    somebody else is writing, LibraryError where the server cannot be reached.
    """
    report = progress or (lambda *_: None)
    with lock_for_writing(root):
        current = read_current(root)
        held = root / "versions" / current if current else None
        built = None if force else find_built(root, corpus, embedder.name, server)
        if built is not None:
            return built
        findings = check_corpus(corpus)
        if findings:
            listed = "; ".join(f"{one.record}: {one.message}" for one in findings[:3])
            raise CorpusError(f"The corpus has {len(findings)} findings ({listed}). Run: hkva rules check")
        kept = _ingested(held, corpus) if held is not None else []
        with new_version(root, server=server, anew=force) as folder:
            passages = _write(folder, corpus, kept, embedder)
            with closing(VectorCache(root.parent / "vectors.sqlite", embedder)) as cache:
                write_tokens(folder, passages, embedder, held, cache.keep, report)
                _embed(folder, passages, cache, server, report)
                write_left_open(folder, corpus.left_open, cache, report)
        version = read_current(root)
    if version is None:
        raise CorpusError("The new library did not become the current one.")
    return version


def find_built(root: Path, corpus: Corpus, embedder_name: str, server: ChromaServer | None = None) -> str | None:
    """The current version where it was built from just this corpus with this embedder; None where it was not.

    Nor where its vectors are in its folder and ought to be on the server, or the other way round.
    """
    current = read_current(root)
    path = root / "versions" / current / "catalogue.sqlite" if current else None
    if path is None or not path.is_file() or not is_in_place(path.parent / "vectors", server):
        return None
    catalogue = Catalogue(path)
    same = all(catalogue.get_meta(key) == value for key, value in _identity(corpus, embedder_name).items())
    catalogue.close()
    return current if same else None


def passages_of_rule(rule: Rule) -> Iterator[tuple[Passage, str]]:
    """A rule's passages with their keyword texts: its statement in either language, and the questions it answers."""
    known_from = rule.known_from

    def passage(part: str, kind: str, language: str, text: str) -> Passage:
        return Passage(
            id=f"{rule.id}#{part}", kind=kind, record=rule.id, language=language, text=text, topic=rule.topic,  # type: ignore[arg-type]
            authority=rule.authority, known_from=known_from, ends=rule.in_force_to, stage=rule.stage.value,
        )  # fmt: skip

    for language, key, asks in (("en", "en", rule.asks_en), ("zh", "zh-Hans", rule.asks_zh)):
        polar = tuple(one.en if language == "en" else one.zh for one in rule.polar)
        text = f"{rule.title[key]}. {rule.statement[key]}"  # type: ignore[index]
        keywords = "\n".join([text, rule.instrument, *asks, *polar])
        yield passage(language, "rule", language, text), keywords
        for number, ask in enumerate(dict.fromkeys([*asks, *polar]), 1):
            yield passage(f"{language}-{number}", "ask", language, ask), ""


def passages_of_source(source: Source) -> Iterator[tuple[Passage, str]]:
    """A source's text in slices, each searched together with the document's title and its headings."""
    known = first_day(source.published)
    for cut in split(source.text):
        text = source.text[cut.start : cut.end]
        language = "zh" if has_han(text) else "en"
        title = source.title_en if language == "en" else source.title_zh
        headings = [heading for heading in cut.headings if heading not in ("English", "简体中文")]
        lead = " › ".join([title, *headings] if title != source.id else headings)
        passage = Passage(
            id=f"{source.id}#{cut.start}", kind="section", record=source.id, language=language,
            text=f"{lead}\n{text}" if lead else text, authority=source.authority, start=cut.start, end=cut.end,
            known_from=known, locus=Locus(cut.headings, cut.page),
        )  # fmt: skip
        yield passage, passage.text


def _write(folder: Path, corpus: Corpus, kept: Sequence[tuple[Source, Held]], embedder: Embedder) -> list[Passage]:
    """Write the catalogue; returns its passages."""
    sources = [*corpus.sources.values(), *(source for source, _ in kept)]
    rows = [row for rule in corpus.rules.values() for row in passages_of_rule(rule)]
    rows += [row for source in sources for row in passages_of_source(source)]
    catalogue = Catalogue(folder / "catalogue.sqlite", create=True)
    with catalogue.writing():
        for key, value in _identity(corpus, embedder.name).items():
            catalogue.set_meta(key, value)
        catalogue.set_meta("glossary", "\n".join("\t".join(group) for group in corpus.glossary))
        for rule in corpus.rules.values():
            catalogue.add_rule(rule)
        for source in sources:
            catalogue.add_source(source)
        for _, held in kept:
            catalogue.add_held(held)
        catalogue.add_passages(rows)
    catalogue.close()
    return [passage for passage, _ in rows]


def _embed(
    folder: Path, passages: Sequence[Passage], cache: VectorCache, server: ChromaServer | None, report: Progress
) -> None:
    vectors = cache.embed([passage.text for passage in passages], report)
    report("index", 0, 1)
    with closing(new_vectors(folder / "vectors", server)) as store:
        store.add(passages, vectors)
        if store.count() != len(passages):
            raise LibraryBroken("The Chroma server did not keep all vectors. Look at its log, then run: hkva build")
        store.keep(EXACT)
        if server is None:
            _hold(folder, store)
    report("index", 1, 1)


def _hold(folder: Path, store: Vectors) -> None:
    """Write what is read at the first search, so that nobody who asks has to wait for it."""
    catalogue = Catalogue(folder / "catalogue.sqlite")
    Nearest(store, folder=folder, rough=ROUGH).hold(catalogue.roster)
    catalogue.close()


def _identity(corpus: Corpus, embedder_name: str) -> dict[str, str]:
    return {"layout": layout_name(), "embedder": embedder_name, "corpus": corpus.digest}


def _ingested(folder: Path, corpus: Corpus) -> list[tuple[Source, Held]]:
    """The ingested documents of an older version, but for those whose id the corpus has taken since."""
    if not (folder / "catalogue.sqlite").is_file():
        return []
    catalogue = Catalogue(folder / "catalogue.sqlite")
    try:
        if catalogue.get_meta("layout") == "1":
            return []  # could not hold any
        sources = catalogue.sources()
        return [(sources[one.source], one) for one in catalogue.held() if one.source not in corpus.sources]
    finally:
        catalogue.close()
