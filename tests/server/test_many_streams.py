"""Two hundred people read at once: every stream is held open, and none loses anything."""

from __future__ import annotations

import asyncio
import json

import httpx

from tests.server.fakes import ScriptedAssistant

_MANY = 200


async def test_two_hundred_streams_are_held_at_once_and_each_ends_with_its_stored_answer(
    address: str, assistant: ScriptedAssistant
) -> None:
    assistant.go.clear()
    begun = 0

    async def read(client: httpx.AsyncClient) -> dict[str, str]:
        nonlocal begun
        event = ""
        async with client.stream("POST", "/v1/chat", json={"question": "slow", "stream": True}) as response:
            async for line in response.aiter_lines():
                event = line.removeprefix("event: ") if line.startswith("event: ") else event
                if line.startswith("data: ") and event == "started":
                    begun += 1
                    # Nobody goes on before everybody has begun: so all are open at once.
                    if begun == _MANY:
                        assistant.go.set()
                if line.startswith("data: ") and event == "finished":
                    return dict(json.loads(line.removeprefix("data: ")))
        raise AssertionError("The stream ended without an answer.")

    unlimited = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=address, timeout=240, limits=unlimited) as client:
        answers = await asyncio.gather(*(read(client) for _ in range(_MANY)))
        assert len({answer["id"] for answer in answers}) == _MANY
        for answer in answers:
            kept = (await client.get(f"/v1/answers/{answer['id']}")).raise_for_status().json()
            assert kept["answer"] == answer
