"""The proxy that `deploy/compose.chroma.yaml` puts before Chroma: a real nginx before a real `chroma run`."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import numpy as np
import pytest

from knowledge.chroma_server import ChromaServer
from knowledge.errors import LibraryError
from knowledge.passage import Passage, Scope
from knowledge.vectors import Vectors, new_vectors
from tests.deploy.nginx import NGINX, NO_NGINX, free_port, running_nginx
from tests.fakes.chroma_process import running_chroma

pytestmark = [
    pytest.mark.skipif(NGINX is None, reason=NO_NGINX),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="no certificate can be made: apt-get install openssl"),
]
TOKEN = "c0ffee-Decaf_1"


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The proxy's address. Its certificate is trusted here."""
    certificate = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "2"]
    files = ["-keyout", str(tmp_path / "tls.key"), "-out", str(tmp_path / "tls.crt")]
    names = ["-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*certificate, *files, *names], check=True, stderr=subprocess.DEVNULL)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "tls.crt"))
    port = free_port("127.0.0.1")
    with running_chroma(tmp_path / "chroma") as chroma:
        changes = {
            "${CHROMA_TOKEN}": TOKEN,
            "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
            "/etc/nginx/tls/": f"{tmp_path}/",
            "http://chroma:8000;": f"{chroma.url};",
        }
        with running_nginx("chroma.conf.template", changes, port, tmp_path):
            yield f"https://localhost:{port}"


def test_only_who_shows_the_token_reaches_chroma(url: str, tmp_path: Path) -> None:
    server = ChromaServer(url, TOKEN)
    rows = np.eye(5, 8, dtype=np.float32)
    made = [Passage(id=f"p{n}", kind="rule", record=f"r{n}", language="en", text="") for n in range(len(rows))]
    with closing(new_vectors(tmp_path / "vectors", server)) as vectors:
        vectors.add(made, rows)
        assert vectors.find_nearest("en", rows[3], Scope(), 1)[0][0] == "p3"
    for wrong in ("", "wrong", TOKEN.upper(), f"{TOKEN}x", f"x{TOKEN}"):
        with pytest.raises(LibraryError, match=r"does not let us in \(401\)"):
            Vectors(tmp_path / "vectors", ChromaServer(url, wrong))
    collections = f"{url}/api/v2/tenants/default_tenant/databases/default_database/collections"
    assert httpx.post(collections, json={"name": "mine"}).status_code == httpx.codes.UNAUTHORIZED
