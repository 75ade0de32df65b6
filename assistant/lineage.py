"""What came before a rule and after it, where a question asks for that. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from assistant.follow import Follow
from knowledge.rule import Rule
from knowledge.words import fold

_MOST, _BESIDE = 4, 2
_SUCCESSOR = re.compile(
    r"\b(?:what|which|who)\b.{0,80}(?<!\bbe )\b(?:replac(?:ed|es)|supersed(?:ed|es)|succeeded|followed"
    r"|took (?:its|their|the) place)\b"
    r"|\b(?:replaced|superseded|succeeded) by (?:what|which)\b"
    r"|被(?:什么|哪|何|咩|边)\S{0,12}取代|(?:什么|哪|咩|边)\S{0,12}取代(?:了|咗)?|取代\S{0,20}(?:是|系)(?:哪|什么|边|咩)"
)
_HISTORY = re.compile(
    r"\b(?:trace[ds]?|history|evol\w+|in (?:chronological )?order|step by step|one after (?:the )?other)\b"
    r"|\bhow (?:did|has|have)\b.*\b(?:over (?:time|the years)|from\b.*\bto)\b"
    r"|演变|沿革|历程|来龙去脉|先后|(?:几|哪几|多少)步|从.*到(?:现行|今|现在|最新)"
)


def told_in_order(question: str, rule: Rule, rules: Mapping[str, Rule]) -> tuple[Rule, ...]:
    """The rules to tell for a question on what replaced a rule, or on the whole of its history; empty for others."""
    folded = fold(question)
    if _HISTORY.search(folded):
        chain = _chain(rule, rules)
        return chain[-_MOST:] if len(chain) > 1 else ()
    if _SUCCESSOR.search(folded):
        return _after(rule, rules)[-1:]
    return ()


def told_beside(follow: Follow, shown: Sequence[str], rules: Mapping[str, Rule]) -> tuple[Rule, ...]:
    """What came before the rules that were told last, or after them, and was not told with them."""
    told = [rules[one] for one in shown if one in rules]
    beside = [one for rule in told for one in (rule.supersedes if follow is Follow.BEFORE else rule.superseded_by)]
    return tuple(rules[one] for one in dict.fromkeys(beside) if one in rules and one not in shown)[:_BESIDE]


def holding_now(rule: Rule, rules: Mapping[str, Rule]) -> Rule:
    """The last of a rule's successors; the rule itself where nothing replaced it."""
    return next(iter(_after(rule, rules)[-1:]), rule)


def successors(rule: Rule, rules: Mapping[str, Rule]) -> frozenset[str]:
    """The ids of all that replaced a rule, and of what replaced those."""
    return reached(rule, rules, lambda one: one.superseded_by)


def reached(rule: Rule, rules: Mapping[str, Rule], next_to: Callable[[Rule], Iterable[str]]) -> frozenset[str]:
    """The ids of all rules that are held and that one comes to from a rule, from each to those that are next to it."""
    found: set[str] = set()
    left = [rule]
    while left:
        new = {one for one in next_to(left.pop()) if one in rules} - found
        found |= new
        left += [rules[one] for one in new]
    return frozenset(found)


def _chain(rule: Rule, rules: Mapping[str, Rule]) -> tuple[Rule, ...]:
    before: list[Rule] = []
    earliest = rule
    while earliest.supersedes:
        known = [rules[one] for one in earliest.supersedes if one in rules]
        if not known:
            break
        earliest = max(known, key=_begins)
        before.insert(0, earliest)
    return (*before, rule, *_after(rule, rules))


def _after(rule: Rule, rules: Mapping[str, Rule]) -> tuple[Rule, ...]:
    """Its successors, one after the other; of several at once the last that began."""
    after: list[Rule] = []
    while rule.superseded_by:
        known = [rules[one] for one in rule.superseded_by if one in rules]
        if not known:
            break
        rule = max(known, key=_begins)
        after.append(rule)
    return tuple(after)


def _begins(rule: Rule) -> date:
    return rule.in_force_from or date.min
