"""A draft: a document turned into headed, paged blocks, before it becomes a source and its passages. Values only.

The canonical text of a draft is what is stored and quoted: offsets of citations point into it. Its form:
headings are lines of `#` and a space (`## Licensing`), list items begin with `- `, blocks are separated by a blank
line, and in a paged document a form feed ends each page, as `pdftotext` writes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

BlockKind = Literal["heading", "paragraph", "item", "quote", "table"]
DraftLanguage = Literal["en", "zh-Hans", "zh-Hant"]

PAGE_END = "\f"
_HEADING_MARK = re.compile(r"^#(?=#{0,5} )")
_BLANK_LINES = re.compile(r"\s*\n\s*")


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a document. `level` (1-6) is that of a heading; `page` counts from 1, None where unpaged."""

    kind: BlockKind
    text: str
    level: int = 0
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A document as blocks. Dates are `YYYY-MM-DD`, `YYYY-MM` or `YYYY`.

    `metadata` holds whatever else the document says of itself (`publisher`, `authority`, `url`), by lower-case key.
    """

    title: str
    blocks: tuple[Block, ...]
    author: str | None = None
    published: str | None = None
    updated: str | None = None
    language: DraftLanguage = "en"
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The canonical text of the blocks; the title is not part of it."""
        parts: list[str] = []
        page = 1
        for block in self.blocks:
            if parts:
                parts.append("\n\n")
            if block.page is not None and block.page > page:
                parts.append(PAGE_END * (block.page - page) + "\n")
                page = block.page
            parts.append(_written(block))
        if any(block.page is not None for block in self.blocks):
            parts.append("\n" + PAGE_END)
        return "".join(parts)


def _written(block: Block) -> str:
    """A block as it stands in the canonical text: no blank line, no form feed, no heading mark but a heading's."""
    text = _BLANK_LINES.sub("\n", block.text.replace(PAGE_END, " ").strip())
    if block.kind == "heading":
        return "#" * min(max(block.level, 1), 6) + " " + text.replace("\n", " ")
    # A full-width number sign reads the same and keeps "# of clients" from passing for a heading.
    lines = "\n".join(_HEADING_MARK.sub("\N{FULLWIDTH NUMBER SIGN}", line) for line in text.split("\n"))
    return "- " + lines if block.kind == "item" else lines
