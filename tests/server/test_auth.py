from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import httpx
import pytest

from assistant.state.keys import Keys, KeyScope
from assistant.state.store import open_state
from knowledge.library import Library
from knowledge.settings import KnowledgeSettings
from server.app import make_app
from server.auth import check_binding, is_loopback
from server.errors import BadSettings
from server.service import Service
from server.settings import ServerSettings
from tests.server.fakes import ScriptedAssistant, served

QUESTION = {"question": "Who holds client assets?"}
MakeKey = Callable[..., str]


@pytest.fixture(scope="module")
def keyed_state_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a state that holds keys."""
    return f"sqlite:///{tmp_path_factory.mktemp('keyed')}/state.sqlite"


@pytest.fixture(scope="module")
def make_key(keyed_state_url: str) -> MakeKey:
    """Makes a key as `hkva keys create` does, beside the running server; gives its token."""

    def make(*scopes: KeyScope, per_minute: int | None = None, concurrent: int | None = None) -> str:
        async def create() -> str:
            async with open_state(keyed_state_url) as state:
                _, token = await state.keys.create(
                    "test", scopes, requests_per_minute=per_minute, concurrent=concurrent
                )
                return token

        return asyncio.run(create())

    return make


@pytest.fixture(scope="module")
def keyed_address(
    small_knowledge: KnowledgeSettings,
    small_library: Library,
    assistant: ScriptedAssistant,
    keyed_state_url: str,
    make_key: MakeKey,
) -> Iterator[str]:
    """A server that asks for keys."""
    make_key(KeyScope.CHAT)
    service = Service(small_knowledge, lambda: assistant, lambda: small_library, lambda: open_state(keyed_state_url))
    with served(make_app(service, ServerSettings(cors_origins=("https://a.example",)))) as address:
        yield address


@pytest.fixture
def keyed(keyed_address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=keyed_address, timeout=20) as client:
        yield client


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer hkva_wrong", "Basic aGk6aGk=", "hkva_wrong"])
@pytest.mark.parametrize("path", ["/v1/chat", "/v1/chat/completions", "/mcp", "/metrics", "/v1/nothing"])
def test_nothing_is_answered_without_a_good_key(keyed: httpx.Client, path: str, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    response = keyed.post(path, json=QUESTION, headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.headers["content-type"] == "application/problem+json"


def test_page_and_health_are_open_to_all(keyed: httpx.Client) -> None:
    for path in ("/", "/healthz", "/readyz", "/openapi.json"):
        assert keyed.get(path).status_code == 200


def test_key_opens_what_its_scopes_say(keyed: httpx.Client, make_key: MakeKey) -> None:
    chat, ingest = _bearer(make_key(KeyScope.CHAT)), _bearer(make_key(KeyScope.INGEST))
    admin = _bearer(make_key(KeyScope.ADMIN))
    assert keyed.post("/v1/chat", json=QUESTION, headers=chat).status_code == 200
    assert keyed.post("/v1/chat", json=QUESTION, headers=admin).status_code == 200
    for path in ("/v1/chat", "/mcp"):
        refused = keyed.post(path, json=QUESTION, headers=ingest)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


def test_session_and_answer_of_another_key_are_not_found(keyed: httpx.Client, make_key: MakeKey) -> None:
    mine, other = _bearer(make_key(KeyScope.CHAT)), _bearer(make_key(KeyScope.CHAT))
    answer = keyed.post("/v1/chat", json=QUESTION, headers=mine).json()
    paths = (f"/v1/sessions/{answer['session_id']}", f"/v1/answers/{answer['id']}")
    for path in paths:
        assert keyed.get(path, headers=mine).status_code == 200
        assert keyed.get(path, headers=other).status_code == 404
        assert keyed.get(path, headers=_bearer(make_key(KeyScope.ADMIN))).status_code == 200
    assert keyed.delete(paths[0], headers=other).status_code == 404
    body = {**QUESTION, "session_id": answer["session_id"]}
    assert keyed.post("/v1/chat", json=body, headers=other).status_code == 404
    feedback = {"answer_id": answer["id"], "rating": "down"}
    assert keyed.post("/v1/feedback", json=feedback, headers=other).status_code == 404


def test_requests_over_the_limit_are_told_when_to_try_again(keyed: httpx.Client, make_key: MakeKey) -> None:
    token = _bearer(make_key(KeyScope.CHAT, per_minute=2))
    statuses = [keyed.get("/v1/models", headers=token).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    response = keyed.get("/v1/models", headers=token)
    assert 1 <= int(response.headers["retry-after"]) <= 60
    assert response.json()["code"] == "too_many_requests"


def test_requests_at_the_same_time_are_limited_until_one_ends(
    keyed: httpx.Client, make_key: MakeKey, assistant: ScriptedAssistant
) -> None:
    token = _bearer(make_key(KeyScope.CHAT, concurrent=1))
    assistant.go.clear()
    with keyed.stream("POST", "/v1/chat", json={"question": "slow", "stream": True}, headers=token) as slow:
        lines = slow.iter_lines()
        next(lines)
        assert keyed.get("/v1/models", headers=token).status_code == 429
        assistant.go.set()
        assert any(line == "event: finished" for line in lines)
    assert keyed.get("/v1/models", headers=token).status_code == 200


def test_page_of_an_allowed_origin_may_ask(keyed: httpx.Client, make_key: MakeKey) -> None:
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    allowed = keyed.options("/v1/chat", headers={"Origin": "https://a.example", **asks})
    assert allowed.headers["access-control-allow-origin"] == "https://a.example"
    refused = keyed.options("/v1/chat", headers={"Origin": "https://b.example", **asks})
    assert "access-control-allow-origin" not in refused.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Host": "127.0.0.1.evil.example"},
    ],
)
@pytest.mark.parametrize("path", ["/v1/chat", "/mcp"])
def test_without_keys_a_page_of_another_origin_or_name_is_refused(
    client: httpx.Client, headers: dict[str, str], path: str
) -> None:
    assert client.post(path, json=QUESTION, headers=headers).status_code == 403


def test_without_keys_a_caller_behind_a_proxy_is_refused(client: httpx.Client) -> None:
    response = client.post("/v1/chat", json=QUESTION, headers={"X-Forwarded-For": "203.0.113.9"})
    assert response.status_code == 401


async def test_listening_to_other_machines_needs_a_key(state_url: str) -> None:
    async with open_state(f"{state_url}-bare") as state:
        await check_binding("127.0.0.1", state.keys)
        for host in ("0.0.0.0", "::", "192.0.2.1", "hkva.example"):
            with pytest.raises(BadSettings, match="hkva keys create"):
                await check_binding(host, state.keys)
        keys: Keys = state.keys
        await keys.create("a", [KeyScope.CHAT])
        await check_binding("0.0.0.0", state.keys)


@pytest.mark.parametrize(
    ("host", "expected"),
    [("localhost", True), ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("0.0.0.0", False), ("", False)],
)
def test_loopback_is_told_from_other_names(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
