"""The OpenAI protocol: chat completions in and out. Two conversions, and nothing that decides.

The client's system messages are its own instructions to a general model; ours answers from records only, so they are
read over. Of the parameters that tune a model none applies; what would change the form of the answer is refused.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

import anyio
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from assistant.answer import Answer
from assistant.errors import BadQuestion
from assistant.events import Delta, Event, Finished, Started
from assistant.question import Question, Turn
from knowledge.rule import Language
from server.problems import Problem
from server.sse import Relay
from server.visible import sources_text, split_visible
from server.wire import AnswerOut, CitationOut, PlainDate, Text, answer_out, citation_out

MODEL = "hkva"
MAX_TURNS = 6


class _Lenient(BaseModel):
    """The protocol's objects have many fields that do not concern us."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class TextPart(_Lenient):
    """A part of a message."""

    type: Literal["text"]
    text: Text


class Message(_Lenient):
    """One message."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Text | list[TextPart] | None = None

    @property
    def text(self) -> str:
        """The message's text, its parts joined."""
        if self.content is None or isinstance(self.content, str):
            return self.content or ""
        return "\n".join(part.text for part in self.content)


class StreamOptions(_Lenient):
    """What a stream shall also carry."""

    include_usage: StrictBool = False


class ResponseFormat(_Lenient):
    """The form of the answer; ours is text."""

    type: Literal["text"]


class CompletionRequest(_Lenient):
    """A chat completion. The last message is the question; those before it are its history."""

    model_config = ConfigDict(
        extra="ignore",
        frozen=True,
        json_schema_extra={
            "examples": [{"model": MODEL, "messages": [{"role": "user", "content": "Who licenses trading platforms?"}]}]
        },
    )

    model: Literal["hkva"] = Field(description="The one model that there is; GET /v1/models names it.")
    messages: list[Message] = Field(min_length=1, max_length=1_000)
    stream: StrictBool | None = None
    stream_options: StreamOptions | None = None
    n: Annotated[int, Field(ge=1, le=1)] | None = None
    response_format: ResponseFormat | None = None
    as_of: PlainDate | None = Field(default=None, description="Not of the protocol: as the rules stood on this day.")
    language: Literal["auto", "en", "zh-Hans", "zh-Hant"] = Field(
        default="auto", description="Not of the protocol: language of the answer."
    )

    def to_question(self) -> Question:
        """The question with its history. Raises BadQuestion where the last message is not the user's."""
        last = self.messages[-1]
        if last.role != "user":
            raise BadQuestion("The last message must be of the role user: it is the question.")
        language: Language | None = None if self.language == "auto" else self.language
        return Question(last.text, self.as_of, language, turns=_turns(self.messages[:-1]))

    @property
    def wants_usage(self) -> bool:
        """Whether the stream shall end with a count of tokens."""
        return self.stream_options is not None and self.stream_options.include_usage


class Usage(BaseModel):
    """Tokens charged: none, whatever was asked."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0


class ReplyMessage(BaseModel):
    """The assistant's message."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None


class Choice(BaseModel):
    """The one choice."""

    index: int = 0
    message: ReplyMessage
    finish_reason: Literal["stop"] = "stop"
    logprobs: None = None


class Completion(BaseModel):
    """A chat completion; `citations` and `hkva` (the whole answer) stand beside the protocol's own fields."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str = MODEL
    choices: list[Choice]
    usage: Usage = Usage()
    citations: list[CitationOut]
    hkva: AnswerOut


class ModelOut(BaseModel):
    """A model that can be asked."""

    id: str = MODEL
    object: Literal["model"] = "model"
    created: int
    owned_by: str = "hkva"


class ModelList(BaseModel):
    """The models that can be asked."""

    object: Literal["list"] = "list"
    data: list[ModelOut]


def to_completion(answer: Answer, session_id: str, created: int) -> Completion:
    """An answer as a completion; `created` in seconds since 1970."""
    shown = answer_out(answer, session_id)
    message = ReplyMessage(content=answer.text + sources_text(answer))
    return Completion(
        id=answer.id, created=created, choices=[Choice(message=message)], citations=shown.citations, hkva=shown
    )


async def encode_chunks(
    relay: Relay[Event], created: int, keepalive_s: float, wants_usage: bool, request_id: str | None
) -> AsyncIterator[bytes]:
    """The bytes of a streamed completion: one id throughout, sources after the text, `[DONE]` at the end."""
    writer = _Chunks(created)
    answer: Answer | None = None
    while True:
        try:
            event = await relay.next(keepalive_s)
        except anyio.EndOfStream:
            break
        if event is None:
            yield KEEPALIVE_COMMENT
        elif isinstance(event, Delta):
            yield writer.delta({"content": event.text})
        elif isinstance(event, Finished):
            answer = event.answer
        elif isinstance(event, Started):
            writer.id = event.id
            yield writer.delta({"role": "assistant", "content": ""})
    if answer is None:
        yield _error(await relay.problem(request_id))
        return
    if sources := sources_text(answer):
        yield writer.delta({"content": sources})
    citations = [citation_out(one).model_dump(mode="json") for one in answer.citations]
    yield writer.chunk([{"index": 0, "delta": {}, "finish_reason": "stop", "logprobs": None}], citations=citations)
    if wants_usage:
        yield writer.chunk([], usage=Usage().model_dump())
    yield format_sse_event(data_str="[DONE]")


class _Chunks:
    """Writes the chunks of one completion."""

    def __init__(self, created: int) -> None:
        self.id = ""
        self._created = created

    def delta(self, delta: dict[str, str]) -> bytes:
        return self.chunk([{"index": 0, "delta": delta, "finish_reason": None, "logprobs": None}])

    def chunk(self, choices: list[dict[str, Any]], **beside: Any) -> bytes:
        body = {"id": self.id, "object": "chat.completion.chunk", "created": self._created, "model": MODEL}
        return _data({**body, "choices": choices, **beside})


def _error(problem: Problem) -> bytes:
    """A failure within a stream, in the form in which the protocol's clients raise it."""
    return _data({"error": {"message": problem.detail, "type": problem.code, "code": problem.code, "param": None}})


def _data(body: dict[str, Any]) -> bytes:
    return format_sse_event(data_str=json.dumps(body, ensure_ascii=False))


def _turns(messages: list[Message]) -> tuple[Turn, ...]:
    """Questions with their answers; a question without an answer and what is not talk are left out."""
    turns: list[Turn] = []
    question = ""
    for message in messages:
        if message.role == "user":
            question = message.text
        elif message.role == "assistant" and question.strip():
            text, cited = split_visible(message.text)
            turns.append(Turn(question, text, cited))
            question = ""
    return tuple(turns[-MAX_TURNS:])
