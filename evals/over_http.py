"""Assistants elsewhere: a server that speaks our API, or any OpenAI-compatible endpoint."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from evals.case import Case
from evals.errors import TargetError
from evals.held import HeldOverHttp
from evals.reply import Reply, reply_from_wire


class HttpTarget:
    """A server that speaks our API, at `http://host:port`."""

    def __init__(self, address: str, key: str = "", timeout_s: float = 120.0) -> None:
        self.name = address.rstrip("/")
        self._client = _client(self.name, key, timeout_s)
        self._records = HeldOverHttp(self._client)

    async def ask(self, case: Case) -> Reply:
        """Asks in a session of the case's own."""
        session: dict[str, str] = {}
        for earlier in case.turns:
            body = await _post(self._client, "/v1/chat", {"question": earlier} | session)
            session = {"session_id": body.get("session_id", "")}
        day = {"as_of": case.as_of.isoformat()} if case.as_of else {}
        begun = time.perf_counter()
        body = await _post(self._client, "/v1/chat", {"question": case.question} | day | session)
        seconds = time.perf_counter() - begun
        await self._records.look_up(citation["id"] for citation in body.get("citations", ()))
        try:
            return reply_from_wire(body, seconds, self._records.held)
        except (KeyError, ValueError, TypeError) as error:
            raise TargetError(f"{self.name} does not answer as version 1 of our API does ({error!r}).") from error

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


@dataclass(frozen=True, slots=True)
class Prices:
    """Price of a million tokens read and written."""

    read: float
    written: float


class OpenAITarget:
    """Any endpoint that speaks OpenAI's chat completions, at its base address (`http://host/v1`)."""

    def __init__(
        self, address: str, model: str, key: str = "", timeout_s: float = 120.0, prices: Prices | None = None
    ) -> None:
        self.name = f"openai:{address.rstrip('/')}"
        self._model = model
        self._prices = prices
        self._client = _client(address.rstrip("/"), key, timeout_s)

    async def ask(self, case: Case) -> Reply:
        """Asks with the conversation so far. A date beside the question is said in words."""
        messages: list[dict[str, str]] = []
        for earlier in case.turns:
            messages.append({"role": "user", "content": earlier})
            messages.append({"role": "assistant", "content": _text_in(await self._complete(messages))})
        date_said = f"\n\n(As of {case.as_of.isoformat()}.)" if case.as_of else ""
        messages.append({"role": "user", "content": case.question + date_said})
        begun = time.perf_counter()
        body = await self._complete(messages)
        seconds = time.perf_counter() - begun
        tokens, cost = self._tokens_and_cost(body.get("usage") or {})
        model = str(body.get("model", self._model))
        return Reply(text=_text_in(body), seconds=seconds, tokens=tokens, cost=cost, model=model)

    def _tokens_and_cost(self, usage: Mapping[str, Any]) -> tuple[int | None, float | None]:
        if "prompt_tokens" not in usage or "completion_tokens" not in usage:
            return None, None
        read, written = int(usage["prompt_tokens"]), int(usage["completion_tokens"])
        if self._prices is None:
            return read + written, None
        return read + written, (read * self._prices.read + written * self._prices.written) / 1_000_000

    async def _complete(self, messages: list[dict[str, str]]) -> dict[str, Any]:
        return await _post(self._client, "/chat/completions", {"model": self._model, "messages": messages})

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _client(address: str, key: str, timeout_s: float) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.AsyncClient(base_url=address, headers=headers, timeout=timeout_s)


async def _post(client: httpx.AsyncClient, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    try:
        response = await client.post(path, json=body)
    except httpx.TransportError as error:
        raise TargetError(f"{client.base_url} cannot be reached ({type(error).__name__}: {error}).") from error
    if not response.is_success:
        raise TargetError(f"{client.base_url} answered {response.status_code}: {response.text[:300]}")
    try:
        answer = response.json()
    except ValueError as error:
        raise TargetError(f"{client.base_url} did not answer with JSON. Check the address.") from error
    if not isinstance(answer, dict):
        raise TargetError(f"{client.base_url} answered with no JSON object. Check the address.")
    return answer


def _text_in(body: Mapping[str, Any]) -> str:
    try:
        return str(body["choices"][0]["message"]["content"] or "")
    except (KeyError, IndexError, TypeError) as error:
        raise TargetError("The endpoint's answer holds no choices[0].message.content. Check the address.") from error
