"""The wording of an answer judged by a second call of the model, where the settings ask for it. Fails closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pydantic import BaseModel, Field

from assistant.answer import Citation
from assistant.calls import Calls
from assistant.check import Finding, only, without_unsupported
from assistant.claims import claims
from assistant.evidence import Exhibit, as_data, to_prompt
from assistant.prompts import read_prompt


class _Verdict(BaseModel):
    sentence: int = Field(description="Number of the sentence.")
    supported: bool = Field(description="Whether its records say all of it.")


class _Verdicts(BaseModel):
    """One verdict for each sentence."""

    verdicts: list[_Verdict]


async def judged(
    text: str, citations: Sequence[Citation], exhibits: Sequence[Exhibit], calls: Calls
) -> tuple[str, tuple[Citation, ...], tuple[Finding, ...]]:
    """The text without the sentences that the model does not find supported; one without a verdict is not."""
    used = {citation.id: citation.number for citation in citations}
    by_id = {exhibit.citation.id: exhibit for exhibit in exhibits}
    shown = [_renumbered(by_id[record], number) for record, number in used.items()]
    found = claims(text)
    sentences = "\n".join(
        f"{place}. {as_data(claim.text)} (records: {', '.join(map(str, claim.numbers))})"
        for place, claim in enumerate(found, 1)
    )
    prompt = read_prompt("judge").fill(evidence=to_prompt(shown), sentences=sentences)
    verdicts = await calls.structured([("human", prompt)], _Verdicts)
    supported = {one.sentence for one in verdicts.verdicts if one.supported}
    supported -= {one.sentence for one in verdicts.verdicts if not one.supported}
    kept = [claim for place, claim in enumerate(found, 1) if place in supported]
    cut = tuple(Finding("judged_unsupported", one.text, "Not in its records.") for one in found if one not in kept)
    records = {exhibit.citation.id: exhibit.texts for exhibit in exhibits}
    return (*without_unsupported(only(text, kept), citations, records), cut)


def _renumbered(exhibit: Exhibit, number: int) -> Exhibit:
    return replace(exhibit, citation=replace(exhibit.citation, number=number))
