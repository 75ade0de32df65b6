"""Read cases from JSONL or CSV files. The only door through which cases come in."""

from __future__ import annotations

import csv
import dataclasses
import json
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from assistant.answer import Outcome
from assistant.question import MAX_CHARACTERS
from evals.case import Case, Expect, Polarity, Split, split_of
from evals.errors import CaseError
from knowledge.rule import Language

SHIPPED = Path(__file__).resolve().parent / "cases"
CSV_COLUMNS = ("id", "question", "language", "category", "turns", "as_of", "outcome", "key_facts", "must_not", "rules",
               "version", "not_version", "polarity", "tags", "group", "split", "source")  # fmt: skip
_EXPECTED = ("outcome", "key_facts", "must_not", "rules", "version", "not_version", "polarity")
_LISTS_OF_ANY = ("key_facts", "rules")
_SORTING = ("id", "category", "split", "tags", "group", "source")


def _many(value: Any) -> Any:
    """A lone string stands for a list of one."""
    return [value] if isinstance(value, str) else value


def _many_of_any(value: Any) -> Any:
    return [_many(item) for item in _many(value)] if isinstance(value, str | list) else value


_Text = Annotated[str, Field(min_length=1)]
_AnyOf = Annotated[tuple[_Text, ...], BeforeValidator(_many)]
_AllOfAny = Annotated[
    tuple[Annotated[tuple[_Text, ...], Field(min_length=1)], ...],
    BeforeValidator(_many_of_any),
]
_STRICT = ConfigDict(extra="forbid", frozen=True)


class _ExpectIn(BaseModel):
    model_config = _STRICT

    outcome: Annotated[frozenset[Outcome], BeforeValidator(_many), Field(min_length=1)] = frozenset({Outcome.ANSWERED})
    key_facts: _AllOfAny = ()
    must_not: _AnyOf = ()
    rules: _AllOfAny = ()
    version: _AnyOf = ()
    not_version: _AnyOf = ()
    polarity: Polarity | None = None


class _CaseIn(BaseModel):
    model_config = _STRICT

    id: _Text
    question: Annotated[str, Field(min_length=1, max_length=MAX_CHARACTERS)]
    language: Language
    category: str = ""
    expect: _ExpectIn = _ExpectIn()
    turns: _AnyOf = ()
    as_of: date | None = None
    tags: Annotated[frozenset[_Text], BeforeValidator(_many)] = frozenset()
    group: str = ""
    split: Split | None = None
    source: str = ""


def read_cases(path: Path) -> list[Case]:
    """The cases of a file, or of all `.jsonl` and `.csv` files of a folder in the order of their names.

    Raises CaseError naming file and line where a case breaks the format, an id comes twice, or nothing is there.
    """
    files = sorted(f for f in path.iterdir() if f.suffix in {".jsonl", ".csv"}) if path.is_dir() else [path]
    cases: list[Case] = []
    seen: dict[str, str] = {}
    for file in files:
        for place, record in _records(file):
            case = case_from(record, file.stem, place)
            if case.id in seen:
                raise CaseError(f"{place}: the id {case.id} stands at {seen[case.id]} already. Give each case its own.")
            seen[case.id] = place
            cases.append(case)
    if not cases:
        raise CaseError(f"No cases in {path}. Give a .jsonl or .csv file, or a folder of them; see evals/README.md.")
    return cases


def read_suite(name: str) -> list[Case]:
    """Cases by name: a path, a shipped category (`figures`), or `all` for every shipped case."""
    if name == "all":
        return read_cases(SHIPPED)
    for path in (Path(name), SHIPPED / f"{name}.jsonl"):
        if path.exists():
            return read_cases(path)
    known = ", ".join(sorted(file.stem for file in SHIPPED.glob("*.jsonl")))
    raise CaseError(f"No case file {name}. Give a file, a folder, `all`, or one of: {known}.")


def case_from(record: object, category: str, place: str) -> Case:
    """The case in one record. `category` is for records that name none; `place` says where it stands, for errors."""
    try:
        read = _CaseIn.model_validate(record)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'case'}: {e['msg']}" for e in error.errors())
        raise CaseError(f"{place}: {faults}") from error
    values = {name: getattr(read, name) for name in _CaseIn.model_fields}
    values["expect"] = Expect(**{name: getattr(read.expect, name) for name in _ExpectIn.model_fields})
    values["category"] = read.category or category
    values["split"] = read.split or split_of(read.group or read.id)
    return Case(**values)


def case_to_record(case: Case) -> dict[str, Any]:
    """The record that `case_from` reads as this case; what is left at its default is left out."""
    record: dict[str, Any] = {"id": case.id, "question": case.question, "language": case.language}
    record |= {"category": case.category, "split": case.split}
    expect = {spec.name: _plain(getattr(case.expect, spec.name)) for spec in dataclasses.fields(Expect)}
    bare = {spec.name: _plain(getattr(Expect(), spec.name)) for spec in dataclasses.fields(Expect)}
    wanted = {name: value for name, value in expect.items() if value != bare[name]}
    rest = {name: _plain(getattr(case, name)) for name in ("turns", "as_of", "tags", "group", "source")}
    return record | ({"expect": wanted} if wanted else {}) | {name: value for name, value in rest.items() if value}


def digest_of(case: Case) -> str:
    """A short digest of what is asked and expected; sorting a case elsewhere or retagging it changes nothing."""
    record = {name: value for name, value in case_to_record(case).items() if name not in _SORTING}
    return sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:12]


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _records(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CaseError(f"{file.name} cannot be read: {error}. Save it as UTF-8.") from error
    yield from _csv_records(file, text) if file.suffix == ".csv" else _json_records(file, text)


def _json_records(file: Path, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        place = f"{file.name}:{number}"
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise CaseError(f"{place}: not JSON ({error.msg} at column {error.colno}). One case a line.") from error
        if not isinstance(record, dict):
            raise CaseError(f"{place}: a case is a JSON object, this is {type(record).__name__}.")
        yield place, record


def _csv_records(file: Path, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Cells: lists are split at ` ; `, alternatives at ` | `."""
    rows = csv.DictReader(text.splitlines(keepends=True))
    unknown = set(rows.fieldnames or ()) - set(CSV_COLUMNS)
    if unknown:
        raise CaseError(f"{file.name}: unknown columns {sorted(unknown)}. Known: {', '.join(CSV_COLUMNS)}.")
    for row in rows:
        cells = {name: cell.strip() for name, cell in row.items() if cell and cell.strip()}
        record: dict[str, Any] = {name: cell for name, cell in cells.items() if name not in _EXPECTED}
        for name in ("turns", "tags"):
            if name in cells:
                record[name] = _cut(cells[name], ";")
        record["expect"] = {name: _expected(name, cells[name]) for name in _EXPECTED if name in cells}
        yield f"{file.name}:{rows.line_num}", record


def _expected(name: str, cell: str) -> Any:
    if name == "polarity":
        return cell
    if name in _LISTS_OF_ANY:
        return [_cut(item, "|") for item in _cut(cell, ";")]
    return _cut(cell.replace(";", "|"), "|") if name == "outcome" else _cut(cell, ";")


def _cut(cell: str, mark: str) -> list[str]:
    return [part.strip() for part in cell.split(mark) if part.strip()]
