from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from assistant.errors import BadQuestion, ModelUnavailable
from tests.server.fakes import ScriptedAssistant

QUESTION = "Who may hold client digital assets for a bank?"


def _problem(response: httpx.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["status"] == status
    assert problem["request_id"] == response.headers["x-request-id"]
    assert problem["detail"]
    return problem


def test_answer_has_the_fields_of_the_contract(client: httpx.Client) -> None:
    answer = client.post("/v1/chat", json={"question": QUESTION}).raise_for_status().json()
    assert answer["outcome"] == "answered"
    assert answer["answer"].endswith("[1]")
    assert answer["id"].startswith("ans_")
    assert answer["session_id"].startswith("ses_")
    assert answer["as_of"] == "2026-11-23"
    assert set(answer) >= {"language", "citations", "notes", "receipt", "timings", "confidence"}
    citation = answer["citations"][0]
    assert citation["quote"][citation["start"] : citation["end"]] == citation["quote"]
    assert citation["standing"] == "in_force"


def test_refusal_is_an_answer_and_no_error(client: httpx.Client) -> None:
    answer = client.post("/v1/chat", json={"question": "refuse"}).raise_for_status().json()
    assert (answer["outcome"], answer["citations"]) == ("off_topic", [])


def test_date_language_scope_and_session_reach_the_assistant(
    client: httpx.Client, assistant: ScriptedAssistant
) -> None:
    session = client.post("/v1/chat", json={"question": QUESTION}).json()["session_id"]
    body = {
        "question": QUESTION,
        "as_of": "2024-03-01",
        "language": "zh-Hant",
        "session_id": session,
        "scope": {"topics": ["banking"], "include_proposed": False},
    }
    answer = client.post("/v1/chat", json=body).raise_for_status().json()
    assert (answer["session_id"], answer["as_of"], answer["language"]) == (session, "2024-03-01", "zh-Hant")
    question = assistant.asked[-1]
    assert question.limits.topics == {"banking"}
    assert not question.limits.include_proposed
    assert [turn.question for turn in question.turns] == [QUESTION]


@pytest.mark.parametrize("stream", [False, True])
def test_session_that_is_not_held_is_not_found(client: httpx.Client, stream: bool) -> None:
    body = {"question": QUESTION, "session_id": "ses_unknown", "stream": stream}
    _problem(client.post("/v1/chat", json=body), 404)


@pytest.mark.parametrize(
    ("body", "field", "says"),
    [
        ({}, "body.question", "required"),
        ({"question": ""}, "body.question", "at least 1"),
        ({"question": "  \n"}, "body.question", "empty"),
        ({"question": "x" * 2_001}, "body.question", "2000"),
        ({"question": 7}, "body.question", "string"),
        ({"question": None}, "body.question", "string"),
        ({"question": "a\0b"}, "body.question", "NUL"),
        ({"question": "a", "colour": "red"}, "body.colour", "Leave it out"),
        ({"question": "a", "as_of": "2024-13-01"}, "body.as_of", "calendar"),
        ({"question": "a", "as_of": 20240101}, "body.as_of", "YYYY-MM-DD"),
        ({"question": "a", "as_of": "01/02/2024"}, "body.as_of", "YYYY-MM-DD"),
        ({"question": "a", "stream": "yes"}, "body.stream", "boolean"),
        ({"question": "a", "language": "fr"}, "body.language", "zh-Hans"),
        ({"question": "a", "session_id": "../x"}, "body.session_id", "pattern"),
        ({"question": "a", "scope": {"topics": "banking"}}, "body.scope.topics", "list"),
        ([], "body", "JSON object"),
        ("text", "body", "JSON object"),
    ],
)
def test_question_that_cannot_be_taken_says_which_field_and_why(
    client: httpx.Client, body: object, field: str, says: str
) -> None:
    problem = _problem(client.post("/v1/chat", json=body), 422)
    assert [one["field"] for one in problem["errors"]] == [field]
    assert says in problem["errors"][0]["message"]


def test_half_a_surrogate_pair_is_refused(client: httpx.Client) -> None:
    body = b'{"question": "\\ud83d"}'
    problem = _problem(client.post("/v1/chat", content=body, headers={"Content-Type": "application/json"}), 422)
    assert problem["errors"][0]["field"] == "body.question"


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"{", "application/json", 422),
        (b"\xff\xfe", "application/json", 422),
        (b"[" * 100_000, "application/json", 400),
        (b'{"question": "a"}', "text/plain", 422),
        (b"", "application/json", 422),
    ],
)
def test_body_that_is_no_json_object_is_refused(
    client: httpx.Client, content: bytes, content_type: str, status: int
) -> None:
    _problem(client.post("/v1/chat", content=content, headers={"Content-Type": content_type}), status)


def test_question_is_not_repeated_in_an_error(client: httpx.Client) -> None:
    response = client.post("/v1/chat", json={"question": "my secret plan", "stream": 3})
    assert "secret plan" not in response.text


def test_body_over_the_limit_is_refused_whether_announced_or_not(client: httpx.Client) -> None:
    large = json.dumps({"question": "a", "padding": "x" * 300_000}).encode()
    _problem(client.post("/v1/chat", content=large), 413)
    pieces = (large[i : i + 10_000] for i in range(0, len(large), 10_000))
    headers = {"Content-Type": "application/json"}
    _problem(client.post("/v1/chat", content=pieces, headers=headers), 413)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/v1/chat", 405, "method_not_allowed"),
        ("DELETE", "/v1/rules", 405, "method_not_allowed"),
    ],
)
def test_unknown_addresses_and_methods_are_problems_too(
    client: httpx.Client, method: str, path: str, status: int, code: str
) -> None:
    assert _problem(client.request(method, path), status)["code"] == code


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (BadQuestion("Ask otherwise."), 422),
        (ModelUnavailable("The model is away."), 503),
        (RuntimeError("secret detail"), 500),
    ],
)
def test_failure_before_the_first_event_is_a_status_and_no_stream(
    client: httpx.Client, assistant: ScriptedAssistant, failure: Exception, status: int, stream: bool
) -> None:
    assistant.failure = failure
    response = client.post("/v1/chat", json={"question": "fail before", "stream": stream})
    problem = _problem(response, status)
    assert "secret" not in response.text
    assert status == 500 or problem["detail"] == str(failure)
    assert ("retry-after" in response.headers) == (status == 503)


def test_every_response_carries_the_security_headers(client: httpx.Client, assistant: ScriptedAssistant) -> None:
    assistant.failure = RuntimeError()
    for response in (
        client.post("/v1/chat", json={"question": QUESTION}),
        client.post("/v1/chat", json={"question": "fail before"}),
        client.get("/nothing"),
        client.get("/healthz"),
    ):
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in response.headers["content-security-policy"]


def test_request_id_of_the_caller_is_kept_where_it_is_plain(client: httpx.Client) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": "abc-1"}).headers["x-request-id"] == "abc-1"
    assert client.get("/healthz", headers={"X-Request-ID": "a b\t{}"}).headers["x-request-id"].startswith("req_")
