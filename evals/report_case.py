"""One case in the report: question, answer, citations, and what was expected of them, met or not. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from evals.facts import holds
from evals.reply import Cited
from evals.score import TITLES, CaseScore


def case_section(score: CaseScore, names: Mapping[str, str]) -> str:
    """The case as a part of the page that folds. `names` maps aliases of records to their ids."""
    case, reply = score.case, score.reply
    mark = "right" if score.right else "wrong"
    turns = "".join(f'<p class="turn">{escape(turn)}</p>' for turn in case.turns)
    day = f" <small>as of {case.as_of.isoformat()}</small>" if case.as_of else ""
    ended = reply.error or (reply.outcome.value if reply.outcome else "no type given")
    answer = escape(reply.text).replace("\n", "<br>") or "<i>nothing</i>"
    sure = f", confidence {reply.confidence:.2f}" if reply.confidence is not None else ""
    tags = ", ".join([case.category, case.language, case.split, *sorted(case.tags)])
    return (
        f'<details class="case {mark}" data-text="{escape(_search_text(score), quote=True)}">'
        f'<summary><span class="mark">{mark}</span> <span lang="{case.language}">{escape(case.question)}</span>{day}'
        f"<small>{escape(case.id)}</small></summary>"
        f'<p class="tags">{escape(tags)}</p>{turns}'
        f'<div class="two"><div><h4>Answer <small>{escape(ended)}{sure}, {reply.seconds:.2f} s</small></h4>'
        f'<p lang="{case.language}">{answer}</p>{_citations(reply.citations or ())}</div>'
        f"<div><h4>Expected</h4>{_expected(score, names)}</div></div>"
        f"{_numbers(score)}</details>"
    )


def _search_text(score: CaseScore) -> str:
    case = score.case
    words = [case.id, case.question, case.category, case.language, *case.tags]
    return " ".join(words).lower()


def _citations(cited: tuple[Cited, ...]) -> str:
    items = []
    for one in cited:
        odd = "" if one.held is None or one.held == one.quote else ' <b class="bad">not in the record</b>'
        items.append(
            f"<li><b>[{one.number}]</b> {escape(one.title)} <code>{escape(one.id)}</code> {escape(one.standing)}"
            f"<blockquote>{escape(one.quote)}</blockquote>{odd}</li>"
        )
    return f'<ul class="cited">{"".join(items)}</ul>' if items else ""


def _expected(score: CaseScore, names: Mapping[str, str]) -> str:
    expect, text = score.case.expect, score.reply.text
    cited = {names.get(one.id, one.id) for one in score.reply.citations or ()}
    lines = [_line(score.values["outcome"] == 1, "outcome: " + " or ".join(sorted(expect.outcome)))]
    lines += [_line(holds(fact, text), "says: " + " | ".join(fact)) for fact in expect.key_facts]
    lines += [_line(not holds((wrong,), text), "does not say: " + wrong) for wrong in expect.must_not]
    lines += [
        _line(any(names.get(name, name) in cited for name in group), "cites: " + " | ".join(group))
        for group in expect.rules
    ]
    if "version" in score.values:
        wanted = " | ".join(expect.version) or "any"
        but = f", not as in force: {', '.join(expect.not_version)}" if expect.not_version else ""
        lines.append(_line(score.values["version"] == 1, f"version: {wanted}{but}"))
    if expect.polarity is not None:
        lines.append(_line(score.values["polarity"] == 1, f"begins with: {expect.polarity}"))
    source = f'<p class="tags">{escape(score.case.source)}</p>' if score.case.source else ""
    return f'<ul class="expected">{"".join(lines)}</ul>{source}'


def _line(met: bool, text: str) -> str:
    return f'<li class="{"met" if met else "unmet"}">{escape(text)}</li>'


def _numbers(score: CaseScore) -> str:
    shown = [f"{TITLES[name]} {value:.2f}" for name, value in score.values.items() if name not in ("seconds", "length")]
    skipped = [f"{TITLES[name]}: {reason}" for name, reason in score.skipped.items()]
    return (
        f'<p class="tags">{escape("; ".join(shown))}</p>'
        f'<p class="tags">Does not apply: {escape("; ".join(skipped))}.</p>'
    )
