"""What every platform shows of one `Answer`, and how it is parted where a platform's message is too small. Pure.

A part is cut at the border of a sentence and carries the sources that its own markers name, so that no marker is ever
seen without its source. Notes follow the text; the date and the buttons stand at the end of the last part.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant.answer import Answer, Citation
from assistant.asked_language import read_asked_language
from assistant.phrases import say_day
from knowledge.rule import Language
from knowledge.sentence import sentences
from server.bots.wording import word, worth_word

_MARKER = re.compile(r"\[(\d+)\]")
_FOLLOWING = re.compile(r"(?:\s?\[\d+\])*\s*")
"""What belongs to the sentence before it: markers after the full stop, and the space."""
_SHORTEST = 80
"""No piece of text is cut shorter than this; a platform that takes less than that with its sources has no use."""
_TITLE_CHARACTERS = 200
_ADDRESS_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Source:
    """One line of the sources. `standing` and `remark` are words for the reader; `published` is `YYYY[-MM[-DD]]`."""

    number: int
    title: str
    publisher: str
    published: str | None
    standing: str
    url: str | None
    remark: str = ""

    @property
    def details(self) -> str:
        """What stands beside the title."""
        return " · ".join(part for part in (self.publisher, self.published, self.standing, self.remark) if part)


@dataclass(frozen=True, slots=True)
class BotReply:
    """One message of ours. `answer_id` is set where the reader may rate the answer."""

    language: Language
    text: str
    notes: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    as_of: str = ""
    answer_id: str | None = None


def reply_of(answer: Answer) -> BotReply:
    """The whole reply to a question."""
    return BotReply(
        language=answer.language,
        text=answer.text,
        notes=tuple(note.message for note in answer.notes),
        sources=tuple(_source(one, answer.language) for one in answer.citations),
        as_of=word("as_of", answer.language, day=say_day(answer.as_of, answer.language)),
        answer_id=answer.id,
    )


def notice(key: str, question: str, **values: object) -> BotReply:
    """A word of our own, in the language of the question."""
    language = read_asked_language(question)
    return BotReply(language, word(key, language, **values))


def split_reply(reply: BotReply, fits: Callable[[BotReply], bool]) -> list[BotReply]:
    """The reply in as few messages as fit, in order; `fits` says whether the platform takes one."""
    parts: list[BotReply] = []
    held: list[tuple[str, str]] = []
    waiting = _pieces(reply)
    while waiting:
        piece = waiting.pop(0)
        if fits(_part(reply, [*held, piece])):
            held.append(piece)
        elif held:
            parts.append(_part(reply, held))
            held, waiting = [], [piece, *waiting]
        elif len(piece[1]) > _SHORTEST:
            waiting = [*_halves(piece), *waiting]
        else:
            held.append(piece)
    parts.append(_part(reply, held))
    return [replace(part, as_of="", answer_id=None) for part in parts[:-1]] + parts[-1:]


def _pieces(reply: BotReply) -> list[tuple[str, str]]:
    """The text's sentences with what follows each, then the notes."""
    found = [_FOLLOWING.match(reply.text, end) for _, end in sentences(reply.text)[:-1]]
    borders = [0, *(match.end() for match in found if match), len(reply.text)]
    cut = [reply.text[begin:end] for begin, end in zip(borders, borders[1:], strict=False)]
    return [("text", piece) for piece in cut if piece] + [("note", note) for note in reply.notes]


def _part(reply: BotReply, pieces: Sequence[tuple[str, str]]) -> BotReply:
    text = "".join(piece for kind, piece in pieces if kind == "text").strip()
    notes = tuple(piece for kind, piece in pieces if kind == "note")
    named = {int(number) for number in _MARKER.findall("\n".join((text, *notes)))}
    sources = tuple(one for one in reply.sources if one.number in named)
    return replace(reply, text=text, notes=notes, sources=sources)


def _halves(piece: tuple[str, str]) -> list[tuple[str, str]]:
    """A sentence that is too long for a message, cut near its middle, never within a word or a marker if it has any."""
    kind, text = piece
    middle = len(text) // 2
    at = text.rfind(" ", _SHORTEST // 2, middle) + 1 or middle
    opened = text.rfind("[", max(0, at - 4), at)
    if opened > 0 and "]" not in text[opened:at]:
        at = opened
    return [(kind, text[:at]), (kind, text[at:])]


def _source(citation: Citation, language: Language) -> Source:
    title = citation.title if len(citation.title) <= _TITLE_CHARACTERS else f"{citation.title[:_TITLE_CHARACTERS]}…"
    url = citation.url if citation.url and len(citation.url) <= _ADDRESS_CHARACTERS else None
    return Source(
        number=citation.number,
        title=title,
        publisher=citation.publisher,
        published=citation.published,
        standing=worth_word(citation, language),
        url=url,
        remark="" if citation.official else word("not_official", language),
    )
