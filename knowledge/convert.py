"""A document's bytes to a draft: text, Markdown, HTML, PDF and Word, told by content first and by name second.

Converting loses nothing that the document says; what is page furniture is for `clean` to drop. A file that can't be
used raises DocumentError with the reason and what to do about it. The readers of HTML, PDF and Word are loaded with the
first such document: they take a third of a second, which a server that only answers need not wait for.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from email.message import Message
from io import BytesIO
from pathlib import PurePath

from knowledge.dates import as_date
from knowledge.decode import decode
from knowledge.draft import Draft
from knowledge.errors import DocumentError
from knowledge.from_markdown import markdown_blocks
from knowledge.from_text import take_title, text_blocks
from knowledge.front_matter import split_front_matter
from knowledge.language import language_of
from knowledge.words import visible

SUFFIXES = frozenset({".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml", ".pdf", ".docx"})
"""What a folder is searched for."""
MAX_BYTES = 20_000_000
_MOST_BLOCKS = 200_000

_FOREIGN = (
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an old Office file (.doc) or one with a password",
        "Save it as .docx without one.",
    ),
    (b"{\\rtf", "a rich-text file (.rtf)", "Save it as .docx or .txt."),
    (b"\x89PNG", "a picture", "Run it through text recognition (OCR) and save the text."),
    (b"\xff\xd8\xff", "a picture", "Run it through text recognition (OCR) and save the text."),
    (b"GIF8", "a picture", "Run it through text recognition (OCR) and save the text."),
    (b"\x1f\x8b", "a compressed file", "Unpack it first."),
    (b"7z\xbc\xaf", "a compressed file", "Unpack it first."),
    (b"Rar!", "a compressed file", "Unpack it first."),
)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_SPACES = re.compile(r"[^\S\n]+")
_KNOWN_FIELDS = frozenset({"title", "author", "published", "date", "updated", "language"})


def convert(data: bytes, name: str, media_type: str | None = None, max_bytes: int = MAX_BYTES) -> Draft:
    """The draft of a document. `name` is its file name or URL, `media_type` what an HTTP header says of it.

    Raises DocumentError where it is empty, larger than `max_bytes`, of a kind that we don't read, encrypted, scanned,
    broken or in an unknown encoding.
    """
    if len(data) > max_bytes:
        raise DocumentError(
            f"It has {len(data):,} bytes, more than {max_bytes:,}. Split it or raise HKVA_FETCH_MAX_BYTES."
        )
    if not data.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe\x0b\x0c"):
        raise DocumentError("It is empty. Leave it out, or save it again with its text.")
    declared = Message()
    declared["content-type"] = media_type or "application/octet-stream"
    kind = _kind(data, PurePath(name).suffix.lower(), declared.get_content_type() if media_type else None)
    charset = declared.get_param("charset")
    draft = _read(kind, data, charset if isinstance(charset, str) else None)
    return _finished(draft, name)


def _kind(data: bytes, suffix: str, media_type: str | None) -> str:
    """pdf, docx, html, markdown or text. What the bytes begin with outweighs name and header."""
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        return _zip_kind(data)
    for start, what, advice in _FOREIGN:
        if data.startswith(start):
            raise DocumentError(f"It is {what}, which we don't read. {advice}")
    if suffix in (".pdf", ".docx"):
        raise DocumentError(f"It is named {suffix} but is broken: its content is none. Download or save it again.")
    if media_type in ("text/html", "application/xhtml+xml") or suffix in (".html", ".htm", ".xhtml"):
        return "html"
    if suffix in (".md", ".markdown") or media_type == "text/markdown":
        return "markdown"
    return "html" if suffix not in (".txt", ".text") and _HTML.search(data[:2048].replace(b"\x00", b"")) else "text"


def _zip_kind(data: bytes) -> str:
    from knowledge.from_docx import check_zip

    check_zip(data)
    with zipfile.ZipFile(BytesIO(data)) as packed:
        if "word/document.xml" in packed.namelist():
            return "docx"
    raise DocumentError(
        "It is a zip archive but no Word document, which we don't read. Unpack it, or save it as .docx."
    )


def _read(kind: str, data: bytes, charset: str | None) -> Draft:
    if kind == "pdf":
        from knowledge.from_pdf import read_pdf

        return read_pdf(data)
    if kind == "docx":
        from knowledge.from_docx import read_docx

        return read_docx(data)
    if kind == "html":
        from knowledge.from_html import read_html

        meta = _CHARSET.search(data[:4096])
        return read_html(decode(data, charset or (meta[1].decode("ascii", "ignore") if meta else None)))
    fields, text = split_front_matter(decode(data, charset))
    blocks = markdown_blocks(text) if kind == "markdown" else text_blocks(text)
    return described(Draft("", tuple(blocks)), fields)


def described(draft: Draft, fields: Mapping[str, str]) -> Draft:
    """The draft with what front matter or a sidecar says of it, which outweighs what was read from the document.

    Raises DocumentError where `date`, `published` or `updated` is no date.
    """
    return replace(
        draft,
        title=fields.get("title") or draft.title,
        author=fields.get("author") or draft.author,
        published=_date(fields, "published") or _date(fields, "date") or draft.published,
        updated=_date(fields, "updated") or draft.updated,
        metadata={**draft.metadata, **{key: value for key, value in fields.items() if key not in _KNOWN_FIELDS}},
    )


def _date(fields: Mapping[str, str], name: str) -> str | None:
    written = fields.get(name)
    if not written:
        return None
    day = as_date(written)
    if day is None:
        raise DocumentError(f"Its metadata says `{name}: {written}`, which is no date. Write it as 2023-11-04.")
    return day


def _finished(draft: Draft, name: str) -> Draft:
    """The draft with readable blocks only, a title and a language. Raises DocumentError where no text is left."""
    blocks = tuple(replace(block, text=text) for block in draft.blocks if (text := _readable(block.text)))
    if len(blocks) > _MOST_BLOCKS:
        raise DocumentError(f"It has {len(blocks):,} paragraphs, more than {_MOST_BLOCKS:,}. Split it.")
    if not any(letter.isalnum() for block in blocks for letter in block.text):
        raise DocumentError("It holds no text. Leave it out, or save it again with its text.")
    if all(block.kind == "heading" for block in blocks):
        # Headings are quoted with what stands under them; with nothing under them they are the text.
        blocks = tuple(replace(block, kind="paragraph", level=0) for block in blocks)
    title = _readable(draft.title).replace("\n", " ")
    if not title:
        taken, blocks = take_title(blocks)
        title = taken or PurePath(name.rstrip("/")).stem or name
    language = language_of("\n".join(block.text for block in blocks))
    return replace(draft, title=title, blocks=blocks, language=language)


def _readable(text: str) -> str:
    # One plain space for no-break, full-width and repeated ones, so that a quotation can be typed and found.
    text = _SPACES.sub(" ", _CONTROL.sub("", visible(text))).strip()
    return text if any(not letter.isspace() for letter in text) else ""
