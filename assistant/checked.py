"""The model-free answer held to the same checks as one of a chat model, before anyone sees it. Pure; fails closed."""

from __future__ import annotations

from dataclasses import replace

from assistant.check import check_text, without_unsupported
from assistant.compose import Composed
from assistant.evidence import make_exhibits
from assistant.notes import make_notes
from assistant.understand import Understood
from knowledge.library import Library


def checked(composed: Composed, asked: Understood, library: Library) -> Composed | None:
    """The answer as it is where every sentence stands in what it cites, else without those that do not.

    None where nothing of it is left. What we say ourselves of the day asked for is no statement of a record.
    """
    exhibits = make_exhibits(library, composed.citations, asked.language)
    records = {exhibit.citation.id: (*exhibit.texts, *composed.leads) for exhibit in exhibits}
    if not check_text(composed.text, composed.citations, records, composed.own):
        return composed
    text, citations = without_unsupported(composed.text, composed.citations, records, composed.own)
    if not text:
        return None
    cited = [(one.number, library.rules[one.id]) for one in citations if one.kind == "rule"]
    return replace(composed, text=text, citations=citations, notes=make_notes(asked, cited, library.rules))
