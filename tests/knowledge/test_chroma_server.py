from __future__ import annotations

import pytest
from pydantic import ValidationError

from knowledge.chroma_http import ChromaClient
from knowledge.chroma_server import ChromaServer
from knowledge.errors import LibraryError
from knowledge.settings import KnowledgeSettings
from tests.fakes.chroma_process import ChromaProcess, asking_for_token, calling_itself

TOKEN = "let-me-in"


def _opens(server: ChromaServer) -> None:
    ChromaClient(server).close()


def test_server_of_another_machine_is_not_asked_without_a_token_nor_unencrypted() -> None:
    """Refused before anything is sent: there is no such machine."""
    with pytest.raises(LibraryError, match=r"HKVA_CHROMA_TOKEN is empty.*CVE-2026-45829.*proxy"):
        _opens(ChromaServer("https://chroma.invalid"))
    with pytest.raises(LibraryError, match="Use https"):
        _opens(ChromaServer("http://chroma.invalid:8000", TOKEN))


def test_server_that_does_not_run_is_named() -> None:
    with pytest.raises(LibraryError, match="127.0.0.1:1 does not answer.*Check that it runs"):
        _opens(ChromaServer("http://127.0.0.1:1"))


@pytest.mark.parametrize("version", ["1.0.0", "1.5.9", "0.6.3", "1.6.0rc1", "unknown", None])
def test_version_with_the_open_advisory_or_an_unknown_one_is_refused_without_a_proxy(version: str | None) -> None:
    with calling_itself(version) as url:
        with pytest.raises(LibraryError, match=r"CVE-2026-45829.*chroma run.*HKVA_CHROMA_TOKEN"):
            _opens(ChromaServer(url))
        with pytest.raises(LibraryError, match="answers without a token as well.*proxy"):
            _opens(ChromaServer(url, TOKEN))


@pytest.mark.parametrize("version", ["1.5.10", "1.6.0", "2.0.0"])
def test_later_version_is_taken_on_this_machine(version: str) -> None:
    with calling_itself(version) as url:
        _opens(ChromaServer(url))


def test_any_version_is_taken_behind_a_proxy_that_asks_for_the_token() -> None:
    with calling_itself("1.5.9") as url, asking_for_token(url, TOKEN) as proxy:
        _opens(ChromaServer(proxy, TOKEN))


def test_rust_server_is_taken_on_this_machine_though_it_calls_itself_like_an_affected_release(
    chroma: ChromaProcess,
) -> None:
    _opens(ChromaServer(chroma.url))
    with pytest.raises(LibraryError, match="answers without a token as well"):
        _opens(ChromaServer(chroma.url, TOKEN))


@pytest.mark.parametrize("token", ["", "wrong"])
def test_proxy_that_does_not_know_the_token_is_named(chroma: ChromaProcess, token: str) -> None:
    with asking_for_token(chroma.url, TOKEN) as proxy:
        with pytest.raises(LibraryError, match=r"does not let us in \(401\).*HKVA_CHROMA_TOKEN"):
            _opens(ChromaServer(proxy, token))
        _opens(ChromaServer(proxy, TOKEN))


def test_cloud_is_shown_the_key_as_it_wants_it() -> None:
    cloud = ChromaServer("https://api.trychroma.com", TOKEN, "tenant", "database")
    assert cloud.is_cloud
    assert cloud.headers == {"X-Chroma-Token": TOKEN}
    lookalike = ChromaServer("https://api.trychroma.com.example.org", TOKEN)
    assert not lookalike.is_cloud
    assert lookalike.headers == {"Authorization": f"Bearer {TOKEN}"}


def test_what_is_no_chroma_server_is_told_so() -> None:
    with asking_for_token("http://127.0.0.1:9", TOKEN) as elsewhere, pytest.raises(LibraryError, match="does not let"):
        _opens(ChromaServer(elsewhere))
    with calling_itself('1"') as broken, pytest.raises(LibraryError, match="no Chroma server.*HKVA_CHROMA_URL"):
        _opens(ChromaServer(broken))


@pytest.mark.parametrize(
    "url",
    ["chroma:8000", "ftp://chroma", "https://", "https://user:secret@chroma", "https://chroma/api/v2", "http://c:x"],
)
def test_url_is_the_address_of_a_server_and_nothing_else(url: str) -> None:
    with pytest.raises(ValidationError, match="chroma_url"):
        KnowledgeSettings(chroma_url=url)


def test_settings_say_where_the_vectors_are_and_do_not_show_the_token() -> None:
    assert KnowledgeSettings().chroma is None
    settings = KnowledgeSettings(chroma_url="https://chroma.example.org:8443/", chroma_token=TOKEN)  # type: ignore[arg-type]
    assert settings.chroma == ChromaServer("https://chroma.example.org:8443", TOKEN)
    assert TOKEN not in f"{settings!r} {settings.chroma!r}"
