"""Where an earlier answer comes from: the record behind a number, with its publisher and date. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.answer import Citation, Note, NoteCode, Outcome
from assistant.citing import cite_rule
from assistant.compose import Composed
from assistant.phrases import say, say_when
from assistant.understand import Understood
from knowledge.rule import Rule
from knowledge.source import Source


def compose_sources(asked: Understood, rules: Mapping[str, Rule], sources: Mapping[str, Source]) -> Composed:
    """The sources of the last answer that had any, or of the one citation that the question points to."""
    number = asked.standalone.number
    shown = asked.shown if number is None else asked.shown[number - 1 : number]
    held = [rules[one] for one in shown if one in rules]
    if not held:
        line = say("no_source", asked.language)
        return Composed(Outcome.INSUFFICIENT, line, notes=(Note(NoteCode.NOT_FOUND, line),), own=(line,))
    pieces: list[str] = []
    citations: list[Citation] = []
    for place, rule in enumerate(held, 1):
        statement = rule.statement[asked.language]
        citation = cite_rule(place, rule, (0, len(statement)), asked.language, asked.as_of, sources)
        citations.append(citation)
        pieces.append(
            say(
                "source", asked.language, number=place, instrument=rule.instrument, title=citation.title,
                publisher=citation.publisher, day=say_when(rule.published, asked.language),
            )
        )  # fmt: skip
    return Composed(Outcome.ANSWERED, (" " if asked.language == "en" else "").join(pieces), tuple(citations))
