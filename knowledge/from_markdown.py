"""Markdown to blocks: headings, paragraphs, lists, quotations, tables, code, without the marks of emphasis. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

from knowledge.draft import Block, BlockKind
from knowledge.lines import joined

_HIDDEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|iframe|template|noscript)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
_ATX = re.compile(r"^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_SETEXT = re.compile(r"^ {0,3}(=+|-+)[ \t]*$")
_RULE = re.compile(r"^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
_BULLET = re.compile(r"^[ \t]*[-*+][ \t]+(?=\S)")
_NUMBER = re.compile(r"^[ \t]*\d{1,4}[.)][ \t]+(?=\S)")
_ROW_RULE = re.compile(r"^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
_DEFINITION = re.compile(r"^ {0,3}\[[^\]]+\]:\s+\S+.*$")
_INLINE = (
    (re.compile(r"!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])"), ""),
    (re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\[[^\]]*\])"), r"\1"),
    (re.compile(r"<((?:https?://|mailto:)[^>\s]+)>"), r"\1"),
    (re.compile(r"<br\s*/?>", re.IGNORECASE), " "),
    (re.compile(r"</?[a-zA-Z][^<>]*>"), ""),
    (re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])\*(?=[^\s*])(.+?)(?<=[^\s*])\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<![\w_])_(?=[^\s_])(.+?)(?<=[^\s_])_(?![\w_])"), r"\1"),
    (re.compile(r"~~(.+?)~~"), r"\1"),
    (re.compile(r"\\([\\`*_{}\[\]()#+\-.!|>~])"), r"\1"),
)
_CODE = re.compile(r"(`+)(.+?)\1")


def plain(text: str) -> str:
    """Inline Markdown as the reader sees it. What stands between backticks is left alone."""
    parts: list[str] = []
    end = 0
    for code in _CODE.finditer(text):
        parts += [_unmarked(text[end : code.start()]), code[2].strip()]
        end = code.end()
    return "".join([*parts, _unmarked(text[end:])]).strip()


def _unmarked(text: str) -> str:
    for mark, instead in _INLINE:
        text = mark.sub(instead, text)
    return html.unescape(text)


def markdown_blocks(text: str) -> list[Block]:
    """The blocks of a Markdown text."""
    lines = _HIDDEN.sub("", text).expandtabs(4).split("\n")
    blocks: list[Block] = []
    place = 0
    while place < len(lines):
        block, place = _next_block(lines, place)
        if block is not None and block.text.strip():
            blocks.append(block)
    return blocks


def _next_block(lines: Sequence[str], place: int) -> tuple[Block | None, int]:
    """The block that begins at `place`, or None for a line that is none, and the place after it."""
    line = lines[place]
    heading = _ATX.match(line)
    if heading:
        return Block("heading", plain(heading[2] or ""), level=len(heading[1])), place + 1
    if not line.strip() or _RULE.match(line) or _DEFINITION.match(line):
        return None, place + 1
    if _FENCE.match(line):
        return _fenced(lines, place)
    if "|" in line and place + 1 < len(lines) and "-" in lines[place + 1] and _ROW_RULE.match(lines[place + 1]):
        return _table(lines, place)
    if line.lstrip().startswith(">"):
        return _quotation(lines, place)
    return _paragraph(lines, place)


def _fenced(lines: Sequence[str], place: int) -> tuple[Block, int]:
    opening = _FENCE.match(lines[place])
    fence = opening[1] if opening else "```"
    end = next((n for n in range(place + 1, len(lines)) if lines[n].strip().startswith(fence)), len(lines))
    return Block("paragraph", "\n".join(lines[place + 1 : end])), end + 1


def _table(lines: Sequence[str], place: int) -> tuple[Block, int]:
    end = next((n for n in range(place, len(lines)) if "|" not in lines[n]), len(lines))
    rows = [line for n, line in enumerate(lines[place:end]) if n != 1]
    return Block("table", "\n".join(_row(row) for row in rows)), end


def _row(line: str) -> str:
    cells = re.split(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|"))
    return " | ".join(plain(cell.strip()) for cell in cells)


def _quotation(lines: Sequence[str], place: int) -> tuple[Block, int]:
    end = next((n for n in range(place, len(lines)) if not lines[n].lstrip().startswith(">")), len(lines))
    said = [line.lstrip().removeprefix(">").strip() for line in lines[place:end]]
    # A quotation of several paragraphs is read one paragraph at a time.
    stop = next((n for n, line in enumerate(said) if not line), len(said))
    return Block("quote", plain(joined(said[:stop]))), place + max(stop, 1)


def _paragraph(lines: Sequence[str], place: int) -> tuple[Block, int]:
    """A paragraph or list item with the lines that continue it, or a heading underlined with `===` or `---`."""
    taken = [lines[place]]
    bullet = _BULLET.match(lines[place])
    kind: BlockKind = "item" if bullet else "paragraph"
    for line in _continuing(lines, place + 1):
        taken.append(line)
    after = place + len(taken)
    if kind == "paragraph" and after < len(lines) and (under := _SETEXT.match(lines[after])):
        return Block("heading", plain(joined(taken)), level=1 if under[1][0] == "=" else 2), after + 1
    if bullet:
        taken[0] = lines[place][bullet.end() :]
    return Block(kind, plain(_with_breaks(taken))), after


def _continuing(lines: Sequence[str], place: int) -> Iterator[str]:
    for line in lines[place:]:
        starts_another = any(mark.match(line) for mark in (_ATX, _SETEXT, _RULE, _FENCE, _BULLET, _NUMBER))
        if not line.strip() or starts_another or line.lstrip().startswith((">", "|")):
            return
        yield line


def _with_breaks(lines: Sequence[str]) -> str:
    """The lines as one, but for the hard breaks that two spaces or a backslash at a line's end ask for."""
    pieces: list[list[str]] = [[]]
    for line in lines:
        pieces[-1].append(line.rstrip("\\"))
        if line.endswith(("  ", "\\")):
            pieces.append([])
    return "\n".join(joined(piece) for piece in pieces if piece)
