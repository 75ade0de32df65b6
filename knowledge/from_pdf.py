"""PDF to blocks with their page numbers.

A page gives lines, not paragraphs: running heads and page numbers are recognised by their return on many pages and
dropped, the other lines are joined by their width and by how they end, and a paragraph that runs over the page's end
is joined to the page where it began.
"""

from __future__ import annotations

import io
import logging
import math
import re
import struct
import unicodedata
import zlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pypdf
from pypdf.errors import DependencyError, PyPdfError

from knowledge.draft import Block, Draft
from knowledge.errors import DocumentError
from knowledge.from_text import is_heading
from knowledge.lines import ITEM, NUMBERED, columns, ends_sentence, heading_level, joined, looks_like_heading
from knowledge.plausibility import find_damage

_MOST_PAGES = 2_000
_MOST_CHARACTERS = 20_000_000
# pypdf says of itself that broken files may raise anything; these are what its parser's own slips raise.
_BROKEN = (
    PyPdfError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, AssertionError, RecursionError,
    NotImplementedError, OSError, zlib.error, struct.error,
)  # fmt: skip
_PAGE_NUMBER = re.compile(
    r"^[\s\-–—|.]*(?:page|p\.|第)?\s*(?:\d{1,4}|[ivxl]{1,6})\s*[页頁]?\s*(?:(?:of|/|共)\s*\d{1,4}\s*[页頁]?)?[\s\-–—|.]*$",
    re.IGNORECASE,
)
_EDGE = 3
_DRAWN = re.compile("[\u2f00-\u2fdf\ufb00-\ufb06]")
_GAP = re.compile(
    "(?<=[\u3400-\u9fff]) (?=[,，、。;；:：!！?？)）」』”》])|(?<=[\u3400-\u9fff][，、。；：！？]) (?=[\u3400-\u9fff])"
)
_JUNK_TITLE = re.compile(
    r"^(?:microsoft word\b|untitled|document\d*$|slide \d|powerpoint|.*\.(?:docx?|pdf|indd|pptx?|xlsx?)$)",
    re.IGNORECASE,
)


def read_pdf(data: bytes) -> Draft:
    """The paged draft of a PDF, its title empty where it gives none.

    Raises DocumentError for encrypted, broken, scanned, empty and over-long files.
    """
    try:
        reader = _opened(data)
        pages = [_mended(page.extract_text()) for page in reader.pages]
        unread = [n for n, page in enumerate(reader.pages, start=1) if not pages[n - 1].strip() and _has_image(page)]
        properties = {key: str(value).strip() for key, value in (reader.metadata or {}).items() if value}
    except DependencyError as error:
        raise DocumentError(f"The PDF needs a part that is not installed: {error}") from error
    except _BROKEN as error:
        reason = " ".join(str(error).split())[:150] or type(error).__name__
        raise DocumentError(
            f"The PDF is broken ({reason}). Open it in a PDF reader and save or print it again."
        ) from error
    _check_text(pages, unread)
    title = properties.get("/Title", "")
    metadata = {"pages": str(len(pages))}
    if unread:
        metadata["pages_without_text"] = ", ".join(map(str, unread))
    return Draft(
        "" if _JUNK_TITLE.match(title) or find_damage(title) else title,
        tuple(page_blocks(pages)),
        author=properties.get("/Author") or None,
        metadata=metadata,
    )


def _opened(data: bytes) -> pypdf.PdfReader:
    # What pypdf mends as it goes is of no use to the reader; what it can't mend is told by our error.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        raise DocumentError("The PDF is encrypted. Save it without a password.")
    if len(reader.pages) > _MOST_PAGES:
        raise DocumentError(f"The PDF has {len(reader.pages):,} pages, more than {_MOST_PAGES:,}. Split it.")
    return reader


def _mended(text: str) -> str:
    """Letters in place of the ligatures and radicals by which fonts draw them, and no gaps at Chinese marks."""
    text = _DRAWN.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text)
    return _GAP.sub("", text)


def _has_image(page: Any) -> bool:
    resources = page.get("/Resources")
    objects = resources.get_object().get("/XObject") if resources is not None else None
    entries = objects.get_object().values() if objects is not None else ()
    return any(entry.get_object().get("/Subtype") in ("/Image", "/Form") for entry in entries)


