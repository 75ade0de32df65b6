"""Read `gates.toml`: what must hold before a change lands."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evals.errors import GateError

SHIPPED_GATES = Path(__file__).resolve().parent / "gates.toml"
_Share = Annotated[float, Field(ge=0, le=1)]
_STRICT = ConfigDict(extra="forbid", frozen=True)


class Loss(BaseModel):
    """How much worse than the baseline is allowed."""

    model_config = _STRICT

    measures: list[str] = Field(default=["right"], description="What may not fall.")
    alpha: _Share = Field(default=0.05, description="A fall counts where its p-value is below this.")
    cases: int = Field(default=0, ge=0, description="How many may stop being right on the same records as before.")
    flips: int = Field(default=0, ge=0, description="How many may stop being right by declining or citing otherwise.")


class Gates(BaseModel):
    """Floors by slice (`all`, `category:figures`, `language:zh-Hant`, `tag:cantonese`) and measure, and the loss."""

    model_config = _STRICT

    floors: dict[str, dict[str, _Share]] = {}
    loss: Loss | None = None
    failures: int = Field(default=0, ge=0, description="How many replies may fail.")


def read_gates(path: Path) -> Gates:
    """Raises GateError naming the key that is wrong."""
    try:
        return Gates.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise GateError(f"The gates {path} cannot be read: {error}.") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise GateError(f"{path}: {faults}. See evals/README.md.") from error
