"""Where a Chroma server is, how we show it who we are, and which servers we do not talk to.

Chroma's server written in Python runs code of whoever reaches it, before it asks who that is (CVE-2026-45829, releases
1.0.0 to 1.5.9, no later one at the time of writing). Its server written in Rust does not, but it asks nobody who they
are and calls itself 1.0.0 whatever its release. So beyond this machine a server must stand behind a proxy that asks
for a token, and on this machine it is the one written in Rust, a later release, or stands behind such a proxy as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx

from knowledge.errors import LibraryError

_ADVISORY = "CVE-2026-45829"
_LAST_AFFECTED = (1, 5, 9)
_PATIENCE = httpx.Timeout(30, connect=5)
_CLOUD = "trychroma.com"
_RUST = "chroma-frontend"
"""What the server written in Rust calls itself in its own description."""
_MORE = "See docs/remote-chroma.md."


@dataclass(frozen=True, slots=True)
class ChromaServer:
    """The address of a Chroma server or of Chroma Cloud, and what we show there."""

    url: str
    token: str = field(default="", repr=False)
    tenant: str = "default_tenant"
    database: str = "default_database"

    @property
    def is_cloud(self) -> bool:
        """Whether it is Chroma Cloud, which its makers run and guard."""
        return self._host == _CLOUD or self._host.endswith(f".{_CLOUD}")

    @property
    def is_here(self) -> bool:
        """Whether only this machine reaches it at this address."""
        try:
            return ip_address(self._host).is_loopback
        except ValueError:
            return self._host == "localhost"

    @property
    def is_encrypted(self) -> bool:
        """Whether what we send can be read on the way."""
        return self.url.startswith("https://")

    @property
    def headers(self) -> dict[str, str]:
        """How we show the token: as Chroma Cloud wants it, elsewhere as proxies do."""
        if not self.token:
            return {}
        return {"X-Chroma-Token": self.token} if self.is_cloud else {"Authorization": f"Bearer {self.token}"}

    @property
    def _host(self) -> str:
        return urlsplit(self.url).hostname or ""


def open_http(server: ChromaServer, shown: dict[str, str]) -> httpx.Client:
    """A way to the server, with these headers. Where it is unencrypted, the environment's proxies are left out."""
    kept = server.is_encrypted
    return httpx.Client(base_url=server.url, headers=shown, timeout=_PATIENCE, trust_env=kept, verify=kept)


def check_url(url: str) -> str:
    """The URL without a slash at its end. Raises ValueError where it is no address of a server and nothing else."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
        raise ValueError("Write http://host:port or https://host:port.")
    if parts.username or parts.query or parts.fragment or parts.path.strip("/"):
        raise ValueError("Write the address only; the token goes into HKVA_CHROMA_TOKEN.")
    return url.rstrip("/")


def check_way(server: ChromaServer) -> None:
    """Raises LibraryError where the way to the server is open to others, before anything is sent on it."""
    if server.is_here:
        return
    if not server.token:
        raise LibraryError(
            f"{server.url} is another machine's, and HKVA_CHROMA_TOKEN is empty. Chroma lets in whoever reaches it"
            f" (releases up to 1.5.9 in Python even run their code, {_ADVISORY}): put a proxy that asks for a token in"
            f" front of it and set HKVA_CHROMA_TOKEN. {_MORE}"
        )
    if not server.is_encrypted:
        raise LibraryError(f"HKVA_CHROMA_TOKEN could be read on the way to {server.url}. Use https://. {_MORE}")


def check_guarded(server: ChromaServer, version: object) -> None:
    """Raises LibraryError where nothing guards a server of this reported version, or the open advisory is its."""
    if server.is_cloud:
        return
    with open_http(server, shown={}) as stranger:
        if server.token:
            if stranger.get("/api/v2/version").is_success:
                raise LibraryError(
                    f"{server.url} answers without a token as well, so nothing guards Chroma there (its own check of"
                    f" tokens comes too late, {_ADVISORY}). Put a proxy that asks for the token in front of it. {_MORE}"
                )
        elif not (_is_later(version) or _is_rust(stranger)):
            raise LibraryError(
                f"The Chroma server at {server.url} says that it is version {version!r}. The one written in Python"
                f" runs code of whoever reaches it up to 1.5.9 ({_ADVISORY}), on this machine too. Start the one"
                f" written in Rust (chroma run), or put a proxy that asks for a token in front of it and set"
                f" HKVA_CHROMA_TOKEN. {_MORE}"
            )


def _is_later(version: object) -> bool:
    """Whether the version is a release after those of the advisory; what cannot be read is not."""
    parts = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", str(version))
    return parts is not None and tuple(map(int, parts.groups())) > _LAST_AFFECTED


def _is_rust(stranger: httpx.Client) -> bool:
    try:
        return bool(stranger.get("/openapi.json").json()["info"]["title"] == _RUST)
    except (ValueError, KeyError, TypeError):
        return False
