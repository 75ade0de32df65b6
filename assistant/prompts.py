"""The prompts: Markdown files beside this module, with slots `{{name}}` that are checked when a file is read.

A prompt's digest goes into the receipt of every answer that it shaped.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assistant.errors import AssistantError

_FOLDER = Path(__file__).resolve().parent / "prompts"
_SLOT = re.compile(r"\{\{(\w+)\}\}")
SLOTS: dict[str, frozenset[str]] = {
    "answer": frozenset({"language", "as_of"}),
    "request": frozenset({"history", "evidence", "question", "language", "as_of"}),
    "again": frozenset({"findings", "language"}),
    "go_on": frozenset(),
    "judge": frozenset({"evidence", "sentences"}),
    "rewrite": frozenset({"history", "question"}),
    "summary": frozenset({"history"}),
    "derive": frozenset({"topics", "title", "publisher", "published", "text"}),
}
"""Every prompt with the slots that its file must have."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt as its file has it."""

    name: str
    text: str

    @property
    def digest(self) -> str:
        """`name@` and the first 12 digits of the text's SHA-256."""
        return f"{self.name}@{hashlib.sha256(self.text.encode()).hexdigest()[:12]}"

    def fill(self, **values: str) -> str:
        """The text with its slots filled; what looks like a slot in a value stays as it is."""
        if values.keys() != SLOTS[self.name]:
            raise AssistantError(f"The prompt {self.name} takes {sorted(SLOTS[self.name])}, not {sorted(values)}.")
        return _SLOT.sub(lambda match: values[match[1]], self.text).strip()


@cache
def read_prompt(name: str) -> Prompt:
    """Read a prompt; raises AssistantError where its slots are not the ones that we fill."""
    text = (_FOLDER / f"{name}.md").read_text(encoding="utf-8")
    found = frozenset(_SLOT.findall(text))
    if found != SLOTS[name]:
        raise AssistantError(f"prompts/{name}.md has the slots {sorted(found)}; it needs {sorted(SLOTS[name])}.")
    return Prompt(name, text)
