"""What is measured on one case. Each measure is a pure function; larger is better unless `lower` says so.

A measure that does not apply gives `Skipped` with the reason, never zero: zero means that something was asked for
and was not there. A reply that failed counts as an empty answer, so that errors cost what they cost the person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from assistant.answer import Outcome
from evals.case import Case
from evals.facts import has_figure, holds
from evals.reply import Reply
from evals.support import supported_share
from evals.wording import declines, fits_language, lead


@dataclass(frozen=True, slots=True)
class Skipped:
    """Why a measure does not apply."""

    reason: str


Value = float | Skipped
NOTHING_EXPECTED = "nothing expected"
DECLINED = "declined"
FAILED = "failed"
NOT_GIVEN = "not given by the target"


@dataclass(frozen=True, slots=True)
class Asked:
    """A case with its reply. `names` maps aliases of records to their ids."""

    case: Case
    reply: Reply
    names: Mapping[str, str]

    @property
    def declined(self) -> bool:
        """Whether the reply is no answer, by its type or, where the target gives none, by its wording."""
        if self.reply.error:
            return True
        if self.reply.outcome is None:
            return declines(self.reply.text)
        return self.reply.outcome is not Outcome.ANSWERED

    def id_of(self, name: str) -> str:
        """The id of the record with this id or alias."""
        return self.names.get(name, name)


def outcome(asked: Asked) -> Value:
    """1 where the outcome is one of those expected. Without a type only answered or not can be told."""
    if asked.reply.error:
        return 0.0
    expected = asked.case.expect.outcome
    if asked.reply.outcome is not None:
        return float(asked.reply.outcome in expected)
    return float(bool(expected - {Outcome.ANSWERED}) if asked.declined else Outcome.ANSWERED in expected)


def answered(asked: Asked) -> Value:
    """Over answerable cases: 1 where it answered."""
    if not asked.case.expect.answerable:
        return Skipped("not answerable")
    return float(not asked.declined)


def declined_rightly(asked: Asked) -> Value:
    """Over cases that must not be answered: 1 where it declined. A failure is no refusal."""
    if Outcome.ANSWERED in asked.case.expect.outcome:
        return Skipped("answerable")
    return float(asked.declined and not asked.reply.error)


def key_facts(asked: Asked) -> Value:
    """Share of the key facts that the text holds. A refusal states none, whatever it names as nearby."""
    facts = asked.case.expect.key_facts
    if not facts:
        return Skipped(NOTHING_EXPECTED)
    if asked.declined:
        return 0.0
    return sum(holds(fact, asked.reply.text) for fact in facts) / len(facts)


def all_facts(asked: Asked) -> Value:
    """1 where every key fact is there."""
    share = key_facts(asked)
    return share if isinstance(share, Skipped) else float(share == 1.0)


def figures(asked: Asked) -> Value:
    """Share of the key facts that carry a figure or a date and are there exactly."""
    facts = [fact for fact in asked.case.expect.key_facts if has_figure(fact)]
    if not facts:
        return Skipped("no figure expected")
    if asked.declined:
        return 0.0
    return sum(holds(fact, asked.reply.text) for fact in facts) / len(facts)


def nothing_wrong(asked: Asked) -> Value:
    """1 where none of the listed wrong statements is there. A refusal states nothing."""
    if not asked.case.expect.must_not:
        return Skipped("no wrong statement listed")
    if asked.declined:
        return Skipped(FAILED if asked.reply.error else DECLINED)
    return float(not any(holds((wrong,), asked.reply.text) for wrong in asked.case.expect.must_not))


def citation_precision(asked: Asked) -> Value:
    """Share of the citations that are gold."""
    gold = {asked.id_of(name) for group in asked.case.expect.rules for name in group}
    if not gold:
        return Skipped(NOTHING_EXPECTED)
    cited = asked.reply.citations
    if not cited:
        return Skipped(NOT_GIVEN if cited is None else "nothing cited")
    return sum(asked.id_of(citation.id) in gold for citation in cited) / len(cited)


def citation_recall(asked: Asked) -> Value:
    """Share of the gold records that are cited, any of each group."""
    groups = asked.case.expect.rules
    if not groups:
        return Skipped(NOTHING_EXPECTED)
    if asked.reply.citations is None and not asked.reply.error:
        return Skipped(NOT_GIVEN)
    cited = {asked.id_of(citation.id) for citation in asked.reply.citations or ()}
    return sum(any(asked.id_of(name) in cited for name in group) for group in groups) / len(groups)


def quotes(asked: Asked) -> Value:
    """Share of the quotes that stand word for word where the citation says."""
    checked = [citation for citation in asked.reply.citations or () if citation.held is not None]
    if not checked:
        return Skipped("no quote that can be looked up")
    return sum(citation.quote == citation.held != "" for citation in checked) / len(checked)


def supported(asked: Asked) -> Value:
    """Share of the key facts stated that the quotes cited in their sentence state too."""
    if not asked.case.expect.key_facts:
        return Skipped(NOTHING_EXPECTED)
    if asked.declined:
        return Skipped(FAILED if asked.reply.error else DECLINED)
    if asked.reply.citations is None:
        return Skipped(NOT_GIVEN)
    share = supported_share(asked.case.expect.key_facts, asked.reply.text, asked.reply.citations)
    return Skipped("no key fact stated") if share is None else share


def version(asked: Asked) -> Value:
    """1 where the version of the day is cited and no other is cited as in force."""
    expect = asked.case.expect
    if not expect.version and not expect.not_version:
        return Skipped(NOTHING_EXPECTED)
    if asked.reply.citations is None and not asked.reply.error:
        return Skipped(NOT_GIVEN)
    cited = asked.reply.citations or ()
    right = {asked.id_of(name) for name in expect.version}
    wrong = {asked.id_of(name) for name in expect.not_version}
    in_force = {asked.id_of(c.id) for c in cited if c.standing == "in_force"}
    there = bool(right & {asked.id_of(c.id) for c in cited}) if right else not asked.declined
    return float(there and not in_force & wrong)


def polarity(asked: Asked) -> Value:
    """1 where the answer to a yes/no question begins as it must."""
    if asked.case.expect.polarity is None:
        return Skipped(NOTHING_EXPECTED)
    return float(not asked.declined and lead(asked.reply.text) == asked.case.expect.polarity)


def language(asked: Asked) -> Value:
    """1 where the text is in the asker's language and script."""
    if asked.reply.error:
        return Skipped(FAILED)
    return float(fits_language(asked.reply.text, asked.case.language))


