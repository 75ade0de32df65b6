"""Everything that can go wrong in `evals`.

EvalError
├── CaseError       a case file breaks its format (says the file and the line)
├── RunLogError     a run log cannot be read, or belongs to other cases
├── TargetError     the assistant under test cannot be reached or is not what was said
├── GateError       gates.toml or the baseline cannot be used
├── JudgeError      the judging model failed or gave no verdict
└── ExtraMissing    a library that only evaluation needs is not installed
"""

from __future__ import annotations


class EvalError(Exception):
    """Base of every error of this package. Its text is shown to the person and says what to do."""


class CaseError(EvalError):
    """A case file that breaks its format."""


class RunLogError(EvalError):
    """A run log that cannot be read, or that belongs to other cases."""


class TargetError(EvalError):
    """An assistant under test that cannot be reached, or is not what the address says."""


class GateError(EvalError):
    """A gate file or a baseline that cannot be used."""


class JudgeError(EvalError):
    """A judging model that failed, or whose verdict cannot be read."""


class ExtraMissing(EvalError):
    """A library that only evaluation needs is not installed."""
