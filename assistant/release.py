"""Sentences of a streamed reply, let out one by one as each is found to be supported. Pure.

The gate reads resolved text and holds every sentence back until it is whole and what it cites is known; then the
sentence is checked as the final text is, and is let out or cut. Numbers are given in the order of first use. When a
sentence is judged depends on its place in the text alone, so how the stream was cut cannot change what comes out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from assistant.answer import Citation
from assistant.check import Finding, check_claim, check_text, is_lead
from assistant.claims import MARKER, Claim, claims
from assistant.evidence import Exhibit
from assistant.wording import wording_fault
from knowledge.language import language_of
from knowledge.rule import Language
from knowledge.words import HAN, has_han, to_simplified, to_traditional

_LOOK = 24
"""Characters that must follow a sentence before it is judged: its marker may stand behind its full stop."""
_LOOK_BEHIND_MARKER = 4
"""The same where the sentence ends with its marker and a full stop, as it should."""
_STEP = 4
"""Characters between two looks; a look costs a pass over what is held."""
_ENDS_WITH_MARKER = re.compile(r"\[\d{1,3}\][.。!！?？]$")
_COMMON_HAN = 0.5


@dataclass(frozen=True, slots=True)
class Released:
    """The next piece of the answer, with the citations that it uses for the first time."""

    text: str
    cited: tuple[Citation, ...]


class SentenceGate:
    """Reads a reply with `feed` and `flush`; what they return, joined, passes the checks."""

    def __init__(self, exhibits: Sequence[Exhibit], language: Language) -> None:
        self._language = language
        self._citations = {exhibit.citation.number: exhibit.citation for exhibit in exhibits}
        self._records = {exhibit.citation.id: exhibit.texts for exhibit in exhibits}
        self._texts = {
            exhibit.citation.number: "\n\n".join((*exhibit.texts, exhibit.citation.quote, exhibit.remark))
            for exhibit in exhibits
        }
        self._numbers: dict[int, int] = {}
        self._held = ""
        self._gap = ""
        self._read = 0
        self.text = ""
        """All that was let out."""
        self.written = ""
        """The same with the numbers of the evidence."""
        self.findings: list[Finding] = []
        """Why sentences were cut."""

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citations used so far, by their numbers in the answer."""
        return tuple(replace(self._citations[old], number=new) for old, new in self._numbers.items())

    def feed(self, text: str) -> list[Released]:
        """What can be let out after this piece."""
        out: list[Released] = []
        for character in text:
            self._held += character
            self._read += 1
            if self._read % _STEP == 0:
                out += self._look(_LOOK)
        return out

    def flush(self) -> list[Released]:
        """What can be let out at the end of a whole reply."""
        out = self._look(0)
        self._held = ""
        return out

    def break_off(self) -> list[Released]:
        """What can be let out of a reply that broke off: all but its last sentence, which another reply may take up."""
        out = self._look(1)
        self._held = ""
        self._gap = "\n" if self.text else ""
        return out

    def _look(self, room: int) -> list[Released]:
        """Judge the sentences that `room` characters follow; with room, one that the next may change is left."""
        found = claims(self._held)
        whole = list(takewhile(lambda claim: claim.end + self._room(claim, room) <= len(self._held), found))
        if room and len(whole) == len(found):
            whole = whole[:-1]
        while room and whole and self._leads(whole[-1]):
            whole = whole[:-1]
        out: list[Released] = []
        leads: list[tuple[str, Claim]] = []
        place = 0
        for claim in whole:
            gap, place = self._held[place : claim.start], claim.end
            faults = self._faults(claim)
            self.findings += faults
            if self._leads(claim) and not faults:
                leads.append((gap, claim))
                continue
            pieces, leads = [*leads, (gap, claim)], []
            released = None if faults else self._released(pieces)
            if released is not None:
                out.append(released)
            else:
                self._skip(pieces)
        self._skip(leads)
        self._held = self._held[place:]
        return out

    def _room(self, claim: Claim, room: int) -> int:
        ends = _ENDS_WITH_MARKER.search(self._held, claim.start, claim.end)
        return min(room, _LOOK_BEHIND_MARKER) if ends else room

    def _leads(self, claim: Claim) -> bool:
        """Whether the claim has no marker of its own and stands or falls with the next."""
        own = MARKER.search(self._held, claim.start, claim.end)
        return own is None and claim.text.endswith((":", "：", "；", ";"))

    def _skip(self, pieces: list[tuple[str, Claim]]) -> None:
        for gap, _ in pieces:
            self._gap = self._joined(gap)

    def _joined(self, gap: str) -> str:
        """The space before the next sentence: what was cut leaves its line's beginning to what follows it."""
        return gap if "\n" in gap or "\n" not in self._gap else self._gap

    def _released(self, pieces: list[tuple[str, Claim]]) -> Released | None:
        """A sentence with what leads to it; None where the text with it would not pass as a whole."""
        written = ""
        for gap, claim in pieces:
            between = self._joined(gap) if not written else gap
            if not between and (written or self.text)[-1:].isascii():
                between = " "
            written += (between if written or self.text else "") + self._held[claim.start : claim.end]
        numbers = dict(self._numbers)
        shown = self._in_script(MARKER.sub(lambda match: f"[{_numbered(numbers, int(match[1]))}]", written))
        citations = tuple(replace(self._citations[old], number=new) for old, new in numbers.items())
        faults = check_text(self.text + shown, citations, self._records)
        if faults:
            self.findings += faults
            return None
        cited = citations[len(self._numbers) :]
        self._numbers, self._gap = numbers, ""
        self.written += written
        self.text += shown
        return Released(shown, cited)

    def _faults(self, claim: Claim) -> list[Finding]:
        faults = check_claim(claim, list(self._citations.values()), self._records)
        if faults or not claim.numbers or is_lead(claim):
            return faults
        wording = wording_fault(claim.text, ["\n\n".join(self._texts[number] for number in claim.numbers)])
        if wording is not None:
            return [Finding("wording_unsupported", claim.text, wording)]
        if not self._in_language(claim.text):
            return [Finding("wrong_language", claim.text, f"It is not written in {self._language}.")]
        return []

    def _in_language(self, text: str) -> bool:
        if self._language == "en":
            return len(HAN.findall(text)) < _COMMON_HAN * len(text)
        return has_han(text)

    def _in_script(self, text: str) -> str:
        if self._language == "en" or language_of(text) == self._language:
            return text
        return to_traditional(text) if self._language == "zh-Hant" else to_simplified(text)


def _numbered(numbers: dict[int, int], number: int) -> int:
    return numbers.setdefault(number, len(numbers) + 1)
