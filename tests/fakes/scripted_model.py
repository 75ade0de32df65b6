"""A chat model that says what a test tells it to, token by token, and remembers what it was asked."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable, RunnableLambda
from pydantic import PrivateAttr

from assistant.chat_model import ChatModel
from assistant.model_settings import ModelSettings


@dataclass(frozen=True, slots=True)
class Say:
    """A reply: its text, why it ends ("" breaks off without a word), and an error raised at its end."""

    text: str
    reason: str = "stop"
    error: Exception | None = None
    wait_s: float = 0.0


Reply = Say | str | Exception
Script = Sequence[Reply] | Callable[[str], Reply]
"""Replies in order, or a function from the whole prompt to a reply."""


class ScriptedModel(BaseChatModel):
    """Streams its replies in pieces of a few characters and counts a token a piece."""

    _script: list[Reply] = PrivateAttr(default_factory=list)
    _obey: Callable[[str], Reply] | None = PrivateAttr(default=None)
    _prompts: list[str] = PrivateAttr(default_factory=list)

    def __init__(self, script: Script) -> None:
        super().__init__()
        if callable(script):
            self._obey = script
        else:
            self._script = list(script)

    @property
    def prompts(self) -> list[str]:
        """What it was asked, each as one text."""
        return self._prompts

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _next(self, messages: list[BaseMessage]) -> Say:
        prompt = "\n\n".join(f"{message.type}: {message.text}" for message in messages)
        self._prompts.append(prompt)
        reply = self._obey(prompt) if self._obey is not None else self._script.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return Say(reply) if isinstance(reply, str) else reply

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        said = self._next(messages)
        if said.error is not None:
            raise said.error
        usage = UsageMetadata(input_tokens=10, output_tokens=5, total_tokens=15)
        return ChatResult(generations=[ChatGeneration(message=AIMessage(said.text, usage_metadata=usage))])

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        said = self._next(messages)
        pieces = re.findall(r"(?s).{1,7}", said.text)
        for piece in pieces:
            await asyncio.sleep(said.wait_s)
            yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
        if said.error is not None:
            raise said.error
        usage = UsageMetadata(input_tokens=10, output_tokens=len(pieces), total_tokens=10 + len(pieces))
        ending = {"finish_reason": said.reason} if said.reason else {}
        yield ChatGenerationChunk(message=AIMessageChunk(content="", usage_metadata=usage, response_metadata=ending))

    def with_structured_output(self, schema: Any, **kwargs: Any) -> Runnable[Any, Any]:
        """Replies are JSON texts; one that is none, or does not fit, parses to None."""

        def parse(message: AIMessage) -> dict[str, Any]:
            try:
                return {
                    "raw": message,
                    "parsed": schema.model_validate(json.loads(message.text)),
                    "parsing_error": None,
                }
            except ValueError as error:
                return {"raw": message, "parsed": None, "parsing_error": error}

        return self | RunnableLambda(parse)


def scripted(script: Script, **settings: Any) -> tuple[ChatModel, ScriptedModel]:
    """A chat model over a script, with quick retries, and the model itself to look into."""
    model = ScriptedModel(script)
    chosen: dict[str, Any] = {"model_backoff_s": 0.0, **settings}
    return ChatModel(model, "scripted:model", ModelSettings(**chosen)), model
