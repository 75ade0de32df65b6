"""Word documents (.docx) to blocks: headings, paragraphs, lists, tables, in the order in which they stand.

The file is a zip of XML. Its sizes are checked before anything is unpacked. Text that was deleted under tracked
changes is left out, inserted text and text in content controls is kept.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import docx
from docx.opc.exceptions import OpcError
from lxml import etree  # type: ignore[import-untyped]

from knowledge.draft import Block, Draft
from knowledge.errors import DocumentError

_MOST_UNPACKED = 300_000_000
_MOST_RATIO = 100
_RATIO_MATTERS_FROM = 5_000_000
_MOST_PARTS = 10_000
_BROKEN = (
    OpcError, zipfile.BadZipFile, zlib.error, etree.LxmlError, EOFError, OSError, KeyError, ValueError, AttributeError,
    IndexError, NotImplementedError, RuntimeError,
)  # fmt: skip
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_HEADING_STYLE = re.compile(r"^(?:heading|titre|überschrift|标题|標題)\s*(\d)$", re.IGNORECASE)


def check_zip(data: bytes) -> None:
    """Raise DocumentError where unpacking would fill the memory (a zip bomb), or the zip is broken or encrypted."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise DocumentError("The file is broken: it is no whole zip archive. Save it again from Word.") from error
    unpacked = sum(part.file_size for part in parts)
    if any(part.flag_bits & 1 for part in parts):
        raise DocumentError("The file is encrypted. Save it without a password.")
    ratio = unpacked / max(len(data), 1)
    if (
        len(parts) > _MOST_PARTS
        or unpacked > _MOST_UNPACKED
        or (unpacked > _RATIO_MATTERS_FROM and ratio > _MOST_RATIO)
    ):
        raise DocumentError(
            f"The file would unpack to {unpacked:,} bytes in {len(parts):,} parts, {ratio:,.0f} times its size: "
            "this is how a zip bomb looks. Save the document again, with smaller pictures."
        )


def read_docx(data: bytes) -> Draft:
    """The draft of a Word document, its title empty where it gives none.

    Raises DocumentError for broken, encrypted and over-large files.
    """
    check_zip(data)
    try:
        document = docx.Document(io.BytesIO(data))
        body = document.element.body
        blocks = tuple(_blocks(body, _style_names(document)))
        properties = document.core_properties
        title, author = properties.title, properties.author
        created = properties.created
    except _BROKEN as error:
        reason = " ".join(str(error).split())[:150] or type(error).__name__
        raise DocumentError(f"The Word document is broken ({reason}). Open it in Word and save it again.") from error
    headed = [block for block in blocks if block.kind == "heading" and block.level == 1]
    metadata = {"created": created.date().isoformat()} if created else {}
    return Draft(headed[0].text if headed else title or "", blocks, author or None, metadata=metadata)


def _style_names(document: Any) -> dict[str, str]:
    return {style.style_id: style.name or "" for style in document.styles}


def _blocks(parent: Any, styles: dict[str, str]) -> Iterator[Block]:
    for child in parent:
        if child.tag == _W + "p":
            yield from _paragraph(child, styles)
        elif child.tag == _W + "tbl":
            rows = [_row(row) for row in child.iter(_W + "tr")]
            if any(row.strip(" |") for row in rows):
                yield Block("table", "\n".join(row for row in rows if row.strip(" |")))
        elif child.tag in (_W + "sdt", _W + "sdtContent", _W + "ins", _W + "customXml", _W + "smartTag"):
            yield from _blocks(child, styles)


def _paragraph(element: Any, styles: dict[str, str]) -> Iterator[Block]:
    text = _text(element)
    if not text:
        return
    marked = element.find(f"{_W}pPr/{_W}pStyle")
    style = styles.get(marked.get(_W + "val"), "") if marked is not None else ""
    heading = _HEADING_STYLE.match(style)
    if style.lower() == "title" or heading:
        yield Block("heading", text.replace("\n", " "), level=min(int(heading[1]) + 1, 6) if heading else 1)
    elif style.lower().startswith("list") or element.find(f"{_W}pPr/{_W}numPr") is not None:
        yield Block("item", text)
    elif "quote" in style.lower():
        yield Block("quote", text)
    else:
        yield Block("paragraph", text)


def _text(element: Any) -> str:
    """The text of a paragraph or cell: inserted text with it, deleted text and the second copy of a text box not."""
    pieces: list[str] = []
    for node in element.iter():
        if node.tag == _W + "t" and not _left_out(node, element):
            pieces.append(node.text or "")
        elif node.tag in (_W + "tab", _W + "ptab") and node.getparent().tag == _W + "r":
            pieces.append("\t")
        elif node.tag in (_W + "br", _W + "cr", _W + "p") and node is not element:
            pieces.append("\n")
    return re.sub(r"[ \t]+", " ", re.sub(r"\s*\n\s*", "\n", "".join(pieces))).strip()


def _left_out(node: Any, within: Any) -> bool:
    for above in node.iterancestors():
        if above is within:
            return False
        if above.tag in (_W + "del", _W + "moveFrom", _FALLBACK):
            return True
    return False


def _row(row: Any) -> str:
    cells = [_text(cell).replace("\n", " ") for cell in row.iterchildren(_W + "tc", _W + "sdt")]
    return " | ".join(cells)
