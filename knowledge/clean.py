"""A draft without its page furniture. Pure.

A saved page is a headline, a byline with dates, perhaps the site's label over an abstract, the article with its
captions, and then a feed of other articles and the site's menus. Four steps, in that order:

1. The head: byline and author become fields of the draft; menus above the headline go.
2. The tail: everything from the feed on goes. A feed is known by its label in many languages, or by its shape in any:
   cards, in which a title stands twice around a stamp (`site 5m ago`). A label amid the article, with a few titles
   under it and the article going on below, takes only those titles with it.
3. Lines: captions that repeat the headline, buttons, tickers, bare figure labels (`图 1`; a caption that says what
   the figure shows stays), and paragraphs that stand there twice.
4. Headings with nothing under them at the end.

Running text is dropped in step 2 only, or where the very same text is kept elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from knowledge.draft import Block, Draft
from knowledge.furniture import (
    Byline,
    is_abstract_label,
    is_chrome,
    is_related_label,
    is_stamp,
    key,
    read_author,
    read_byline,
)
from knowledge.language import language_of
from knowledge.lines import columns, looks_like_prose

_HEAD = 12
_CARD = 9
"""Within so many blocks a card repeats its title."""
_SHORTEST_REPEAT = 24
"""Columns from which a paragraph that stands there twice is dropped; shorter ones (`Not applicable.`) may repeat."""
_SHORT = 24


def clean(draft: Draft) -> Draft:
    """The draft with its byline read into fields and its page furniture dropped."""
    draft = _without_head(draft)
    blocks = _without_tail(draft.blocks, draft.title)
    blocks = _without_lines(blocks, draft.title)
    blocks = _without_bare_end(blocks)
    if not blocks:
        return draft
    return replace(draft, blocks=tuple(blocks), language=language_of("\n".join(block.text for block in blocks)))


def _without_head(draft: Draft) -> Draft:
    title, blocks = draft.title, list(draft.blocks)
    head = _lines_of_head(blocks)
    found = next(((place, byline) for place, block in enumerate(head) if (byline := read_byline(block.text))), None)
    if found is not None:
        place, byline = found
        draft = _signed(draft, byline)
        above = blocks[:place]
        if above and _is_menu([title, *(block.text for block in above[:-1])], above[-1].text):
            title, above = above[-1].text, []
        below = blocks[place + 1 :]
        if len(below) > 1 and _is_site_label(below[0].text, title, below[1]):
            below = below[1:]
        blocks = above + below
    author = draft.author
    for place, block in enumerate(_lines_of_head(blocks)):
        name = read_author(block.text)
        if name is not None and (author is None or key(author) in key(name) or key(name) in key(author)):
            author = author or name
            del blocks[place]
            break
    return replace(draft, title=title, blocks=tuple(blocks), author=author)


def _lines_of_head(blocks: Sequence[Block]) -> list[Block]:
    """The blocks before the article's running text is well under way."""
    prose = [place for place, block in enumerate(blocks) if looks_like_prose(block.text)]
    return list(blocks[: min(_HEAD, prose[2] if len(prose) > 2 else _HEAD)])


def _signed(draft: Draft, byline: Byline) -> Draft:
    metadata = dict(draft.metadata)
    if byline.publisher:
        metadata.setdefault("publisher", byline.publisher)
    return replace(
        draft,
        published=draft.published or byline.published,
        updated=draft.updated or byline.updated,
        metadata=metadata,
    )


def _is_menu(above: Sequence[str], headline: str) -> bool:
    """Whether the lines above the line over the byline are a menu, and that line is the headline."""
    return all(columns(line) < _SHORT for line in above) and columns(headline) > 1.5 * max(map(columns, above))


def _is_site_label(text: str, title: str, below: Block) -> bool:
    """The label that a site puts over the abstract: a known word, or a word or two in another script than the page."""
    if columns(text) > _SHORT or below.kind == "heading":
        return False
    return is_abstract_label(text) or (text.isascii() and text.isalpha() and language_of(title) != "en")


def _without_tail(blocks: Sequence[Block], title: str) -> list[Block]:
    """The blocks up to the feed of other articles, without boxes of related titles amid the article."""
    kept: list[Block] = []
    place = 0
    while place < len(blocks):
        has_article = any(looks_like_prose(block.text) for block in kept)
        rest = blocks[place:]
        if has_article and is_related_label(rest[0].text):
            box = _box(rest)
            if box is None:
                return kept
            place += box
        elif has_article and _begins_feed(rest, title):
            return _without_label(kept)
        else:
            kept.append(rest[0])
            place += 1
    return kept


def _box(rest: Sequence[Block]) -> int | None:
    """How many blocks a box of related titles takes, where the article goes on below it; None where it is the end."""
    if any(is_stamp(block.text) for block in rest) or any(_begins_feed(rest[n:], "") for n in range(1, len(rest))):
        return None
    end = next((n for n in range(1, len(rest)) if looks_like_prose(rest[n].text)), None)
    if end is None:
        return None
    # A heading right above the running text belongs to it.
    return end - 1 if end > 1 and rest[end - 1].kind == "heading" and end > 2 else end


def _begins_feed(rest: Sequence[Block], title: str) -> bool:
    """Whether a card begins here: a title that soon stands there again, each time by a stamp."""
    first = rest[0].text
    if columns(first) < 12 or columns(first) > 300 or key(first) == key(title) or is_stamp(first):
        return False
    again = [n for n in range(1, min(_CARD, len(rest))) if key(rest[n].text) == key(first)]
    return any(_stamped(rest, n) for n in again)


def _stamped(rest: Sequence[Block], again: int) -> bool:
    beside = [rest[n].text for n in (again - 1, again + 1) if 0 < n < len(rest)]
    return any(is_stamp(text) for text in beside)


def _without_label(kept: list[Block]) -> list[Block]:
    """The article without the feed's label in a language that we don't know."""
    last = kept[-1]
    return kept[:-1] if columns(last.text) <= 40 and not looks_like_prose(last.text) else kept


def _without_lines(blocks: Sequence[Block], title: str) -> list[Block]:
    kept: list[Block] = []
    seen: set[str] = set()
    for block in blocks:
        if block.kind == "table":
            kept.append(block)
            continue
        text = "\n".join(line for line in block.text.split("\n") if line.strip() and not is_chrome(line))
        mark = key(text)
        repeats = block.kind in ("paragraph", "quote") and columns(text) >= _SHORTEST_REPEAT and mark in seen
        if not mark or mark == key(title) or repeats:
            continue
        seen.add(mark)
        kept.append(replace(block, text=text))
    return kept


def _without_bare_end(blocks: list[Block]) -> list[Block]:
    """The blocks without headings at the end that head nothing."""
    while len(blocks) > 1 and blocks[-1].kind == "heading":
        blocks = blocks[:-1]
    return blocks
