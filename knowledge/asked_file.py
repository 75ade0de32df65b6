"""Questions that rules answer, beside those that stand with the rules: one JSON line a rule in `asks/<topic>.jsonl`.

They are many more than anyone would read among the rules, in the words of people of many kinds. The nearest known
question tells more about whether a rule answers than its statement does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from knowledge.errors import CorpusError
from knowledge.rule import Rule


class _Asked(BaseModel):
    """A line of a file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: str
    en: tuple[str, ...] = ()
    zh: tuple[str, ...] = ()


def with_asks(rules: Mapping[str, Rule], paths: Iterable[Path]) -> dict[str, Rule]:
    """The rules, each with its questions in the files. Raises CorpusError naming the line that is wrong."""
    found = dict(rules)
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            asked = _read(line, f"{path}:{number}")
            if asked.rule not in found:
                raise CorpusError(f"{path}:{number}: there is no rule {asked.rule!r}.")
            rule = found[asked.rule]
            if rule.topic != path.stem:
                raise CorpusError(f"{path}:{number}: rule {rule.id} has topic {rule.topic!r}; the file's name is that.")
            asks_en, asks_zh = ((*held, *new) for held, new in ((rule.asks_en, asked.en), (rule.asks_zh, asked.zh)))
            found[rule.id] = replace(rule, asks_en=tuple(dict.fromkeys(asks_en)), asks_zh=tuple(dict.fromkeys(asks_zh)))
    return found


def _read(line: str, where: str) -> _Asked:
    try:
        return _Asked.model_validate(json.loads(line))
    except (json.JSONDecodeError, ValidationError) as error:
        raise CorpusError(f'{where}: expected {{"rule": …, "en": […], "zh": […]}}: {error}') from error
