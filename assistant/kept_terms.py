"""The words of rules between processes: read once, kept in a file beside the library's versions.

Reading them takes four seconds of a processor for the shipped corpus, which every server and every process of an
evaluation would spend again. A line holds the words of one rule under the digest of all that it says, and the file's
name is a digest of the glossary and of the code that reads: what was kept of another rule, or by another version of
this program, is never found. It is a cache: where it is missing or cannot be written, the words are read again.
"""

from __future__ import annotations

import hashlib
import sys
import unicodedata
import uuid
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

import structlog
from pydantic import TypeAdapter, ValidationError

from assistant.rule_terms import RuleTerms
from knowledge.glossary import Glossary
from knowledge.rule import Rule

_LOG = structlog.get_logger(__name__)
_ROOT = Path(__file__).resolve().parent.parent
_READING = ("assistant", "knowledge")
"""Packages whose code reads words."""


class KeptTerms:
    """The words kept in a folder for one glossary."""

    def __init__(self, folder: Path, glossary: Glossary) -> None:
        self._path = folder / f"{_digest_of_reading(glossary)}.jsonl"
        self._lines = _read_lines(self._path)
        self._held = frozenset(self._lines)

    def find(self, rule: Rule) -> RuleTerms | None:
        """The words of a rule; None where none are kept of what it says now. They are given once: then the text of them
        is let go."""
        line = self._lines.pop(_digest_of(rule), None)
        try:
            return None if line is None else _shape().validate_json(line)
        except ValidationError:
            return None

    def holds(self, rule: Rule) -> bool:
        """Whether words are kept of what a rule says now."""
        return _digest_of(rule) in self._held

    def keep(self, terms: Iterable[tuple[Rule, RuleTerms]]) -> None:
        """Keep these and no others, in one step; what other code or another glossary left is removed."""
        draft = self._path.with_name(f".{uuid.uuid4().hex}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as file:
                for rule, words in terms:
                    file.write(b"%s\t%s\n" % (_digest_of(rule), _shape().dump_json(words)))
            draft.replace(self._path)
            for old in self._path.parent.glob("*.jsonl"):
                if old != self._path:
                    old.unlink(missing_ok=True)
        except OSError as error:
            _LOG.info("words_not_kept", reason=str(error))
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)


def _read_lines(path: Path) -> dict[bytes, bytes]:
    try:
        rows = path.read_bytes().splitlines()
    except OSError:
        return {}
    split = (row.partition(b"\t") for row in rows)
    return {digest: line for digest, _, line in split}


def _digest_of(rule: Rule) -> bytes:
    return hashlib.sha256(repr(rule).encode()).hexdigest().encode()


def _digest_of_reading(glossary: Glossary) -> str:
    digest = hashlib.sha256(_digest_of_code())
    digest.update(repr(glossary.groups).encode())
    return digest.hexdigest()[:16]


@cache
def _digest_of_code() -> bytes:
    digest = hashlib.sha256(f"{sys.version_info[:2]} {unicodedata.unidata_version} {version('opencc')}".encode())
    for package in _READING:
        for path in sorted((_ROOT / package).glob("*.py")):
            digest.update(path.read_bytes())
    return digest.digest()


@cache
def _shape() -> TypeAdapter[RuleTerms]:
    return TypeAdapter(RuleTerms)
