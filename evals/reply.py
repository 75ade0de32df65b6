"""A reply: what came back for a case, whoever gave it, with all that scoring needs. Values and their JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from assistant.answer import Answer, Outcome

Held = Callable[[str, str, int, int], str | None]
"""`held(record id, language, start, end)`: what the record says there; None where it cannot be looked up."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation as given, and `held`: what its record really says at that place, None where nobody could look."""

    number: int
    id: str
    standing: str
    quote: str
    title: str = ""
    held: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """`outcome` None means that the target did not say; `error` that it failed, and then nothing else counts.

    `citations` None: the target gives none in a form that can be checked. `retrieved`: the records that its search
    brought up, best first, None where it does not say. `confidence` None: it has none. `cost` in the currency of the
    prices given to the run.
    """

    text: str = ""
    outcome: Outcome | None = None
    as_of: date | None = None
    citations: tuple[Cited, ...] | None = None
    retrieved: tuple[str, ...] | None = None
    confidence: float | None = None
    seconds: float = 0.0
    tokens: int | None = None
    cost: float | None = None
    model: str = ""
    library: str = ""
    error: str = ""


def reply_from_answer(answer: Answer, seconds: float, held: Held) -> Reply:
    """The reply that an `Answer` is."""
    return Reply(
        text=answer.text,
        outcome=answer.outcome,
        as_of=answer.as_of,
        citations=tuple(
            Cited(c.number, c.id, c.standing, c.quote, c.title, held(c.id, c.language, c.start, c.end))
            for c in answer.citations
        ),
        retrieved=records_of(answer.receipt.passages),
        confidence=answer.confidence,
        seconds=seconds,
        model=answer.receipt.model,
        library=answer.receipt.library,
    )


def reply_from_wire(body: Mapping[str, Any], seconds: float, held: Held) -> Reply:
    """The reply in a response of our own HTTP API (`POST /v1/chat`). Raises KeyError or ValueError on another shape."""
    receipt = body.get("receipt") or {}
    citations = body["citations"]
    return Reply(
        text=body["answer"],
        outcome=Outcome(body["outcome"]),
        as_of=date.fromisoformat(body["as_of"]),
        citations=tuple(_cited_from_wire(c, body["language"], held) for c in citations),
        retrieved=records_of(receipt["passages"]) if "passages" in receipt else None,
        confidence=body.get("confidence"),
        seconds=seconds,
        model=receipt.get("model", ""),
        library=receipt.get("library", ""),
    )


def records_of(passages: Iterable[str]) -> tuple[str, ...]:
    """The records that passages are of, in the order of the first of each. A passage's id is `record#part`."""
    return tuple(dict.fromkeys(passage.rpartition("#")[0] for passage in passages))


def _cited_from_wire(body: Mapping[str, Any], language: str, held: Held) -> Cited:
    place = held(body["id"], body.get("language", language), body["start"], body["end"])
    return Cited(body["number"], body["id"], body["standing"], body["quote"], body.get("title", ""), place)


def reply_to_json(reply: Reply) -> dict[str, Any]:
    """Only what is set, so that a log stays small."""
    body: dict[str, Any] = {}
    for spec in dataclasses.fields(Reply):
        value = getattr(reply, spec.name)
        if value == spec.default:
            continue
        if spec.name == "citations":
            value = [dataclasses.asdict(cited) for cited in value]
        body[spec.name] = value.isoformat() if isinstance(value, date) else value
    return body


def reply_from_json(body: Mapping[str, Any]) -> Reply:
    """The reply that `reply_to_json` wrote. Raises TypeError, KeyError or ValueError on anything else."""
    values = dict(body)
    if "outcome" in values:
        values["outcome"] = Outcome(values["outcome"])
    if "as_of" in values:
        values["as_of"] = date.fromisoformat(values["as_of"])
    if "citations" in values:
        values["citations"] = tuple(Cited(**cited) for cited in values["citations"])
    if "retrieved" in values:
        values["retrieved"] = tuple(values["retrieved"])
    return Reply(**values)
