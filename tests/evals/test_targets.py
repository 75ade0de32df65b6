"""Each target gives the same kind of reply, asked with the session that a case describes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from assistant.answer import Answer, Outcome
from assistant.events import fold
from assistant.question import Question
from evals.case import Case, Expect
from evals.errors import TargetError
from evals.opened import open_elsewhere
from evals.over_http import HttpTarget, OpenAITarget, Prices
from evals.reply import Reply
from evals.score import score
from evals.targets import LocalTarget
from knowledge.e5_embedder import E5Embedder
from knowledge.library import Library, open_library
from knowledge.settings import KnowledgeSettings
from server.wire import AnswerOut, ChatRequest, answer_out
from server.wire_records import RuleOut, rule_out
from tests.server.fakes import TODAY, ScriptedAssistant, served

CASE = Case(
    "custody-en",
    "What must a bank that holds digital assets for clients do?",
    "en",
    "custody",
    Expect(rules=(("bank-custody-2026",),)),
    turns=("Who may hold them?",),
    as_of=date(2026, 6, 1),
)


class Asking(ScriptedAssistant):
    """The scripted assistant with the whole of the contract."""

    async def ask(self, question: Question) -> Answer:
        answer = await fold(self.stream(question))
        found = ("bank-custody-2026#en", "hkma/note#120", "bank-custody-2026#zh-2")
        return replace(answer, receipt=replace(answer.receipt, passages=found))


@pytest.fixture(scope="module")
def library(small_knowledge: KnowledgeSettings, embedder: E5Embedder) -> Iterator[Library]:
    opened = open_library(small_knowledge.library_dir, embedder)
    yield opened
    opened.close()


@pytest.fixture
def assistant(library: Library) -> Asking:
    return Asking(library)


@pytest.fixture
def address(library: Library, assistant: Asking) -> Iterator[str]:
    """A server of the routes that a target needs, with the wire shapes of the real one."""
    app = FastAPI()

    @app.post("/v1/chat")
    async def chat(body: ChatRequest) -> AnswerOut:
        return answer_out(await assistant.ask(body.to_question()), "ses_1")

    @app.get("/v1/rules/{rule_id}")
    def rule(rule_id: str) -> RuleOut:
        return rule_out(library.rules[rule_id], library, TODAY)

    with served(app) as url:
        yield url


def checked(reply: Reply, case: Case = CASE) -> None:
    assert reply.outcome is Outcome.ANSWERED
    assert reply.as_of == case.as_of
    assert reply.confidence == 0.9
    assert reply.model == "scripted"
    assert reply.citations is not None
    (cited,) = reply.citations
    assert cited.id == "bank-custody-2026"
    assert cited.quote == cited.held != ""
    assert reply.retrieved == ("bank-custody-2026", "hkma/note")


async def test_local_assistant_is_asked_with_the_turns_that_it_answered(assistant: Asking) -> None:
    reply = await LocalTarget(assistant, TODAY).ask(CASE)
    checked(reply)
    first, last = assistant.asked
    assert (first.text, first.as_of, first.turns) == ("Who may hold them?", None, ())
    assert (last.text, last.as_of) == (CASE.question, CASE.as_of)
    (turn,) = last.turns
    assert (turn.question, turn.cited, turn.as_of) == ("Who may hold them?", ("bank-custody-2026",), None)
    assert turn.answer.endswith("[1]")


async def test_server_gives_the_reply_that_the_assistant_behind_it_gives(address: str, assistant: Asking) -> None:
    target = HttpTarget(address)
    case = replace(CASE, turns=())
    over_http = await target.ask(case)
    await target.close()
    checked(over_http)
    local = await LocalTarget(assistant, TODAY).ask(case)
    assert replace(over_http, seconds=0) == replace(local, seconds=0)


async def test_quote_that_the_record_does_not_hold_is_found_out_over_http(address: str, assistant: Asking) -> None:
    target = HttpTarget(address)
    reply = await target.ask(replace(CASE, turns=()))
    await target.close()
    assert reply.citations is not None
    forged = replace(reply, citations=(replace(reply.citations[0], quote="Banks need do nothing."),))
    assert score([(CASE, reply)], {})[0].values["quotes"] == 1
    assert score([(CASE, forged)], {})[0].values["quotes"] == 0


async def test_server_that_is_not_there_says_where_it_was_looked_for() -> None:
    target = HttpTarget("http://127.0.0.1:9")
    with pytest.raises(TargetError, match=r"127\.0\.0\.1:9"):
        await target.ask(CASE)
    await target.close()


async def test_refused_question_carries_what_the_server_said(address: str) -> None:
    target = HttpTarget(address)
    with pytest.raises(TargetError, match="answered 4"):
        await target.ask(replace(CASE, question="x" * 3_000, turns=()))
    await target.close()


@pytest.fixture
def other() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """An OpenAI-compatible endpoint that remembers its requests."""
    seen: list[dict[str, Any]] = []
    app = FastAPI()

    @app.post("/v1/chat/completions")
    async def complete(request: Request) -> JSONResponse:
        body = await request.json()
        seen.append(body | {"key": request.headers.get("authorization")})
        text = "I do not have information on that." if "2031" in body["messages"][-1]["content"] else "HK$5 million."
        return JSONResponse(
            {
                "model": "other-1",
                "choices": [{"message": {"role": "assistant", "content": text}}],
                "usage": {"prompt_tokens": 400, "completion_tokens": 100},
            }
        )

    with served(app) as url:
        yield f"{url}/v1", seen


async def test_other_assistants_answer_the_same_cases(other: tuple[str, list[dict[str, Any]]]) -> None:
    address, seen = other
    target = OpenAITarget(address, "other", "k-1", prices=Prices(2, 10))
    case = replace(CASE, expect=Expect(key_facts=(("HK$5 million",),), rules=(("a",),)))
    unanswerable = Case("fee", "Fee in 2031?", "en", "hard", Expect(outcome=frozenset({Outcome.INSUFFICIENT})))
    replies = [(one, await target.ask(one)) for one in (case, unanswerable)]
    await target.close()
    assert [message["role"] for message in seen[1]["messages"]] == ["user", "assistant", "user"]
    assert seen[1]["messages"][-1]["content"].endswith("(As of 2026-06-01.)")
    assert seen[0]["key"] == "Bearer k-1"
    first, second = score(replies, {})
    assert (first.values["right"], second.values["right"]) == (1, 1)
    assert first.values["tokens"] == 500
    assert first.values["cost"] == pytest.approx(0.0018)
    assert first.skipped["citation_recall"] == "not given by the target"


async def test_endpoint_of_another_shape_is_refused(other: tuple[str, list[dict[str, Any]]]) -> None:
    target = OpenAITarget(other[0].removesuffix("/v1"), "other")
    with pytest.raises(TargetError, match="404"):
        await target.ask(CASE)
    await target.close()


@pytest.mark.parametrize(
    ("address", "model", "price", "says"),
    [
        ("ftp://host", "", "", "No target"),
        ("openai:host/v1", "m", "", "No target"),
        ("openai:http://host/v1", "", "", "--model"),
        ("openai:http://host/v1", "m", "cheap", "prices"),
    ],
)
def test_address_that_cannot_be_asked_is_refused_with_what_to_write(
    address: str, model: str, price: str, says: str
) -> None:
    with pytest.raises(TargetError, match=says):
        open_elsewhere(address, model, "", 1.0, price)
