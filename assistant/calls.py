"""The model calls of one answer: bounded in number and time, retried, counted.

Only what fails in passing (network, rate limit, server error) is tried again, and only while nothing of the reply was
passed on. A reply that ends without saying why it ended was cut off.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from assistant.errors import ModelRefused, ModelUnavailable
from assistant.model_errors import as_model_error, retry_after_s
from assistant.model_settings import ModelSettings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk

Message = tuple[str, str]
"""Role (`system`, `human` or `ai`) and text."""
_M = TypeVar("_M", bound=BaseModel)
_ENDED = frozenset({"stop", "end_turn", "stop_sequence", "eos"})
_CUT = frozenset({"length", "max_tokens", "model_context_window_exceeded"})
_REFUSED = frozenset({"content_filter", "refusal", "safety", "recitation", "blocklist", "prohibited_content", "spii"})


@dataclass(frozen=True, slots=True)
class Usage:
    """What one answer has cost: calls (attempts included), tokens as the provider counts them, and the first wait."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    first_token_ms: float | None = None


class Calls:
    """The calls of one answer to the model `name`; the deadline runs from the making of this object."""

    def __init__(self, model: BaseChatModel, name: str, settings: ModelSettings) -> None:
        self.name = name
        self.settings = settings
        self._model = model
        self._began = time.monotonic()
        self._ends = self._began + settings.model_deadline_s
        self._usage = Usage()
        self.was_cut = False
        """Whether a reply ended at its greatest length."""

    @property
    def usage(self) -> Usage:
        """What was used so far."""
        return self._usage

    async def complete(self, messages: Sequence[Message]) -> str:
        """The whole reply. Raises ModelError."""
        return "".join([piece async for piece in self.stream(messages)])

    async def stream(self, messages: Sequence[Message]) -> AsyncIterator[str]:
        """The reply as it comes. Raises ModelError, also after pieces were given: then the reply is not whole."""
        attempt = 0
        while True:
            attempt += 1
            given = False
            self._count_call()
            try:
                async for piece in self._pieces(messages):
                    given = True
                    yield piece
                return
            except Exception as error:
                failure = as_model_error(error, self.name)
                again = isinstance(failure, ModelUnavailable) and not given
                if not again or attempt >= self.settings.model_attempts or not await self._waited(error, attempt):
                    raise failure from error

    async def structured(self, messages: Sequence[Message], schema: type[_M]) -> _M:
        """A reply in the form of `schema`. Raises ModelRefused where the model gives none that fits."""
        runnable = self._model.with_structured_output(schema, include_raw=True)
        attempt = 0
        while True:
            attempt += 1
            self._count_call()
            try:
                async with asyncio.timeout(self._left()):
                    reply: Any = await runnable.ainvoke(list(messages))
                break
            except Exception as error:
                failure = as_model_error(error, self.name)
                again = isinstance(failure, ModelUnavailable) and attempt < self.settings.model_attempts
                if not again or not await self._waited(error, attempt):
                    raise failure from error
        self._count_tokens(reply["raw"])
        try:
            return schema.model_validate(reply["parsed"])
        except ValidationError as error:
            raise ModelRefused(f"{self.name} did not keep to the form asked for. Try another model.") from error

    async def _pieces(self, messages: Sequence[Message]) -> AsyncIterator[str]:
        reply = self._model.astream(list(messages))
        reason = ""
        try:
            while True:
                async with asyncio.timeout(min(self._left(), self.settings.model_silence_s)):
                    try:
                        chunk = await anext(reply)
                    except StopAsyncIteration:
                        break
                self._count_tokens(chunk)
                reason = _reason(chunk) or reason
                if chunk.text:
                    if self._usage.first_token_ms is None:
                        self._set(first_token_ms=(time.monotonic() - self._began) * 1_000)
                    yield str(chunk.text)
        finally:
            close = getattr(reply, "aclose", None)
            if close is not None:
                await close()
        self._check_end(reason)

    def _check_end(self, reason: str) -> None:
        if reason in _CUT:
            self.was_cut = True
            raise ModelRefused(f"{self.name} was cut off at its longest reply. Raise HKVA_MODEL_MAX_TOKENS.")
        if reason in _REFUSED:
            raise ModelRefused(f"{self.name} refused to answer.")
        if reason not in _ENDED:
            raise ModelUnavailable(f"{self.name}'s reply was cut off before its end. Try again.")

    def _left(self) -> float:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise ModelUnavailable(
                f"{self.name} took longer than {self.settings.model_deadline_s:g} s."
                " Try again, or raise HKVA_MODEL_DEADLINE_S."
            )
        return left

    async def _waited(self, error: BaseException, attempt: int) -> bool:
        """Wait before the next attempt; False where neither time nor calls are left for one."""
        wait = self.settings.model_backoff_s * 2 ** (attempt - 1) * random.uniform(0.5, 1.0)
        wait = max(wait, retry_after_s(error) or 0.0)
        if time.monotonic() + wait >= self._ends or self._usage.calls >= self.settings.model_calls:
            return False
        await asyncio.sleep(wait)
        return True

    def _count_call(self) -> None:
        if self._usage.calls >= self.settings.model_calls:
            raise ModelUnavailable(
                f"One answer may ask {self.name} {self.settings.model_calls} times. Raise HKVA_MODEL_CALLS."
            )
        self._set(calls=self._usage.calls + 1)

    def _count_tokens(self, message: AIMessageChunk) -> None:
        counted = getattr(message, "usage_metadata", None)
        if counted:
            self._set(
                input_tokens=self._usage.input_tokens + counted["input_tokens"],
                output_tokens=self._usage.output_tokens + counted["output_tokens"],
            )

    def _set(self, **values: Any) -> None:
        self._usage = replace(self._usage, **values)


def _reason(chunk: AIMessageChunk) -> str:
    """Why the reply ended, in lower case, where this chunk says so."""
    said = chunk.response_metadata
    for key in ("finish_reason", "stop_reason", "done_reason"):
        if isinstance(said.get(key), str) and said[key]:
            return str(said[key]).lower()
    return ""
