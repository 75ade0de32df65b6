"""The only network door of `knowledge`: from a URL to a snapshot of its document.

Only http and https, within limits of size and time. Redirects are followed by hand, and each connection goes to an
address that was checked (`connection`). Proxies are not used: behind one no address could be checked. A compressed
answer is unpacked within the size limit. With an earlier snapshot the server is asked whether anything has changed,
by ETag and date, and the hash of the content decides where it can't say.
"""

from __future__ import annotations

import hashlib
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpcore
import httpx

from knowledge.addresses import Resolve, resolve_host
from knowledge.connection import CheckedBackend
from knowledge.errors import FetchError, FetchRefused
from knowledge.settings import KnowledgeSettings

_MOST_REDIRECTS = 5
_LONGEST_URL = 2_000
_AGENT = "hkva-assistant (+document fetcher)"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_UNCHANGED = 304
_GZIP_OR_DEFLATE = 47
"""Window bits with which zlib tells the two apart by their heads."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A document as it was fetched. `sha256` is of `data`; `fetched_at` is when it was last seen so, in UTC."""

    url: str
    """The URL that was asked for."""
    final_url: str
    """The URL that answered, after redirects."""
    data: bytes
    media_type: str | None
    etag: str | None
    last_modified: str | None
    sha256: str
    fetched_at: datetime
    unchanged: bool = False
    """True where the content is that of the snapshot given as `previous`."""


def fetch(
    url: str,
    settings: KnowledgeSettings,
    previous: Snapshot | None = None,
    *,
    resolve: Resolve = resolve_host,
) -> Snapshot:
    """The document at `url`; asks only for changes where `previous` is an earlier snapshot of the same URL.

    Raises FetchRefused for what the settings do not allow (scheme, private address, size; permanent) and FetchError
    for what may pass (no such host, no answer in time, an HTTP error).
    """
    previous = previous if previous is not None and previous.url == url else None
    backend = CheckedBackend(settings.fetch_private, time.monotonic() + settings.fetch_timeout_s, resolve)
    try:
        with httpcore.ConnectionPool(httpx.create_ssl_context(), network_backend=backend) as pool:
            return _followed(pool, url, settings, previous)
    except (httpcore.TimeoutException, TimeoutError) as error:
        seconds = f"{settings.fetch_timeout_s:g}"
        raise FetchError(
            f"{url} did not arrive within {seconds} seconds. Try again, or raise HKVA_FETCH_TIMEOUT_S."
        ) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpx.InvalidURL, OSError) as error:
        raise FetchError(f"{url} could not be fetched ({_reason(error)}). Try again later.") from error


def _followed(
    pool: httpcore.ConnectionPool, url: str, settings: KnowledgeSettings, previous: Snapshot | None
) -> Snapshot:
    target = url
    for _ in range(_MOST_REDIRECTS + 1):
        address = _checked_url(target)
        where = httpcore.URL(
            scheme=address.raw_scheme, host=address.raw_host, port=address.port, target=address.raw_path
        )
        with pool.stream("GET", where, headers=_headers(address, target, previous)) as response:
            headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            if response.status not in _REDIRECTS:
                return _taken(_Answer(response, headers, target), url, settings, previous)
            target = _next(target, headers)
    raise FetchRefused(f"{url} redirects more than {_MOST_REDIRECTS} times. Give the URL where it ends.")


def _headers(address: httpx.URL, target: str, previous: Snapshot | None) -> list[tuple[str, str]]:
    headers = [
        ("Host", address.netloc.decode("ascii")),
        ("User-Agent", _AGENT),
        ("Accept", "text/html,application/pdf,text/markdown,text/plain,*/*;q=0.5"),
        ("Accept-Encoding", "identity"),
    ]
    if previous is not None and previous.final_url == target:
        asked = (("If-None-Match", previous.etag), ("If-Modified-Since", previous.last_modified))
        headers += [(name, value) for name, value in asked if value]
    return headers


