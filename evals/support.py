"""Whether the facts in an answer are held by what is cited beside them. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from evals.case import AnyOf
from evals.facts import holds
from evals.reply import Cited
from knowledge.sentence import sentences

_MARKER = re.compile(r"\[(\d+)\]")


def supported_share(facts: Sequence[AnyOf], text: str, cited: Sequence[Cited]) -> float | None:
    """Of the facts that a sentence of the text states, the share that a quote cited in that sentence states too.

    None where no sentence states any. A fact stated twice needs its support once.
    """
    spans = [text[start:end] for start, end in sentences(text)]
    stated = [(fact, [span for span in spans if holds(fact, span)]) for fact in facts]
    stated = [(fact, found) for fact, found in stated if found]
    if not stated:
        return None
    quotes = {citation.number: citation.quote for citation in cited}
    return sum(any(_supports(fact, span, quotes) for span in found) for fact, found in stated) / len(stated)


def _supports(fact: AnyOf, span: str, quotes: dict[int, str]) -> bool:
    return any(holds(fact, quotes.get(int(number), "")) for number in _MARKER.findall(span))
