"""How a rule came to be and what became of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from knowledge.rule import Rule


def history(rules: Mapping[str, Rule], rule_id: str) -> list[Rule]:
    """The rule, all that it replaced and all that replaced it, directly or through others, oldest first."""
    reached = {rule_id}
    frontier = [(rule_id, True), (rule_id, False)]
    while frontier:
        current, back = frontier.pop()
        neighbours = rules[current].supersedes if back else rules[current].superseded_by
        for neighbour in neighbours:
            if neighbour in rules and neighbour not in reached:
                reached.add(neighbour)
                frontier.append((neighbour, back))
    return sorted((rules[one] for one in reached), key=lambda rule: (rule.known_from or date.min, rule.id))
