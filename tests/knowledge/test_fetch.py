from __future__ import annotations

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

import pytest

from knowledge.addresses import is_public
from knowledge.errors import FetchError, FetchRefused
from knowledge.fetch import Snapshot, fetch, is_url
from knowledge.settings import KnowledgeSettings

BODY = "<html><body><p>平台须持牌。</p></body></html>".encode()


class Site(BaseHTTPRequestHandler):
    """A small site; each path behaves in its own way. Requests are remembered on the server."""

    server: SiteServer

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers.items())))
        name = self.path.strip("/").split("/")[0]
        getattr(self, f"page_{name.replace('-', '_')}", self.page_missing)()

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def page_article(self) -> None:
        if self.headers.get("If-None-Match") == '"v1"':
            self.answer(304)
        else:
            self.answer(
                200,
                BODY,
                ETag='"v1"',
                Content_Type="text/html; charset=utf-8",
                Last_Modified="Sat, 04 Nov 2023 00:00:00 GMT",
            )

    def page_plain(self) -> None:
        self.answer(200, BODY, Content_Type="text/html")

    def page_moved(self) -> None:
        self.answer(302, Location="/article")

    def page_loop(self) -> None:
        self.answer(302, Location="/loop")

    def page_nowhere(self) -> None:
        self.answer(302)

    def page_to_file(self) -> None:
        self.answer(301, Location="file:///etc/hostname")

    def page_to_metadata(self) -> None:
        self.answer(301, Location="http://169.254.169.254/latest/meta-data/")

    def page_missing(self) -> None:
        self.answer(404)

    def page_locked(self) -> None:
        self.answer(403)

    def page_busy(self) -> None:
        self.answer(503, Retry_After="17")

    def page_large(self) -> None:
        self.answer(200, b"x" * 5_000)

    def page_endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        for _ in range(1_000):
            self.wfile.write(b"x" * 1_000)

    def page_gzip(self) -> None:
        self.answer(200, gzip.compress(BODY), Content_Encoding="gzip")

    def page_deflate(self) -> None:
        self.answer(200, zlib.compress(BODY), Content_Encoding="deflate")

    def page_bomb(self) -> None:
        self.answer(200, gzip.compress(b"0" * 5_000_000), Content_Encoding="gzip")

    def page_bad_gzip(self) -> None:
        self.answer(200, b"no gzip at all", Content_Encoding="gzip")

    def page_cut_gzip(self) -> None:
        self.answer(200, gzip.compress(BODY)[:-6], Content_Encoding="gzip")

    def page_brotli(self) -> None:
        self.answer(200, b"xx", Content_Encoding="br")

    def page_slow_body(self) -> None:
        self.send_response(200)
        self.end_headers()
        for _ in range(1_200):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.05)

    def page_slow_head(self) -> None:
        for letter in b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 1_200:
            self.wfile.write(bytes([letter]))
            self.wfile.flush()
            time.sleep(0.05)

    def page_cut(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"only this")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged."""


class SiteServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Site)
        self.asked: list[tuple[str, dict[str, str]]] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is expected here."""

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def site() -> Iterator[SiteServer]:
    server = SiteServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


OPEN = KnowledgeSettings(fetch_private=True, fetch_timeout_s=10)
CLOSED = KnowledgeSettings(fetch_timeout_s=10)
SMALL = KnowledgeSettings(fetch_private=True, fetch_max_bytes=1_000)
SHORT = KnowledgeSettings(fetch_private=True, fetch_timeout_s=0.5)


def test_a_document_is_fetched_with_its_kind_and_hash(site: SiteServer) -> None:
    got = fetch(f"{site.root}/article", OPEN)
    assert got.data == BODY
    assert got.media_type == "text/html; charset=utf-8"
    assert (got.etag, got.unchanged) == ('"v1"', False)
    assert len(got.sha256) == 64


def test_what_has_not_changed_is_not_sent_again(site: SiteServer) -> None:
    first = fetch(f"{site.root}/article", OPEN)
    again = fetch(f"{site.root}/article", OPEN, first)
    assert again.unchanged
    assert again.data == BODY
    assert again.fetched_at >= first.fetched_at
    asked = site.asked[-1][1]
    assert (asked["If-None-Match"], asked["If-Modified-Since"]) == ('"v1"', "Sat, 04 Nov 2023 00:00:00 GMT")


def test_without_an_etag_the_content_decides(site: SiteServer) -> None:
    first = fetch(f"{site.root}/plain", OPEN)
    assert fetch(f"{site.root}/plain", OPEN, first).unchanged


def test_a_snapshot_of_another_url_is_not_used(site: SiteServer) -> None:
    first = fetch(f"{site.root}/article", OPEN)
    assert not fetch(f"{site.root}/plain", OPEN, first).unchanged
    assert "If-None-Match" not in site.asked[-1][1]


def test_redirects_are_followed_and_told(site: SiteServer) -> None:
    got = fetch(f"{site.root}/moved", OPEN)
    assert (got.url, got.final_url) == (f"{site.root}/moved", f"{site.root}/article")
    assert fetch(f"{site.root}/moved", OPEN, got).unchanged


def test_endless_redirects_are_refused(site: SiteServer) -> None:
    with pytest.raises(FetchRefused, match="redirects more than 5"):
        fetch(f"{site.root}/loop", OPEN)
    assert len(site.asked) == 6


