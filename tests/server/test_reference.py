"""The page at /docs says what the OpenAPI document says."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import httpx

from knowledge.settings import KnowledgeSettings
from server.reference import reference_page
from server.settings import ServerSettings

_SERVER = Path(__file__).resolve().parents[2] / "server"


def test_every_address_field_and_status_is_described(client: httpx.Client) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    assert page.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
    document: dict[str, Any] = client.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            section = page.text.split(f"<code>{method.upper()} {path}</code></h2>")[1].split("</section>")[0]
            named = [one["name"] for one in operation.get("parameters", ())] + list(operation["responses"])
            assert all(one in section for one in named)
    for name, shape in document["components"]["schemas"].items():
        section = page.text.split(f'<h3 id="{name}">')[1].split("</section>")[0]
        assert all(f"<code>{field}</code>" in section for field in shape.get("properties", ()))


def test_every_link_within_the_page_has_its_place(client: httpx.Client) -> None:
    page = client.get("/docs").text
    places = re.findall(r'\sid="([^"]+)"', page)
    assert len(set(places)) == len(places)
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(places)


def test_examples_of_the_chat_can_be_pasted(client: httpx.Client) -> None:
    section = client.get("/docs").text.split('id="post-v1-chat"')[1].split("</section>")[0]
    bodies = [unescape(one) for one in re.findall(r"-d &#x27;(.*?)&#x27;</pre>", section)]
    assert len(bodies) == 2
    for body in bodies:
        headers = {"Content-Type": "application/json"}
        assert client.post("/v1/chat", content=body.encode(), headers=headers).status_code == 200


def test_descriptions_are_text() -> None:
    operation = {"description": "<b>`a` & b</b>", "responses": {}}
    page = reference_page({"paths": {"/x": {"get": operation}}, "components": {"schemas": {}}})
    assert "&lt;b&gt;<code>a</code> &amp; b&lt;/b&gt;" in page


def test_the_page_for_beginners_names_only_what_there_is(client: httpx.Client) -> None:
    page = (_SERVER / "README.md").read_text(encoding="utf-8")
    held = set(client.get("/openapi.json").json()["paths"]) | {"/v1", "/mcp", "/docs", "/openapi.json"}
    patterns = [re.compile(re.sub(r"{\w+}", ".+", re.escape(path).replace("\\", ""))) for path in held]
    named = set(re.findall(r"127\.0\.0\.1:8000(/[\w./…-]+)", page)) | set(re.findall(r"`(/[\w./]+)`", page))
    assert len(named) > 8
    assert [path for path in sorted(named) if not any(one.fullmatch(path) for one in patterns)] == []
    settings = {f"HKVA_{name.upper()}" for kind in (ServerSettings, KnowledgeSettings) for name in kind.model_fields}
    assert set(re.findall(r"HKVA_[A-Z_]+", page)) <= settings
