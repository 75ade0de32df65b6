"""The page's files over HTTP."""

from __future__ import annotations

import re

import httpx
import pytest

from server.pages import WEB


def test_the_page_is_served_under_a_strict_policy(client: httpx.Client) -> None:
    for path in ("/", "/web/page.js", "/web/style.css"):
        response = client.get(path)
        assert response.status_code == 200
        policy = response.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert response.headers["x-content-type-options"] == "nosniff"


def test_an_unchanged_file_is_not_sent_again(client: httpx.Client) -> None:
    first = client.get("/web/page.js")
    again = client.get("/web/page.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/web/", "/web/..%2fpages.py", "/web/%2e%2e/pages.py", "/web/missing.js"])
def test_nothing_but_the_pages_own_files_is_served(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_page_asks_nobody_else_and_holds_no_inline_code() -> None:
    page = (WEB / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"(?:https?:)?//[\w.-]+", page) == []
    assert re.findall(r"\son\w+=|style=|javascript:", page) == []
    assert re.findall(r"<script(?![^>]*\ssrc=)", page) == []


def test_scripts_insert_text_as_text() -> None:
    forbidden = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new Function")
    for script in WEB.glob("*.js"):
        assert forbidden.findall(script.read_text(encoding="utf-8")) == [], script.name
