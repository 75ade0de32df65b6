"""A person's own document to a source. Pure.

What stands in the document's front matter or sidecar outweighs what was read from it. Who speaks, what kind of text
it is and whether it is official are the owner's to say: a fetched page does not get to call itself the regulator.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from knowledge.clean import clean
from knowledge.convert import convert, described
from knowledge.draft import Block, Draft
from knowledge.errors import DocumentError
from knowledge.gather import JSONL, Loaded
from knowledge.language import language_of
from knowledge.source import Source, SourceKind
from knowledge.words import visible

READING = "1"
"""Raise when documents come to be read otherwise, so that held ones are read again."""
_OWNERS_WORD = frozenset({"authority", "kind", "official", "supersedes", "title_en", "title_zh"})
_TRUE, _FALSE = ("true", "yes"), ("false", "no")


def own_source(source_id: str, loaded: Loaded, max_bytes: int) -> Source:
    """The source of a loaded document. Raises DocumentError where it holds no text or its metadata is wrong."""
    draft = _row(loaded) if loaded.media_type == JSONL else _document(loaded, max_bytes)
    draft = described(draft, loaded.fields)
    fields = draft.metadata
    host = (urlsplit(loaded.final_url).hostname or "") if loaded.final_url else ""
    publisher = fields.get("publisher") or draft.author or host or "Own document"
    return Source(
        id=source_id, title=draft.title, title_en=fields.get("title_en", draft.title),
        title_zh=fields.get("title_zh", draft.title), publisher=publisher,
        authority=fields.get("authority", publisher), kind=_kind(fields), language=draft.language,
        published=draft.published, url=loaded.final_url or fields.get("url"), official=_is_official(fields),
        text=draft.text, supersedes=fields.get("supersedes"), ingested=True,
    )  # fmt: skip


def _document(loaded: Loaded, max_bytes: int) -> Draft:
    draft = clean(convert(loaded.data, loaded.name, loaded.media_type, max_bytes))
    if loaded.final_url is None:
        return draft
    own = {key: value for key, value in draft.metadata.items() if key not in _OWNERS_WORD}
    return Draft(draft.title, draft.blocks, draft.author, draft.published, draft.updated, draft.language, own)


def _row(loaded: Loaded) -> Draft:
    """A row's text as it stands: one paragraph a line, nothing taken for a heading or for furniture."""
    text = visible(loaded.data.decode("utf-8"))
    blocks = tuple(Block("paragraph", line.strip()) for line in text.splitlines() if line.strip())
    if not any(letter.isalnum() for letter in text):
        raise DocumentError("The row holds no text. Leave it out.")
    return Draft(loaded.name, blocks, language=language_of(text))


def _kind(fields: Mapping[str, str]) -> SourceKind:
    written = fields.get("kind", SourceKind.DOCUMENT.value).lower()
    try:
        return SourceKind(written)
    except ValueError as error:
        kinds = ", ".join(SourceKind)
        raise DocumentError(f"Its metadata says `kind: {written}`. Write one of: {kinds}.") from error


def _is_official(fields: Mapping[str, str]) -> bool:
    written = fields.get("official", "false").lower()
    if written not in (*_TRUE, *_FALSE):
        raise DocumentError(f"Its metadata says `official: {written}`. Write true or false.")
    return written in _TRUE