def _check_text(pages: Sequence[str], unread: Sequence[int]) -> None:
    if not pages:
        raise DocumentError("The PDF is empty: it has no pages.")
    whole = "\n".join(pages)
    if len(unread) * 2 > len(pages):
        raise DocumentError(
            f"The PDF is scanned: {len(unread)} of its {len(pages)} pages are pictures without text. "
            "Run it through text recognition (OCR) first."
        )
    if not any(letter.isalnum() for letter in whole):
        raise DocumentError("The PDF is empty: its pages hold no text.")
    if len(whole) > _MOST_CHARACTERS:
        raise DocumentError(
            f"The PDF holds {len(whole):,} characters of text, more than {_MOST_CHARACTERS:,}. Split it."
        )
    damage = find_damage(whole)
    if damage is not None:
        raise DocumentError(
            f"The PDF's text can't be read: {damage}. Its fonts say not which characters they draw; "
            "print it from another program or run it through text recognition (OCR)."
        )


def page_blocks(pages: Sequence[str]) -> list[Block]:
    """The blocks of pages given as text with line ends. Pages count from 1."""
    paragraphs: list[tuple[str, int]] = []
    for number, lines in enumerate(without_running_heads(pages), start=1):
        for place, paragraph in enumerate(paragraphs_of(lines)):
            if place == 0 and paragraphs and _runs_on(paragraphs[-1][0], paragraph):
                paragraphs[-1] = (joined([paragraphs[-1][0], paragraph]), paragraphs[-1][1])
            else:
                paragraphs.append((paragraph, number))
    texts = [text for text, _ in paragraphs]
    return [_block(texts, place, page) for place, (_, page) in enumerate(paragraphs)]


def _block(texts: Sequence[str], place: int, page: int) -> Block:
    text = texts[place]
    if is_heading(texts, place):
        return Block("heading", text, level=heading_level(text), page=page)
    item = ITEM.match(text)
    if item and not item.group().strip(" ()（）").isalnum():
        return Block("item", text[item.end() :], page=page)
    return Block("paragraph", text, page=page)


def without_running_heads(pages: Sequence[str]) -> list[list[str]]:
    """The lines of each page without page numbers and without the head and foot that come back on many pages."""
    split_pages = [[line.strip() for line in page.split("\n")] for page in pages]
    split_pages = [_trimmed(lines) for lines in split_pages]
    seen = Counter(key for lines in split_pages for key in {_key(lines[n]) for n in _edges(lines)})
    often = max(3, 0.4 * len(pages))
    kept: list[list[str]] = []
    for lines in split_pages:
        drop = {n for n in _edges(lines) if _PAGE_NUMBER.match(lines[n]) or seen[_key(lines[n])] >= often}
        kept.append([line for n, line in enumerate(lines) if n not in drop])
    return kept


def _trimmed(lines: list[str]) -> list[str]:
    while lines and not lines[0]:
        lines = lines[1:]
    while lines and not lines[-1]:
        lines = lines[:-1]
    return lines


def _edges(lines: Sequence[str]) -> set[int]:
    """The lines at head and foot that may come back on every page: not those that end as a sentence does."""
    places = {*range(_EDGE), *range(len(lines) - _EDGE, len(lines))}
    return {n for n in places if 0 <= n < len(lines) and lines[n] and not ends_sentence(lines[n])}


def _key(line: str) -> str:
    return re.sub(r"\d+", "#", " ".join(line.lower().split()))


def paragraphs_of(lines: Sequence[str]) -> list[str]:
    """Lines joined into paragraphs. One begins after a blank line, at a number or bullet, and after a short line."""
    widths = sorted(columns(line) for line in lines if line)
    if not widths:
        return []
    width = widths[math.ceil(0.9 * (len(widths) - 1))]
    groups: list[list[str]] = [[]]
    for line in lines:
        if not line or (groups[-1] and _begins_anew(groups[-1][-1], line, width)):
            groups.append([])
        if line:
            groups[-1].append(line)
    return [joined(group) for group in groups if group]


def _begins_anew(before: str, line: str, width: int) -> bool:
    if ITEM.match(line) or (NUMBERED.match(line) and (ends_sentence(before) or columns(before) < 0.8 * width)):
        return True
    if ends_sentence(before) and columns(before) < 0.85 * width:
        return True
    if line[0].islower() or before.endswith((",", "，", "、", "-", ";", "；")):
        return False
    return columns(before) < 0.6 * width and looks_like_heading(before)


def _runs_on(before: str, after: str) -> bool:
    """Whether a page's first paragraph goes on with the last one of the page before."""
    if ends_sentence(before) or NUMBERED.match(after) or ITEM.match(after):
        return False
    if after[0].islower():
        return True
    return columns(before) > 60 and not after[0].isascii() and not looks_like_heading(after)
