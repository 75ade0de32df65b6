from __future__ import annotations

import time

import httpx
from prometheus_client.parser import text_string_to_metric_families

from assistant.errors import ModelUnavailable
from tests.server.fakes import ScriptedAssistant


def _counted(client: httpx.Client) -> dict[tuple[str, tuple[str, ...]], float]:
    response = client.get("/metrics").raise_for_status()
    assert response.headers["content-type"].startswith("text/plain")
    families = text_string_to_metric_families(response.text)
    samples = [one for family in families for one in family.samples]
    return {(one.name, tuple(sorted(one.labels.values()))): one.value for one in samples}


def _counted_whole(
    client: httpx.Client, before: dict[tuple[str, tuple[str, ...]], float], requests: int
) -> dict[tuple[str, tuple[str, ...]], float]:
    """The counts once so many requests for answers are among them: each is counted after its last byte was sent."""
    deadline = time.monotonic() + 10
    while True:
        after = _counted(client)
        more = sum(
            value - before.get(key, 0)
            for key, value in after.items()
            if key[0] == "hkva_requests_total" and "/v1/chat" in key[1]
        )
        if more >= requests or time.monotonic() > deadline:
            return after
        time.sleep(0.02)


def test_requests_answers_citations_and_failures_are_counted(
    client: httpx.Client, assistant: ScriptedAssistant
) -> None:
    assistant.failure = ModelUnavailable("away")
    before = _counted(client)
    client.post("/v1/chat", json={"question": "Who?"})
    client.post("/v1/chat", json={"question": "refuse", "stream": True})
    client.post("/v1/chat", json={"question": "fail after"})
    after = _counted_whole(client, before, requests=3)

    def more(name: str, *labels: str) -> float:
        key = (name, tuple(sorted(labels)))
        return after[key] - before.get(key, 0)

    assert more("hkva_requests_total", "/v1/chat", "POST", "200") == 2
    assert more("hkva_requests_total", "/v1/chat", "POST", "503") == 1
    assert more("hkva_answers_total", "answered", "scripted") == 1
    assert more("hkva_citations_total") == 1
    assert more("hkva_answer_failures_total", "model_unavailable") == 1
    assert after[("hkva_answers_under_way", ())] == 0
    assert after[("hkva_library_info", (assistant.library.version,))] == 1
    assert after[("hkva_library_age_seconds", ())] > 0


def test_paths_that_somebody_makes_up_do_not_become_labels(client: httpx.Client) -> None:
    client.get("/invented/by/somebody")
    assert "invented" not in client.get("/metrics").text
