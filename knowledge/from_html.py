"""HTML to blocks: trafilatura finds the article, a walk of our own reads it (or the whole page, where it finds none).

Scripts, styles, forms and hidden elements are cut from the tree first, so that neither reader can let them through.
"""

from __future__ import annotations

import copy
import logging
import re
from typing import Any

import trafilatura
from lxml import etree, html  # type: ignore[import-untyped]

from knowledge.draft import Block, BlockKind, Draft
from knowledge.errors import DocumentError
from knowledge.lines import looks_like_prose

_NEVER = frozenset(
    {
        "script",
        "style",
        "noscript",
        "template",
        "iframe",
        "object",
        "embed",
        "applet",
        "svg",
        "canvas",
        "math",
        "audio",
        "video",
        "map",
        "head",
        "input",
        "button",
        "select",
        "textarea",
        "option",
        "datalist",
        "dialog",
    }
)
_CHROME = frozenset({"nav", "header", "footer", "aside", "form", "menu"})
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_BLOCKS = frozenset(
    {
        "p",
        "div",
        "section",
        "article",
        "main",
        "body",
        "header",
        "footer",
        "aside",
        "ul",
        "ol",
        "dl",
        "list",
        "dt",
        "dd",
        "figure",
        "figcaption",
        "address",
        "pre",
        "code",
        "center",
        "details",
        "summary",
        "fieldset",
        "hgroup",
        "tr",
    }
)
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_CUT_IN_CHINESE = re.compile(rf"(?<=[{_WIDE}])[ \t]*[\r\n]\s*(?=[{_WIDE}])")
_SPACES = re.compile(r"[ \t\r\n\u00a0]+")
_LINE_BREAK = "\u2028"
# Control characters, and references to them: lxml reads them but refuses to move them.
_UNWRITABLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|&#(?:x0*(?:[0-8bcef]|1[0-9a-f])|0*(?:[0-8]|1[124-9]|2\d|3[01]));?(?![\da-f])",
    re.IGNORECASE,
)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


def read_html(text: str) -> Draft:
    """The article of an HTML page, its title empty where it gives none.

    Raises DocumentError where the page is no HTML.
    """
    text = _CUT_IN_CHINESE.sub("", _UNWRITABLE.sub("", _DECLARATION.sub("", text)))
    try:
        tree = html.document_fromstring(text, parser=html.HTMLParser(remove_pis=True))
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise DocumentError(
            "The page is not HTML that can be read. Save it again from the browser, or as text."
        ) from error
    title = _own_title(tree)
    _prune(tree)
    page = _article(copy.deepcopy(tree))
    if page is not None and any(looks_like_prose(block.text) or block.kind == "table" for block in page.blocks):
        return page
    body = tree.find("body")
    _prune_chrome(tree if body is None else body)
    return Draft(title, read_blocks(tree if body is None else body))


def _article(tree: html.HtmlElement) -> Draft | None:
    for noisy in ("trafilatura", "htmldate"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    found: Any = trafilatura.bare_extraction(
        tree,
        with_metadata=True,
        include_comments=False,
        include_tables=True,
        favor_recall=True,
        # Only what the page says of itself: the wide search takes any date in the text for that of publication.
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    if found is None or found.body is None:
        return None
    # The site's name only where the page gives it: trafilatura also takes a part of the title for it.
    named = tree.xpath("string(//meta[@property='og:site_name']/@content)")
    metadata = {"publisher": str(named).strip(), "url": found.url, "description": found.description}
    return Draft(
        found.title or "",
        read_blocks(found.body),
        author=found.author or None,
        published=found.date or None,
        metadata={key: value for key, value in metadata.items() if value},
    )


def _own_title(tree: html.HtmlElement) -> str:
    for path in ("//h1", "//title"):
        for element in tree.xpath(path):
            words = " ".join(element.text_content().split())
            if words:
                return words
    return ""


def _prune(tree: html.HtmlElement) -> None:
    """Cut what no reader sees. The head stays for its metadata, without its scripts."""
    for element in list(tree.iter()):
        unseen = not isinstance(element.tag, str) or element.tag in _NEVER - {"head"}
        if unseen or _is_hidden(element):
            _cut(element)


def _prune_chrome(tree: html.HtmlElement) -> None:
    for element in list(tree.iter(*_CHROME)):
        # A header inside the article holds its headline.
        if element.tag != "header" or not element.xpath("ancestor::article|ancestor::main"):
            _cut(element)


def _is_hidden(element: html.HtmlElement) -> bool:
    return (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or _HIDDEN.search(element.get("style") or "") is not None
    ) and element.tag not in ("html", "body")


def _cut(element: html.HtmlElement) -> None:
    if element.getparent() is not None:
        element.drop_tree()


def read_blocks(root: Any) -> tuple[Block, ...]:
    """The blocks under an element of HTML, or of the TEI that trafilatura makes of it."""
    walk = _Walk()
    walk.through(root, "paragraph")
    walk.flush("paragraph")
    return tuple(walk.blocks)


class _Walk:
    """Reads a tree in order: inline text gathers until a block begins or ends."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._gathered: list[str] = []

    def through(self, element: Any, kind: BlockKind) -> None:
        self._gathered.append(element.text or "")
        for child in element:
            if isinstance(child.tag, str) and child.tag not in _NEVER - {"head"}:
                self._child(child, kind)
            self._gathered.append(child.tail or "")

    def _child(self, child: Any, kind: BlockKind) -> None:
        tag = child.tag
        if tag in ("br", "lb"):
            self._gathered.append(_LINE_BREAK)
        elif tag == "head" or re.fullmatch("h[1-6]", tag):
            self.flush(kind)
            level = re.sub(r"\D", "", child.get("rend") or tag) or "2"
            self._add("heading", _tidy("".join(child.itertext())).replace("\n", " "), int(level))
        elif tag == "table":
            self.flush(kind)
            self._add("table", "\n".join(filter(None, map(_row, child.iter("tr", "row")))))
        elif tag in ("li", "item"):
            self._inside(child, kind, "item")
        elif tag in ("blockquote", "quote") and child.getparent().tag != "p":
            self._inside(child, kind, "quote")
        elif tag in _BLOCKS:
            self._inside(child, kind, kind)
        else:
            self.through(child, kind)

    def _inside(self, child: Any, before: BlockKind, kind: BlockKind) -> None:
        self.flush(before)
        self.through(child, kind)
        self.flush(kind)

    def flush(self, kind: BlockKind) -> None:
        """End the block that has been gathered; two line breaks in a row end one too."""
        whole = _tidy("".join(self._gathered))
        self._gathered.clear()
        for text in re.split(r"\n{2,}", whole):
            self._add(kind, text.strip())

    def _add(self, kind: BlockKind, text: str, level: int = 0) -> None:
        if text:
            self.blocks.append(Block(kind, text, level=level))


def _tidy(text: str) -> str:
    text = _SPACES.sub(" ", text)
    return re.sub(rf" ?{_LINE_BREAK} ?", "\n", text).strip()


def _row(row: Any) -> str:
    cells = [_tidy("".join(cell.itertext())).replace("\n", " ") for cell in row.iter("td", "th", "cell")]
    return " | ".join(cells) if any(cells) else ""