def right(asked: Asked) -> Value:
    """1 where all that the case asks for is there and nothing wrong: outcome, facts, version, yes or no.

    A yes/no question may also be answered by its facts, or by the records that settle it, without a leading word;
    never with a contrary one. Where nothing else is expected but records, they must be cited.
    """
    if outcome(asked) != 1.0:
        return 0.0
    if asked.declined:
        return 1.0
    parts = [all_facts(asked), nothing_wrong(asked), version(asked)]
    expect = asked.case.expect
    if (expect.key_facts or expect.rules) and lead(asked.reply.text) is None:
        parts.append(Skipped("answered without a leading word"))
    else:
        parts.append(polarity(asked))
    content = (parts[0], *parts[2:])
    if all(isinstance(part, Skipped) for part in content):
        parts.append(citation_recall(asked))
    return float(all(part == 1.0 for part in parts if not isinstance(part, Skipped)))


def seconds(asked: Asked) -> Value:
    """Seconds from the question to the end of the answer."""
    return Skipped(FAILED) if asked.reply.error else asked.reply.seconds


def length(asked: Asked) -> Value:
    """Characters of an answer."""
    return Skipped(FAILED if asked.reply.error else DECLINED) if asked.declined else float(len(asked.reply.text))


def tokens(asked: Asked) -> Value:
    """Tokens that a chat model read and wrote."""
    return Skipped(NOT_GIVEN) if asked.reply.tokens is None else float(asked.reply.tokens)


def cost(asked: Asked) -> Value:
    """What the tokens cost, at the prices given to the run."""
    return Skipped("no price given") if asked.reply.cost is None else asked.reply.cost


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure by name. `lower` is True where less is better; `quality` False for what only describes."""

    name: str
    title: str
    of: Callable[[Asked], Value]
    lower: bool = False
    quality: bool = True


MEASURES = (
    Measure("right", "right", right),
    Measure("outcome", "outcome", outcome),
    Measure("answered", "answered where it can be", answered),
    Measure("declined", "declined where it must", declined_rightly),
    Measure("key_facts", "key facts", key_facts),
    Measure("all_facts", "all facts", all_facts),
    Measure("figures", "figures exact", figures),
    Measure("nothing_wrong", "nothing wrong", nothing_wrong),
    Measure("citation_precision", "citation precision", citation_precision),
    Measure("citation_recall", "citation recall", citation_recall),
    Measure("quotes", "quotes exact", quotes),
    Measure("supported", "facts supported", supported),
    Measure("version", "right version", version),
    Measure("polarity", "yes/no right", polarity),
    Measure("language", "language", language),
    Measure("seconds", "seconds", seconds, lower=True, quality=False),
    Measure("length", "characters", length, lower=True, quality=False),
    Measure("tokens", "tokens", tokens, lower=True, quality=False),
    Measure("cost", "cost", cost, lower=True, quality=False),
)
