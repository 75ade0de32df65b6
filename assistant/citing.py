"""Citations cut from records: exact runs of them, with their offsets. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from assistant.answer import Citation, Quote
from knowledge.passage import Passage
from knowledge.rule import Language, Rule, Standing, standing
from knowledge.source import Source
from knowledge.words import has_han, to_traditional


def cite_rule(
    number: int,
    rule: Rule,
    span: tuple[int, int],
    language: Language,
    on: date,
    sources: Mapping[str, Source],
) -> Citation:
    """A citation of a run of a rule's statement in one language, with the source runs that the rule rests on.

    Where sources disagree in weight, the heaviest (official before not, instrument before article) lends its name.
    """
    start, end = span
    evidence = _evidence(rule, language, sources)
    first = min((sources[one.source] for one in rule.evidence if one.source in sources), key=lambda s: s.weight)
    return Citation(
        number=number,
        kind="rule",
        id=rule.id,
        title=rule.title[language],
        publisher=first.publisher,
        authority=rule.authority,
        instrument=rule.instrument,
        url=first.url,
        published=rule.published,
        standing=standing(rule, on),
        superseded_by=rule.superseded_by[0] if rule.superseded_by else None,
        quote=rule.statement[language][start:end],
        start=start,
        end=end,
        official=first.official,
        language=language,
        evidence=evidence,
    )


def cite_passage(number: int, passage: Passage, span: tuple[int, int], language: Language, source: Source) -> Citation:
    """A citation of a run of a source's text, as it stands there; `span` are offsets into that text."""
    start, end = span
    quote = source.text[start:end]
    return Citation(
        number=number,
        kind="passage",
        id=source.id,
        title=_shown(source.title_in(language), language),
        publisher=source.publisher,
        authority=source.authority,
        instrument=" › ".join(passage.locus.headings) if passage.locus.headings else source.title,
        url=source.url,
        published=source.published,
        standing=Standing.EVENT,
        superseded_by=None,
        quote=quote,
        start=start,
        end=end,
        official=source.official,
        language="zh-Hans" if has_han(quote) else "en",
    )


def _shown(title: str, language: Language) -> str:
    return to_traditional(title) if language == "zh-Hant" else title


def _evidence(rule: Rule, language: Language, sources: Mapping[str, Source]) -> tuple[Quote, ...]:
    """The runs of source text in the answer's language, or all of them where there are none in it."""
    quotes: list[Quote] = []
    for one in rule.evidence:
        source = sources.get(one.source)
        start = source.text.find(one.quote) if source is not None else -1
        if source is not None and start >= 0:
            quotes.append(
                Quote(source.id, source.title_in(language), source.url, source.official, one.quote, start,
                      start + len(one.quote))
            )  # fmt: skip
    own = [quote for quote in quotes if has_han(quote.quote) == (language != "en")]
    return tuple(own or quotes)
