"""Questions beside those that stand with the rules, one JSON line a rule: in `asks/<topic>.jsonl` what rules answer, in
`open/<topic>.jsonl` what they leave open though it resembles what they answer.

They are many more than anyone would read among the rules, in the words of people of many kinds. The nearest known
questions tell more about whether a rule answers than its statement does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from knowledge.errors import CorpusError
from knowledge.rule import Rule


class _Line(BaseModel):
    """A line of a file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: str
    en: tuple[str, ...] = ()
    zh: tuple[str, ...] = ()


def with_asks(rules: Mapping[str, Rule], paths: Iterable[Path]) -> dict[str, Rule]:
    """The rules, each with its questions in the files. Raises CorpusError naming the line that is wrong."""
    found = dict(rules)
    for line in _lines(rules, paths):
        rule = found[line.rule]
        asks_en, asks_zh = ((*held, *new) for held, new in ((rule.asks_en, line.en), (rule.asks_zh, line.zh)))
        found[rule.id] = replace(rule, asks_en=tuple(dict.fromkeys(asks_en)), asks_zh=tuple(dict.fromkeys(asks_zh)))
    return found


def read_open(rules: Mapping[str, Rule], paths: Iterable[Path]) -> dict[str, tuple[str, ...]]:
    """What rules leave open, by rule. Raises CorpusError naming the line that is wrong."""
    found: dict[str, tuple[str, ...]] = {}
    for line in _lines(rules, paths):
        found[line.rule] = tuple(dict.fromkeys([*found.get(line.rule, ()), *line.en, *line.zh]))
    return found


def _lines(rules: Mapping[str, Rule], paths: Iterable[Path]) -> Iterator[_Line]:
    for path in paths:
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            line = _read(text, f"{path}:{number}")
            if line.rule not in rules:
                raise CorpusError(f"{path}:{number}: there is no rule {line.rule!r}.")
            topic = rules[line.rule].topic
            if topic != path.stem:
                raise CorpusError(f"{path}:{number}: rule {line.rule} has topic {topic!r}; the file's name is that.")
            yield line


def _read(text: str, where: str) -> _Line:
    try:
        return _Line.model_validate(json.loads(text))
    except (json.JSONDecodeError, ValidationError) as error:
        raise CorpusError(f'{where}: expected {{"rule": …, "en": […], "zh": […]}}: {error}') from error
