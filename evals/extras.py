"""The libraries that only evaluation needs: are they installed?"""

from __future__ import annotations

from importlib.util import find_spec

from evals.errors import ExtraMissing

_NEEDED = ("ir_measures", "scipy", "matplotlib")


def check_extras(needed: tuple[str, ...] = _NEEDED) -> None:
    """Raises ExtraMissing saying what to install."""
    missing = [name for name in needed if find_spec(name) is None]
    if missing:
        raise ExtraMissing(f'Evaluation needs {", ".join(missing)}. Run: pip install "hkva-assistant[evals]"')
