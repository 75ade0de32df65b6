"""What is shown to a chat model: the records found for one question, numbered, each with its standing and authority.

Text of a record is data. It is cleaned of what could end its block or forge a marker (angle brackets, `[1]`,
characters that nobody sees) before it is shown; what is quoted to the reader is cut from the record itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.answer import Citation
from assistant.cite import is_shown
from knowledge.library import Library
from knowledge.rule import Language, Rule, Standing

_BRACKETS = str.maketrans({"<": "‹", ">": "›", "＜": "‹", "＞": "›", "【": "(", "】": ")", "［": "(", "］": ")"})
_MARKER = re.compile(r"\[(?=[\s\d,^–-]{1,20}\])([^\]]*)\]")
_STANDING = {
    Standing.IN_FORCE: "in force", Standing.NOT_YET: "not yet in force", Standing.SUPERSEDED: "superseded",
    Standing.PROPOSED: "only proposed", Standing.LAPSED: "lapsed", Standing.EVENT: "event",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One record as the model sees it under `citation.number`.

    `statement` is in the answer's language; `texts` is all that the record says, in every language we hold, and what
    a sentence that cites it is checked against.
    """

    citation: Citation
    statement: str
    texts: tuple[str, ...] = ()
    remark: str = ""

    @property
    def shown(self) -> str:
        """All of its text that a model would read."""
        citation = self.citation
        return "\n".join((citation.title, citation.instrument, citation.publisher, self.statement, self.remark))


def make_exhibits(library: Library, citations: Sequence[Citation], language: Language) -> tuple[Exhibit, ...]:
    """The exhibits of these citations, numbered from 1 in their order."""
    return tuple(
        _exhibit(library, replace(citation, number=number), language) for number, citation in enumerate(citations, 1)
    )


def within(exhibits: Sequence[Exhibit], characters: int) -> tuple[Exhibit, ...]:
    """The first exhibits whose blocks take no more than `characters` together; always at least one."""
    kept: list[Exhibit] = []
    left = characters
    for exhibit in exhibits:
        left -= len(_block(exhibit))
        if left < 0 and kept:
            break
        kept.append(exhibit)
    return tuple(kept)


def to_prompt(exhibits: Sequence[Exhibit]) -> str:
    """The records as one text for the model."""
    return "\n".join(map(_block, exhibits))


def as_data(text: str) -> str:
    """Text of others, so that it can neither close its block, nor forge a marker, nor hide anything."""
    plain = "".join(character for character in text if is_shown(character)).translate(_BRACKETS)
    return _MARKER.sub(r"(\1)", plain)


def _block(exhibit: Exhibit) -> str:
    citation = exhibit.citation
    head = (
        f'<record n="{citation.number}" authority="{_field(citation.authority)}"'
        f' instrument="{_field(citation.instrument)}" published="{_field(citation.published or "undated")}"'
        f' standing="{_STANDING[citation.standing]}" official="{"yes" if citation.official else "no"}"'
        f' publisher="{_field(citation.publisher)}">'
    )
    lines = [head, as_data(citation.title), as_data(exhibit.statement), as_data(exhibit.remark), "</record>"]
    return "\n".join(line for line in lines if line)


def _field(value: str) -> str:
    return as_data(value).replace('"', "'")


def _exhibit(library: Library, citation: Citation, language: Language) -> Exhibit:
    rule = library.find_rule(citation.id) if citation.kind == "rule" else None
    if rule is None:
        source = library.sources.get(citation.id)
        titles = (source.title, source.title_en, source.title_zh) if source else ()
        return Exhibit(citation, citation.quote, (citation.quote, *titles))
    remark, known = _remark(library, rule, citation)
    texts = [*rule.statement.values(), *rule.title.values(), rule.instrument, *known]
    texts += [str(day) for day in (rule.published, rule.in_force_from, rule.in_force_to) if day]
    texts += [text for dispute in rule.disputes for text in (*dispute.claim.values(), *dispute.note.values())]
    return Exhibit(citation, rule.statement[language], tuple(texts), remark)


def _remark(library: Library, rule: Rule, citation: Citation) -> tuple[str, list[str]]:
    """What the model must know beside the statement, and the texts that stand behind it."""
    parts: list[str] = []
    known: list[str] = []
    if rule.in_force_from and citation.standing is Standing.NOT_YET:
        parts.append(f"In force from {rule.in_force_from}.")
    if rule.in_force_to and citation.standing in (Standing.SUPERSEDED, Standing.LAPSED):
        parts.append(f"No longer in force since {rule.in_force_to}.")
    for newer in rule.superseded_by if citation.standing is Standing.SUPERSEDED else ():
        after = library.find_rule(newer)
        if after is not None:
            parts.append(f"Replaced by: {after.title['en']} / {after.title['zh-Hans']}.")
            known += [*after.title.values(), after.instrument]
    for dispute in rule.disputes:
        if dispute.verdict in ("differs", "imprecise"):
            parts.append(f"A source ({dispute.source}) says otherwise: {dispute.claim['en']} {dispute.note['en']}")
            known.append(dispute.source)
    return " ".join(parts), known
