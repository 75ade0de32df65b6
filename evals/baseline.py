"""The committed baseline: what each case scored when somebody last said that this is how it should be."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.case_file import digest_of
from evals.compare import Before, rounded
from evals.errors import GateError
from evals.score import QUALITY, CaseScore

BASELINES = Path(__file__).resolve().parent / "baselines"


@dataclass(frozen=True, slots=True)
class Baseline:
    """The cases by id, and why and when this became the baseline, newest first."""

    reasons: tuple[str, ...]
    cases: Mapping[str, Before]


def read_baseline(path: Path) -> Baseline:
    """Raises GateError where there is none, or it cannot be read."""
    try:
        head, *rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        cases = {row["id"]: Before(row["case"], row["values"]) for row in rows}
        return Baseline(tuple(head["reasons"]), cases)
    except FileNotFoundError as error:
        raise GateError(
            f'No baseline at {path}. Write one: hkva eval gate --update-baseline --reason "first run".'
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GateError(f"The baseline {path} cannot be read ({error}). Restore it from version control.") from error


def write_baseline(path: Path, scores: Sequence[CaseScore], reason: str, day: str) -> None:
    """Make these scores the baseline, one line a case, so that a review shows which changed.

    The reason is kept with those before it. Raises GateError without one.
    """
    if not reason.strip():
        raise GateError('A new baseline needs a reason: --reason "why what is worse now is right".')
    earlier = read_baseline(path).reasons if path.exists() else ()
    lines: list[object] = [{"reasons": [f"{day} {reason.strip()}", *earlier]}]
    for one in sorted(scores, key=lambda one: one.case.id):
        values = {name: rounded(one.values[name]) for name in QUALITY if name in one.values}
        lines.append({"id": one.case.id, "case": digest_of(one.case), "values": values})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines), encoding="utf-8"
    )
