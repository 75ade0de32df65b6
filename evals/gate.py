"""Does a run pass its gates? Pure: scores, gates and baseline in, findings out. No finding means that it does."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evals.baseline import Baseline
from evals.compare import Comparison, compare
from evals.errors import GateError
from evals.gates import Gates, Loss
from evals.score import CaseScore, by_slice, slices_of
from evals.summary import failures_of, numbers_of
from evals.table import percent


@dataclass(frozen=True, slots=True)
class GateFinding:
    """One reason to stop, and the cases that did it, worst first."""

    message: str
    cases: tuple[str, ...]


def check_gates(scores: Sequence[CaseScore], gates: Gates, baseline: Baseline | None) -> list[GateFinding]:
    """Everything that does not hold. `baseline` None leaves the loss out.

    Raises GateError where a floor names a measure that does not exist.
    """
    findings = list(_failures(scores, gates.failures))
    findings += _floors(scores, gates.floors)
    if gates.loss is not None and baseline is not None:
        findings += _losses(compare(baseline.cases, scores), gates.loss)
    return findings


def _failures(scores: Sequence[CaseScore], allowed: int) -> Iterator[GateFinding]:
    failed = failures_of(scores)
    if len(failed) > allowed:
        message = f"{len(failed)} replies failed, {allowed} may: {failed[0].reply.error}"
        yield GateFinding(message, tuple(one.case.id for one in failed))


def _floors(scores: Sequence[CaseScore], floors: Mapping[str, Mapping[str, float]]) -> Iterator[GateFinding]:
    slices = by_slice(scores)
    for part, wanted in floors.items():
        members = slices.get(part, [])
        numbers = numbers_of(members)
        for name, floor in wanted.items():
            if name not in numbers:
                raise GateError(f"gates.toml: there is no measure {name}. There are: {', '.join(numbers)}.")
            value = numbers[name]
            if math.isnan(value):
                yield GateFinding(f"{part}: no case for {name}, whose floor is {percent(floor)}", ())
            elif value < floor - 1e-9:
                message = f"{part}: {name} is {percent(value)}, its floor is {percent(floor)}"
                yield GateFinding(message, _lowest(members, name))


def _lowest(scores: Sequence[CaseScore], name: str) -> tuple[str, ...]:
    """The cases that hold a number down, lowest first. What is computed over many cases lies with the wrong ones."""
    of = name if any(name in one.values for one in scores) else "right"
    low = sorted((one.values[of], one.case.id) for one in scores if one.values.get(of, 1.0) < 1.0)
    return tuple(case for _, case in low)


def _losses(comparison: Comparison, loss: Loss) -> Iterator[GateFinding]:
    if comparison.missing:
        yield GateFinding(f"{len(comparison.missing)} cases of the baseline are gone", comparison.missing)
    lost = [one for one in comparison.turned if one.fell("right")]
    for how, allowed, cases in (
        ("on the same records as before", loss.cases, [one.case.id for one in lost if not one.flipped]),
        ("by declining or citing otherwise", loss.flips, [one.case.id for one in lost if one.flipped]),
    ):
        if len(cases) > allowed:
            yield GateFinding(f"{len(cases)} cases are no longer right {how}, {allowed} may", tuple(cases))
    for (part, name), found in comparison.differences.items():
        if name in loss.measures and found.mean < 0 and found.p < loss.alpha:
            message = (
                f"{part}: {name} fell from {percent(found.before)} to {percent(found.after)}"
                f" on {found.count} cases (p {found.p:.3f})"
            )
            fell = (one for one in comparison.turned if part in slices_of(one.case) and one.fell(name))
            yield GateFinding(message, tuple(one.case.id for one in fell))


def verdict(findings: Sequence[GateFinding], count: int) -> list[str]:
    """What the gate says, a line each."""
    if not findings:
        return [f"The gate is open: {count} cases."]
    lines = [f"The gate is closed: {len(findings)} finding{'s' if len(findings) > 1 else ''}."]
    for finding in findings:
        named = ", ".join(finding.cases[:10]) + (
            f" and {len(finding.cases) - 10} more" if len(finding.cases) > 10 else ""
        )
        lines.append(f"- {finding.message}" + (f": {named}" if named else ""))
    return lines
