"""An answer as plain text with its notes and numbered sources, for surfaces that show nothing but text."""

from __future__ import annotations

import re

from assistant.answer import Answer, Citation, NoteCode
from knowledge.rule import Language

_SOURCES: dict[Language, str] = {"en": "Sources:", "zh-Hans": "来源:", "zh-Hant": "來源:"}
_SOURCE_LINE = re.compile(r"^\[\d+\] .*\((?P<id>[^()\s]+)\)(?: https?://\S+)?$")


def sources_text(answer: Answer) -> str:
    """What follows the answer's text: notes, then one line for each citation; empty where there are neither."""
    # Where nothing was found, the text itself says so.
    parts = ["\n".join(note.message for note in answer.notes if note.code is not NoteCode.NOT_FOUND)]
    if answer.citations:
        parts.append("\n".join([_SOURCES[answer.language], *(_line(one) for one in answer.citations)]))
    return "".join(f"\n\n{part}" for part in parts if part)


def split_visible(text: str) -> tuple[str, tuple[str, ...]]:
    """The inverse, for history that a client sends back: the answer's text, and the ids that it cited in order."""
    lines = text.split("\n")
    heads = [number for number, line in enumerate(lines) if line in _SOURCES.values()]
    if not heads:
        return text, ()
    found = [_SOURCE_LINE.match(line) for line in lines[heads[-1] + 1 :]]
    return "\n".join(lines[: heads[-1]]).strip(), tuple(one["id"] for one in found if one)


def _line(citation: Citation) -> str:
    origin = ", ".join(part for part in (citation.publisher, citation.published) if part)
    address = f" {citation.url}" if citation.url else ""
    return f"[{citation.number}] {citation.title}. {origin} ({citation.id}){address}"
