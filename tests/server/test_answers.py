from __future__ import annotations

from typing import Any

import httpx
import pytest


def _ask(client: httpx.Client, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.post("/v1/chat", json={"question": "Who?", **more}).raise_for_status().json()
    return answer


def test_answer_is_read_again_as_it_was_given(client: httpx.Client) -> None:
    answer = _ask(client)
    stored = client.get(f"/v1/answers/{answer['id']}").raise_for_status().json()
    assert stored["answer"] == answer
    assert stored["question"] == "Who?"


def test_streamed_answer_is_stored_before_it_is_finished(client: httpx.Client) -> None:
    with client.stream("POST", "/v1/chat", json={"question": "Who?", "stream": True}) as response:
        text = response.read().decode()
    answer_id = text.split('"id":"')[1].split('"')[0]
    assert client.get(f"/v1/answers/{answer_id}").status_code == 200


def test_session_lists_its_answers_in_order_and_can_be_forgotten(client: httpx.Client) -> None:
    first = _ask(client)
    second = _ask(client, session_id=first["session_id"])
    path = f"/v1/sessions/{first['session_id']}"
    turns = client.get(path).raise_for_status().json()
    assert [turn["answer"]["id"] for turn in turns] == [first["id"], second["id"]]
    assert first["session_id"] in {one["id"] for one in client.get("/v1/sessions").json()}
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == client.delete(path).status_code == 404
    assert client.get(f"/v1/answers/{first['id']}").status_code == 404


def test_later_verdict_takes_the_place_of_the_first(client: httpx.Client) -> None:
    answer = _ask(client)
    body = {"answer_id": answer["id"], "rating": "down", "comment": "缺了日期"}
    assert client.post("/v1/feedback", json=body).status_code == 201
    kept = client.post("/v1/feedback", json={**body, "rating": "up"}).json()
    assert (kept["rating"], kept["comment"]) == ("up", "缺了日期")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"answer_id": "ans_unknown", "rating": "up"}, 404),
        ({"answer_id": "other", "rating": "up"}, 422),
        ({"answer_id": "ans_a", "rating": "maybe"}, 422),
        ({"answer_id": "ans_a", "rating": "up", "comment": "x" * 4_001}, 422),
    ],
)
def test_verdict_that_cannot_be_kept_is_refused(client: httpx.Client, body: dict[str, str], status: int) -> None:
    assert client.post("/v1/feedback", json=body).status_code == status


@pytest.mark.parametrize("path", ["/v1/answers/ans_unknown", "/v1/sessions/ses_unknown"])
def test_what_was_never_answered_is_not_found(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_answer_asked_again_of_the_same_library_is_the_same(client: httpx.Client) -> None:
    answer = _ask(client, as_of="2026-11-01")
    replayed = client.post(f"/v1/answers/{answer['id']}/replay").raise_for_status().json()
    assert replayed["same"] is True
    assert replayed["differences"] == replayed["causes"] == []
    assert replayed["stored"]["answer"] == answer
    assert client.post("/v1/answers/ans_unknown/replay").status_code == 404
