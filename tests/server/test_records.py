from __future__ import annotations

import httpx
import pytest


def test_search_finds_a_rule_in_either_language(client: httpx.Client) -> None:
    for query in ("capital or safekeeping of digital assets at banks", "银行保管客户数字资产"):
        found = client.get("/v1/search", params={"q": query, "limit": 5}).raise_for_status().json()
        assert 0 < len(found["hits"]) <= 5
        assert [hit["rank"] for hit in found["hits"]] == list(range(1, len(found["hits"]) + 1))
        assert any(hit["id"].startswith("bank-custody") for hit in found["hits"])


def test_search_as_of_a_day_leaves_out_what_was_not_yet_known(client: httpx.Client) -> None:
    params = {"q": "bank custody of digital assets", "as_of": "2025-01-01"}
    ids = {hit["id"] for hit in client.get("/v1/search", params=params).json()["hits"]}
    assert "bank-custody-2024" in ids
    assert "bank-custody-2026" not in ids


@pytest.mark.parametrize("params", [{}, {"q": ""}, {"q": "a", "limit": 0}, {"q": "a", "as_of": "soon"}])
def test_search_that_cannot_be_taken_is_refused(client: httpx.Client, params: dict[str, str]) -> None:
    response = client.get("/v1/search", params=params)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


def test_rules_are_listed_in_pages_with_their_standing_on_a_date(client: httpx.Client) -> None:
    first = client.get("/v1/rules", params={"limit": 2}).json()
    second = client.get("/v1/rules", params={"limit": 2, "offset": 2}).json()
    assert first["total"] == second["total"] > 4
    assert first["items"][-1]["id"] < second["items"][0]["id"]
    then = client.get("/v1/rules", params={"as_of": "2024-06-01", "standing": "in_force", "topic": "banking"}).json()
    assert "bank-custody-2024" in {rule["id"] for rule in then["items"]}
    now = client.get("/v1/rules", params={"standing": "superseded"}).json()
    assert "bank-custody-2024" in {rule["id"] for rule in now["items"]}


def test_rule_is_read_with_evidence_that_stands_in_its_source(client: httpx.Client) -> None:
    rule = client.get("/v1/rules/bank-custody-2026").raise_for_status().json()
    assert rule["supersedes"]
    assert set(rule["statement"]) == {"en", "zh-Hans", "zh-Hant"}
    for evidence in rule["evidence"]:
        source = client.get(f"/v1/sources/{evidence['source']}").raise_for_status().json()
        assert source["text"][evidence["start"] : evidence["end"]] == evidence["quote"]
        assert rule["id"] in source["rules"]


@pytest.mark.parametrize("path", ["/v1/rules/no-such-rule", "/v1/sources/no/such/source", "/v1/rules/%00"])
def test_record_that_we_do_not_hold_is_not_found(client: httpx.Client, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_sources_are_listed_without_their_texts(client: httpx.Client) -> None:
    page = client.get("/v1/sources").json()
    assert page["total"] == 6
    assert all("text" not in source for source in page["items"])
    assert client.get("/v1/sources", params={"ingested": "true"}).json()["total"] == 0
