"""Settings of `assistant`, read from the environment (prefix `HKVA_`) where a program starts, and passed on."""

from __future__ import annotations

import hashlib
from datetime import date

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

EXTRACTIVE = "extractive"


class AssistantSettings(BaseSettings):
    """How questions are answered and where sessions are kept."""

    model_config = SettingsConfigDict(env_prefix="HKVA_", extra="forbid", frozen=True)

    model: str = Field(
        default=EXTRACTIVE,
        description="`extractive` answers from the records without a chat model; `provider:name` asks that model.",
    )
    today: date | None = Field(default=None, description="The date taken for today; the real one where empty.")
    state_url: str = Field(
        default="",
        description="SQLAlchemy URL of sessions and answers; empty: SQLite in the data folder.",
    )
    answer_threshold: float = Field(
        default=0.28, ge=0, le=1, description="Below this confidence a question is not answered."
    )

    @property
    def day(self) -> date:
        """Today."""
        return self.today or date.today()

    @property
    def digest(self) -> str:
        """A short digest of what shapes an answer, for its receipt."""
        shaping = f"{self.model}\0{self.answer_threshold}"
        return hashlib.sha256(shaping.encode()).hexdigest()[:12]
