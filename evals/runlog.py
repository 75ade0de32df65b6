"""A run log: what was asked of whom and what came back, whole, so that it can be scored again without asking again.

JSON lines. The first says what run it is; each other holds a case and its reply, written as soon as it is there.
A run that was cut off leaves a log that can be read and gone on with; half a last line counts as not written.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from evals.case import Case
from evals.case_file import case_from, case_to_record, digest_of
from evals.errors import CaseError, RunLogError
from evals.reply import Reply, reply_from_json, reply_to_json

FORMAT = 1


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What run it is. `names` maps the aliases of records that the cases name to their ids; `today` is the run's."""

    suite: str
    target: str
    model: str
    today: str
    cases: str
    """Digest of the cases."""
    names: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class RunLog:
    """A log that was read. A case asked more than once counts with its last reply."""

    info: RunInfo
    replies: tuple[tuple[Case, Reply], ...]


def suite_digest(cases: Iterable[Case]) -> str:
    """A short digest that changes whenever a case is added, removed or asks something else."""
    lines = "\n".join(f"{case.id} {digest_of(case)}" for case in cases)
    return hashlib.sha256(lines.encode()).hexdigest()[:16]


class LogWriter:
    """Appends replies to a log."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, case: Case, reply: Reply) -> None:
        """Write one reply, at once."""
        self._line({"case": case_to_record(case), "reply": reply_to_json(reply)})

    def begin(self, info: RunInfo) -> None:
        """Write what run it is."""
        self._line({"run": asdict(info)})

    def _line(self, body: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(body, ensure_ascii=False) + "\n")
        self._file.flush()


def cut_torn_line(path: Path) -> None:
    """Remove half a last line, so that the next one starts on its own."""
    with path.open("rb+") as file:
        data = file.read()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            file.truncate(whole)
            os.fsync(file.fileno())


def read_log(path: Path) -> RunLog:
    """The run log at `path`. Raises RunLogError naming file and line where it is none."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise RunLogError(f"The run log {path} cannot be read: {error}.") from error
    try:
        info = RunInfo(**json.loads(lines[0])["run"])
    except (ValueError, KeyError, TypeError) as error:
        raise RunLogError(
            f"{path}:1: not the beginning of a run log. Give a file that `hkva eval run` wrote."
        ) from error
    if info.format != FORMAT:
        raise RunLogError(f"{path} has format {info.format}, this version reads {FORMAT}. Run the cases again.")
    replies: dict[str, tuple[Case, Reply]] = {}
    for number, line in enumerate(lines[1:-1], 2):
        case, reply = _row(line, f"{path}:{number}")
        replies[case.id] = (case, reply)
    return RunLog(info, tuple(replies.values()))


def _row(line: str, place: str) -> tuple[Case, Reply]:
    try:
        body = json.loads(line)
        return case_from(body["case"], "", place), reply_from_json(body["reply"])
    except (ValueError, KeyError, TypeError, CaseError) as error:
        raise RunLogError(f"{place}: not a row of a run log ({error}). Run the cases again.") from error
