"""The final checks of an answer: is every sentence supported by what it cites? Pure; fails closed.

1. Every marker `[n]` has its citation, every citation its marker, and every citation a quote.
2. Every sentence has a marker, unless it only leads in (`LEADS`, or a sentence of ours that the caller names).
3. Figures (spelled ones too, and small ones with their units), dates and names of a sentence stand in the records
   that it cites, in whichever language we hold them.

What fails is cut; what is left is checked again, since a clause can lose the marker that it shared.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from assistant.answer import Citation
from assistant.claims import MARKER, Claim, claims
from assistant.measured import measured
from assistant.names import foreign_letters, missing_names
from assistant.numerals import spelled
from knowledge.quantities import quantities
from knowledge.words import fold

Records = Mapping[str, Sequence[str]]
"""Further texts of a cited record by its id: its statement in the other languages, its title, its dates."""

LEADS = frozenset(
    {
        "in short", "in summary", "in brief", "according to the records", "the records say", "here is what applies",
        "简而言之", "总之", "概括而言", "根据记录", "根据现有记录", "记录显示", "要点如下", "如下",
    }
)  # fmt: skip
"""Sentences that claim nothing, folded and without their last mark."""
_MARKUP = re.compile(r"https?://|www\.|\]\(|!\[|</?[a-zA-Z!]|javascript:|data:text", re.IGNORECASE)
_ARTICLES = frozenset({"1"})
"""`a month` against `1个月`: the article is a figure in one language only."""
_ARTICLE_UNITS = frozenset((unit, "1") for unit in ("year", "month", "week", "day", "hour", "minute"))
_RECORDS = 512
"""Record texts whose figures are remembered: the sentences of an answer cite few, and other answers cite them again."""
_EMPTY_ITEM = re.compile(r"(?m)^[ \t]*(?:[-*+•]|\d{1,3}[.)])?[ \t]*$\n?")


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect of an answer: a stable code, the sentence it is in ("" for the whole), and what is wrong."""

    code: str
    sentence: str
    message: str


def check_text(
    text: str, citations: Sequence[Citation], records: Records | None = None, own: Collection[str] = ()
) -> list[Finding]:
    """What is wrong with an answer; an empty list is a clean bill.

    `own` are sentences of ours that need no marker, as they stand in the text without markers.
    """
    found = [*_check_citations(text, citations)]
    for claim in claims(text):
        found += check_claim(claim, citations, records or {}, own)
    return found


def check_claim(
    claim: Claim, citations: Sequence[Citation], records: Records, own: Collection[str] = ()
) -> list[Finding]:
    """What is wrong with one sentence."""
    if _MARKUP.search(claim.text):
        return [Finding("markup", claim.text, "An answer holds no links, images or markup.")]
    held = {citation.number: citation for citation in citations}
    cited = [held[number] for number in claim.numbers if number in held]
    found = [
        Finding("unknown_marker", claim.text, f"[{number}] is no citation of this answer.")
        for number in claim.numbers
        if number not in held
    ]
    if not cited:
        if claim.text and not (is_lead(claim) or claim.text in own or found):
            found.append(Finding("uncited", claim.text, "The sentence cites no record."))
        return found
    return [*found, *_check_support(claim, "\n".join(support(citation, records) for citation in cited))]


def is_lead(claim: Claim) -> bool:
    """Whether the sentence only leads in and claims nothing."""
    return fold(claim.text).strip(" .。:：,，") in LEADS


def support(citation: Citation, records: Records) -> str:
    """All that a record says for a sentence that cites it, one text a line."""
    texts = [citation.quote, *(quote.quote for quote in citation.evidence), *records.get(citation.id, ())]
    texts += [citation.title, citation.instrument, citation.publisher, citation.authority, citation.published or ""]
    return "\n".join(texts)


def without_unsupported(
    text: str, citations: Sequence[Citation], records: Records | None = None, own: Collection[str] = ()
) -> tuple[str, tuple[Citation, ...]]:
    """The answer without the sentences that fail, renumbered in the order of use; ("", ()) where nothing is left."""
    while True:
        found = claims(text)
        kept = [claim for claim in found if not check_claim(claim, citations, records or {}, own)]
        if len(kept) == len(found):
            break
        text = only(text, kept)
    shown, used = renumbered(text, citations)
    if not used or check_text(shown, used, records, own):
        return "", ()
    return shown, used


def renumbered(text: str, citations: Sequence[Citation]) -> tuple[str, tuple[Citation, ...]]:
    """Markers numbered from 1 in the order of first use, with the citations in use; unknown markers are dropped."""
    held = {citation.number: citation for citation in citations}
    numbers: dict[int, int] = {}

    def take(match: re.Match[str]) -> str:
        number = int(match[1])
        return f"[{numbers.setdefault(number, len(numbers) + 1)}]" if number in held else ""

    shown = MARKER.sub(take, text)
    return shown, tuple(replace(held[old], number=new) for old, new in numbers.items())


def _check_citations(text: str, citations: Sequence[Citation]) -> Iterator[Finding]:
    used = {int(number) for number in MARKER.findall(text)}
    numbers = [citation.number for citation in citations]
    for citation in citations:
        if citation.number not in used:
            yield Finding("unused_citation", "", f"[{citation.number}] is cited nowhere in the text.")
        if not citation.quote.strip():
            yield Finding("no_quote", "", f"[{citation.number}] has no quote.")
    for number in sorted({number for number in numbers if numbers.count(number) > 1}):
        yield Finding("number_twice", "", f"[{number}] names two records.")


def _check_support(claim: Claim, held: str) -> Iterator[Finding]:
    """What the sentence has that the records lack. Records are long and most sentences bare: they are read last."""
    figures = (quantities(claim.text) | spelled(claim.text)) - _ARTICLES
    sized = measured(claim.text) - _ARTICLE_UNITS
    if figures:
        figures -= _quantities_in(held)
    if sized:
        figures |= {value for _, value in sized - _measured_in(held)}
    if figures:
        figures -= _spelled_in(held)
    if figures:
        yield Finding("figure_unsupported", claim.text, f"In no cited record: {', '.join(sorted(figures))}")
    names = missing_names(claim.text, held)
    if names:
        yield Finding("name_unsupported", claim.text, f"In no cited record: {', '.join(names)}")
    letters = foreign_letters(claim.text)
    letters = letters - foreign_letters(held) if letters else letters
    if letters:
        yield Finding(
            "foreign_letters", claim.text, f"Of a script that no cited record has: {' '.join(sorted(letters))}"
        )


_quantities_in = lru_cache(maxsize=_RECORDS)(quantities)
_spelled_in = lru_cache(maxsize=_RECORDS)(spelled)
_measured_in = lru_cache(maxsize=_RECORDS)(measured)


def only(text: str, kept: Sequence[Claim]) -> str:
    """The kept sentences where they stood; what was cut leaves no empty list item and no double space behind."""
    pieces: list[str] = []
    place = 0
    for claim in claims(text):
        pieces.append(text[place : claim.start])
        if claim in kept:
            pieces.append(text[claim.start : claim.end])
        place = claim.end
    joined = "".join([*pieces, text[place:]])
    joined = re.sub(r"[ \t]{2,}", " ", joined)
    return re.sub(r"\n{3,}", "\n\n", _EMPTY_ITEM.sub("\n", joined)).strip()
