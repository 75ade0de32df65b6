"""Settings of `server`, and the check that the environment names no setting that does not exist."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, TypeVar

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from server.errors import BadSettings

_PREFIX = "HKVA_"
MEMORY = "async+memory://"
"""Where requests are counted unless told otherwise."""
_S = TypeVar("_S", bound=BaseSettings)


class ServerSettings(BaseSettings):
    """Where we listen and what we take."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="forbid", frozen=True)

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65_535, description="Port to listen on; 0 takes a free one.")
    workers: int = Field(default=1, ge=1, le=64, description="Processes that answer; one is busy with one processor.")
    max_body_bytes: int = Field(default=256_000, ge=1_000, description="Largest JSON request body.")
    max_document_bytes: int = Field(default=50_000_000, ge=1_000, description="Largest body of POST /v1/documents.")
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Origins whose pages may ask us, separated by commas, for example https://a.example."
    )
    requests_per_minute: int = Field(default=120, ge=1, description="Requests a minute of a key without its own limit.")
    concurrent_requests: int = Field(default=16, ge=1, description="Requests at once of a key without its own limit.")
    limits_url: str = Field(
        default=MEMORY, description="Where requests are counted; for several servers async+redis://host."
    )
    log_form: Literal["text", "json"] = Field(default="text", description="Form of the log: for people or as JSON.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="What is logged.")
    otlp_endpoint: str = Field(default="", description="OTLP/gRPC address that traces go to; empty: no traces.")
    shutdown_grace_s: int = Field(default=30, ge=0, description="How long answers under way may take at the end.")
    retention_days: int | None = Field(
        default=None, ge=1, description="Sessions unused for so many days are forgotten; empty: kept."
    )
    keepalive_s: float = Field(default=15.0, gt=0, le=600, description="Pause of a stream after which it shows life.")

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(one.strip() for one in value.split(",") if one.strip()) if isinstance(value, str) else value


def read_settings(kind: type[_S]) -> _S:
    """Settings of one package from the environment; raises BadSettings naming the variable and what is wrong."""
    try:
        return kind()
    except ValidationError as error:
        lines = [f"{_PREFIX}{'.'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in error.errors()]
        raise BadSettings("; ".join(lines) + ". Correct or unset it.") from error


def check_environment(
    environment: Mapping[str, str], kinds: Iterable[type[BaseSettings]], also: Iterable[str] = ()
) -> list[str]:
    """One finding for each `HKVA_` variable that is no setting of `kinds` and not among `also`: a typo is silent."""
    known = {f"{_PREFIX}{name}".upper() for kind in kinds for name in kind.model_fields} | set(also)
    findings = []
    for name in sorted(environment):
        if name.upper().startswith(_PREFIX) and name.upper() not in known:
            near = difflib.get_close_matches(name.upper(), known, n=1)
            findings.append(f"{name} is no setting." + (f" Did you mean {near[0]}?" if near else " Unset it."))
    return findings
