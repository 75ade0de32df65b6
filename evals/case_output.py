"""Write cases as a JSONL file that `case_file` reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from evals.case import Case
from evals.case_file import case_to_record, read_cases


def add_cases(path: Path, cases: Sequence[Case]) -> int:
    """Append those whose id the file does not hold; returns how many. Raises CaseError where it is no case file."""
    held = {case.id for case in read_cases(path)} if path.exists() and path.stat().st_size else set()
    new = [case for case in cases if case.id not in held]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        for case in new:
            file.write(json.dumps(case_to_record(case), ensure_ascii=False) + "\n")
    return len(new)