def test_a_redirect_to_nowhere_fails(site: SiteServer) -> None:
    with pytest.raises(FetchError, match="nowhere"):
        fetch(f"{site.root}/nowhere", OPEN)


def test_a_redirect_to_another_scheme_is_refused(site: SiteServer) -> None:
    with pytest.raises(FetchRefused, match="no http"):
        fetch(f"{site.root}/to-file", OPEN)


def test_each_hop_is_resolved_and_checked_anew(site: SiteServer) -> None:
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        if host == "169.254.169.254":
            raise FetchRefused("checked")
        return ["127.0.0.1"]

    with pytest.raises(FetchRefused, match="checked"):
        fetch(f"http://rules.example:{site.server_port}/to-metadata", OPEN, resolve=resolve)
    assert asked == ["rules.example", "169.254.169.254"]


def test_the_connection_goes_to_the_address_that_was_checked_under_the_hosts_name(site: SiteServer) -> None:
    answers = iter([["127.0.0.1"], ["192.0.2.1"]])
    got = fetch(f"http://rules.example:{site.server_port}/article", OPEN, resolve=lambda host, port: next(answers))
    assert got.data == BODY
    assert site.asked[0][1]["Host"] == f"rules.example:{site.server_port}"
    # The second answer, with which a name server would rebind the host, was never asked for.
    assert next(answers) == ["192.0.2.1"]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "100.100.100.200", "192.0.2.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "::1", "::",
        "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::",
        "::127.0.0.1", "2001:db8::1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    assert not is_public(ip_address(address))
    with pytest.raises(FetchRefused, match="no public address.*HKVA_FETCH_PRIVATE"):
        fetch("http://rules.example/", CLOSED, resolve=lambda host, port: [address])


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "203.184.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::"]
)
def test_public_addresses_may_be_reached(address: str) -> None:
    assert is_public(ip_address(address))


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(FetchRefused):
        fetch("http://rules.example/", CLOSED, resolve=lambda host, port: ["8.8.8.8", "10.0.0.1"])


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]"])
def test_loopback_is_refused_however_it_is_written(host: str) -> None:
    try:
        socket.getaddrinfo(host.strip("[]"), 80)
    except OSError:
        pytest.skip("this system does not resolve it at all")
    with pytest.raises(FetchRefused):
        fetch(f"http://{host}/", CLOSED)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://rules.example/a", "no http"),
        ("file:///etc/hostname", "no http"),
        ("gopher://rules.example/", "no http"),
        ("rules.example/a", "no http"),
        ("http:///a", "no host"),
        ("http://name:secret@rules.example/", "user name or password"),
        ("http://rules.example/" + "a" * 3_000, "characters"),
    ],
)
def test_urls_that_are_not_allowed_are_refused(url: str, reason: str) -> None:
    with pytest.raises(FetchRefused, match=reason) as caught:
        fetch(url, OPEN)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("path", ["large", "endless", "bomb"])
def test_what_is_too_large_is_refused_as_it_comes(site: SiteServer, path: str) -> None:
    with pytest.raises(FetchRefused, match="1,000 bytes.*HKVA_FETCH_MAX_BYTES"):
        fetch(f"{site.root}/{path}", SMALL)


@pytest.mark.parametrize("path", ["gzip", "deflate"])
def test_compressed_answers_are_unpacked(site: SiteServer, path: str) -> None:
    assert fetch(f"{site.root}/{path}", OPEN).data == BODY


@pytest.mark.parametrize(
    ("path", "reason"),
    [("bad-gzip", "unpack"), ("cut-gzip", "broke off"), ("brotli", "sent as br"), ("cut", "could not be fetched")],
)
def test_damaged_answers_fail(site: SiteServer, path: str, reason: str) -> None:
    with pytest.raises(FetchError, match=reason):
        fetch(f"{site.root}/{path}", OPEN)


@pytest.mark.parametrize("path", ["slow-body", "slow-head"])
def test_a_byte_now_and_then_does_not_keep_a_fetch_alive(site: SiteServer, path: str) -> None:
    begun = time.monotonic()
    with pytest.raises(FetchError, match=r"within 0\.5 seconds"):
        fetch(f"{site.root}/{path}", SHORT)
    # Each page goes on for a minute.
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize(
    ("path", "reason"), [("missing", "not there.*404"), ("locked", "403.*browser"), ("busy", "503.*after 17 seconds")]
)
def test_http_errors_say_what_to_do(site: SiteServer, path: str, reason: str) -> None:
    with pytest.raises(FetchError, match=reason):
        fetch(f"{site.root}/{path}", OPEN)


def test_a_closed_port_and_an_unknown_host_fail_and_may_be_tried_again() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with pytest.raises(FetchError, match="could not be fetched") as caught:
        fetch(f"http://127.0.0.1:{port}/", OPEN)
    assert not isinstance(caught.value, FetchRefused)

    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(FetchError, match="can't be found"):
        fetch("http://rules.example/", OPEN, resolve=unknown)


def test_proxies_of_the_environment_are_not_used(site: SiteServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert isinstance(fetch(f"{site.root}/article", OPEN), Snapshot)


def test_urls_are_told_from_paths() -> None:
    assert is_url("https://rules.example/a")
    assert not is_url("notes/a.txt")
    assert not is_url(r"C:\notes\a.txt")
