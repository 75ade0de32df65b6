"""The timeline over HTTP."""

from __future__ import annotations

from xml.etree import ElementTree

import httpx
import pytest

from knowledge.library import Library

OLD, NEW = "bank-custody-2024", "bank-custody-2026"


def entries(client: httpx.Client, **query: str) -> dict[str, dict[str, object]]:
    response = client.get("/v1/timeline", params=query)
    assert response.status_code == 200, response.text
    return {entry["rule"]: entry for entry in response.json()["entries"]}


def test_topics_are_named_and_counted(client: httpx.Client, small_library: Library) -> None:
    topics = client.get("/v1/timeline/topics").json()
    assert sum(topic["rules"] for topic in topics) == len(small_library.rules)
    assert topics == sorted(topics, key=lambda topic: -topic["rules"])
    assert all(set(topic["name"]) == {"en", "zh-Hans", "zh-Hant"} for topic in topics)


def test_what_replaced_what_is_on_the_timeline_as_it_stood(client: httpx.Client, small_library: Library) -> None:
    topic = small_library.rules[NEW].topic
    now, then = entries(client, topic=topic), entries(client, topic=topic, as_of="2025-01-01")
    assert (now[OLD]["standing"], now[NEW]["standing"]) == ("superseded", "in_force")
    assert (then[OLD]["standing"], then[NEW]["standing"]) == ("in_force", "not_yet")
    assert now[OLD]["ends"] == now[NEW]["starts"] == "2026-05-27"
    assert NEW in str(now[OLD]["superseded_by"])


def test_limits_leave_out_what_ended_before_and_what_began_after(client: httpx.Client, small_library: Library) -> None:
    topic = small_library.rules[NEW].topic
    assert OLD not in entries(client, topic=topic, **{"from": "2026-05-27"})
    assert NEW not in entries(client, topic=topic, to="2026-05-26")


@pytest.mark.parametrize("path", ["/v1/timeline", "/v1/timeline.svg"])
def test_an_unknown_topic_is_not_found_and_a_bad_date_refused(client: httpx.Client, path: str) -> None:
    missing = client.get(path, params={"topic": "gardening"})
    assert missing.status_code == 404
    assert "/v1/timeline/topics" in missing.json()["detail"]
    assert client.get(path, params={"topic": "custody", "from": "last week"}).status_code == 422
    assert client.get(path).status_code == 422


def test_the_picture_is_svg_that_can_run_nothing(client: httpx.Client, small_library: Library) -> None:
    topic = small_library.rules[NEW].topic
    response = client.get("/v1/timeline.svg", params={"topic": topic, "language": "zh-Hant", "width": "360"})
    assert response.headers["content-type"].startswith("image/svg+xml")
    assert response.headers["content-security-policy"].startswith("default-src 'none'; style-src 'unsafe-inline'")
    root = ElementTree.fromstring(response.text)
    assert root.attrib["lang"] == "zh-Hant"
    assert small_library.rules[NEW].title["zh-Hant"] in response.text


@pytest.mark.parametrize("query", [{"width": "10"}, {"width": "wide"}, {"language": "fr"}, {"theme": "pink"}])
def test_a_picture_that_cannot_be_drawn_is_refused(client: httpx.Client, query: dict[str, str]) -> None:
    assert client.get("/v1/timeline.svg", params={"topic": "custody", **query}).status_code == 422
