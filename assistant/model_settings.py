"""Settings of the chat model, read from the environment (`HKVA_MODEL_…`); which model it is, `HKVA_MODEL` says."""

from __future__ import annotations

import hashlib
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ModelSettings(BaseSettings):
    """How a chat model is reached, how long we wait for it, and how much it may do for one answer."""

    model_config = SettingsConfigDict(env_prefix="HKVA_", extra="forbid", frozen=True, protected_namespaces=())

    model_url: str = Field(
        default="", description="Base URL of a server that speaks the provider's protocol; empty: the provider's own."
    )
    model_key: SecretStr = Field(
        default=SecretStr(""), description="API key; empty: the provider's own variable, such as OPENAI_API_KEY."
    )
    model_deadline_s: float = Field(
        default=60.0, gt=0, le=600, description="Time for all model calls of one answer in seconds."
    )
    model_silence_s: float = Field(
        default=20.0, gt=0, le=600, description="Longest wait for the next piece of a reply in seconds."
    )
    model_calls: int = Field(
        default=6, ge=1, le=20, description="Most calls of the model for one answer, repeated ones included."
    )
    model_attempts: int = Field(default=3, ge=1, le=5, description="Most attempts of one call that fails in passing.")
    model_backoff_s: float = Field(
        default=0.5, ge=0, le=30, description="Wait before the second attempt in seconds; doubled for each further one."
    )
    model_max_tokens: int = Field(default=1_500, ge=64, le=32_000, description="Longest reply in tokens.")
    model_temperature: float | None = Field(
        default=None,
        ge=0,
        le=2,
        description="Sampling temperature; empty: the model's own (some models take no other).",
    )
    model_evidence_characters: int = Field(
        default=12_000, ge=500, le=200_000, description="Most characters of records shown to the model."
    )
    model_history_characters: int = Field(
        default=3_000, ge=200, le=50_000, description="Most characters of earlier turns shown to the model."
    )
    model_release: Literal["sentence", "whole"] = Field(
        default="sentence",
        description="`sentence`: each sentence is sent once it is checked; `whole`: nothing before all is checked.",
    )
    model_checker: bool = Field(
        default=False, description="Ask the model in a second call whether each sentence follows from its records."
    )
    model_on_failure: Literal["fallback", "fail"] = Field(
        default="fallback", description="When the model fails: answer without it and say so, or fail."
    )

    @property
    def model_digest(self) -> str:
        """A short digest of what shapes an answer; neither the key nor the address is in it."""
        shaping = (
            self.model_max_tokens, self.model_temperature, self.model_evidence_characters,
            self.model_history_characters, self.model_release, self.model_checker,
        )  # fmt: skip
        return hashlib.sha256(repr(shaping).encode()).hexdigest()[:12]