def _checked_url(target: str) -> httpx.URL:
    if len(target) > _LONGEST_URL:
        raise FetchRefused(f"The URL has {len(target):,} characters, more than {_LONGEST_URL:,}. Give a shorter one.")
    url = httpx.URL(target)
    if url.scheme not in ("http", "https"):
        raise FetchRefused(f"{target} is no http or https URL. Fetch it by other means and give the file.")
    if not url.host:
        raise FetchRefused(f"{target} names no host. Give the whole URL.")
    if url.userinfo:
        raise FetchRefused(
            "The URL holds a user name or password. Fetch the document by other means and give the file."
        )
    return url


def _next(target: str, headers: Mapping[str, str]) -> str:
    location = headers.get("location", "")
    if not location:
        raise FetchError(f"{target} redirects to nowhere. Try again later.")
    return str(httpx.URL(target).join(location).copy_with(fragment=None))


@dataclass(frozen=True, slots=True)
class _Answer:
    """One HTTP answer whose body has not been read, its headers by lower-case name."""

    response: httpcore.Response
    headers: Mapping[str, str]
    target: str


def _taken(answer: _Answer, url: str, settings: KnowledgeSettings, previous: Snapshot | None) -> Snapshot:
    now = datetime.now(UTC)
    if answer.response.status == _UNCHANGED and previous is not None:
        return replace(previous, fetched_at=now, unchanged=True)
    if answer.response.status != httpx.codes.OK:
        raise FetchError(_refusal(answer))
    data = _body(answer, settings.fetch_max_bytes)
    sha256 = hashlib.sha256(data).hexdigest()
    return Snapshot(
        url=url,
        final_url=answer.target,
        data=data,
        media_type=answer.headers.get("content-type"),
        etag=answer.headers.get("etag"),
        last_modified=answer.headers.get("last-modified"),
        sha256=sha256,
        fetched_at=now,
        unchanged=previous is not None and previous.sha256 == sha256,
    )


def _refusal(answer: _Answer) -> str:
    status = answer.response.status
    if status in (404, 410):
        return f"{answer.target} is not there (HTTP {status}). Check the URL."
    if status in (401, 403):
        return f"{answer.target} may not be read (HTTP {status}). Fetch it in a browser and give the file."
    wait = answer.headers.get("retry-after", "")
    after = f" after {wait} seconds" if wait.isdigit() else " later"
    return f"{answer.target} answered HTTP {status}. Try again{after}."


def _body(answer: _Answer, most: int) -> bytes:
    """The content, at most `most` bytes of it, both as it is sent and as it unpacks."""
    too_large = FetchRefused(
        f"{answer.target} is larger than {most:,} bytes. Raise HKVA_FETCH_MAX_BYTES if it should be read."
    )
    declared = answer.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > most:
        raise too_large
    gathered = bytearray()
    for piece in _unpacked(answer, most):
        gathered += piece
        if len(gathered) > most:
            raise too_large
    return bytes(gathered)


def _unpacked(answer: _Answer, most: int) -> Iterator[bytes]:
    """The pieces of the body as they come, each unpacked to no more than just over `most` bytes."""
    coding = answer.headers.get("content-encoding", "").strip().lower()
    if coding in ("", "identity"):
        yield from answer.response.iter_stream()
        return
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise FetchError(f"{answer.target} is sent as {coding}, which was not asked for. Fetch it in a browser.")
    unpacker = zlib.decompressobj(wbits=_GZIP_OR_DEFLATE)
    for piece in answer.response.iter_stream():
        try:
            yield unpacker.decompress(piece, most + 1)
        except zlib.error as error:
            raise FetchError(f"{answer.target} is sent as {coding} but does not unpack. Try again later.") from error
        if unpacker.unconsumed_tail:
            raise FetchRefused(
                f"{answer.target} unpacks to more than {most:,} bytes. Raise HKVA_FETCH_MAX_BYTES to read it."
            )
    if not unpacker.eof:
        raise FetchError(f"{answer.target} broke off. Try again later.")


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def is_url(text: str) -> bool:
    """Whether the text is meant as a URL rather than a path."""
    return "://" in text and len(urlsplit(text).scheme) > 1
