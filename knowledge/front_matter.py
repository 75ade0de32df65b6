"""Front matter: YAML between `---` lines at the head of a text file. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import yaml

from knowledge.errors import DocumentError

_FRONT = re.compile(r"\A\s*---[ \t]*\n(?P<yaml>.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_LONGEST = 20_000
_FIELD = re.compile(r"^[A-Za-z_][\w -]*:(?:\s|$)")


def split_front_matter(text: str) -> tuple[dict[str, str], str]:
    """The metadata at the head of `text`, by lower-case key, and the text below it.

    A text that merely begins with a rule (`---`) is left as it is. Raises DocumentError where the block has fields
    but is not valid YAML.
    """
    match = _FRONT.match(text)
    if match is None or len(match["yaml"]) > _LONGEST:
        return {}, text
    lines = match["yaml"].splitlines()
    if not lines or not _FIELD.match(lines[0].strip()):
        return {}, text
    return read_fields(match["yaml"], "front matter"), text[match.end() :]


def read_fields(written: str, where: str) -> dict[str, str]:
    """YAML fields as strings by lower-case key; `where` names the place in errors. Raises DocumentError."""
    try:
        fields = yaml.safe_load(written)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # A ValueError is a date such as 2023-02-30: YAML reads it as a day, and there is no such day.
        reason = " ".join(str(error).split())[:200]
        raise DocumentError(f"Its {where} is not valid YAML: {reason}. Correct it or take it out.") from error
    if not isinstance(fields, Mapping):
        raise DocumentError(f"Its {where} has no `name: value` fields. Write one a line, or take it out.")
    return {str(key).strip().lower(): _plain(value) for key, value in fields.items() if _plain(value)}


def _plain(value: Any) -> str:
    """A scalar, or a list of them, as text; anything nested is not for us."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return ", ".join(_plain(one) for one in value if isinstance(one, str | int | float | date))
    return str(value).strip() if isinstance(value, str | int | float) else ""
