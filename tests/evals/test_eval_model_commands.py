"""`hkva eval judge`, `draft` and `harvest` from the command line to the file, over the wire to a scripted model."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from typer.testing import CliRunner

from assistant.answer import Answer, Outcome
from assistant.question import Question
from assistant.state.store import open_state, url_in
from evals.case import Case, Expect
from evals.case_file import read_cases
from evals.errors import CaseError
from evals.judge import read_calibration
from evals.reply import Cited, Reply
from evals.run import run
from evals.runlog import RunInfo, suite_digest
from knowledge.e5_embedder import E5Embedder
from knowledge.ingestion import ingest
from knowledge.settings import KnowledgeSettings
from server.commands.eval import app
from tests.server.fakes import served

DOCUMENT = "# House rules\n\nThe house charges clients a custody fee of 35 basis points a year on digital assets.\n"


def hkva(*arguments: object) -> str:
    ended = CliRunner().invoke(app, [str(one) for one in arguments])
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    assert ended.exit_code == 0, ended.output
    return ended.output


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """A model behind an OpenAI-compatible server: marks all right, proposes one true and one made-up case."""
    seen: list[dict[str, Any]] = []
    sentence = "The house charges clients a custody fee of 35 basis points a year on digital assets."
    true = {"question": "What does custody cost a year?", "key_facts": ["35 basis points"], "quote": sentence}
    made_up = {"question": "Who owns the house?", "key_facts": ["Ms Chan"], "quote": "Ms Chan owns the house."}
    replies = {
        "Verdict": {"reason": "as expected", "correct": True, "faithful": True},
        "Proposals": {"cases": [true, made_up]},
    }
    api = FastAPI()

    @api.post("/v1/chat/completions")
    async def complete(request: Request) -> JSONResponse:
        body = await request.json()
        seen.append(body)
        wanted = next(name for name in replies if name in json.dumps([body.get("response_format"), body.get("tools")]))
        message = {"role": "assistant", "content": json.dumps(replies[wanted]), "refusal": None}
        return JSONResponse(
            {
                "id": "c1", "object": "chat.completion", "created": 1, "model": "scripted",
                "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12},
            },
            headers={"connection": "close"},
        )  # fmt: skip

    with served(api) as url:
        monkeypatch.setenv("HKVA_MODEL_URL", f"{url}/v1")
        monkeypatch.setenv("HKVA_MODEL_KEY", "k")
        yield seen


def test_judge_prints_its_agreement_and_the_report_shows_it(tmp_path: Path, model: list[dict[str, Any]]) -> None:
    class Scripted:
        name = "scripted"

        async def ask(self, case: Case) -> Reply:
            return Reply(
                text="HK$5 million [1].", outcome=Outcome.ANSWERED, citations=(Cited(1, "a", "in_force", "q"),)
            )

        async def close(self) -> None:
            pass

    cases = [Case("c1", "Minimum capital?", "en", "figures", Expect(key_facts=(("HK$5 million",),)))]
    log = tmp_path / "log.jsonl"
    info = RunInfo("figures", "scripted", "extractive", "2026-11-23", suite_digest(cases))
    asyncio.run(run(Scripted(), cases, info, log))
    shown = hkva("judge", log, "--model", "openai:judge-1")
    assert "Judged correct 100.0 % of 1 by openai:judge-1 (kappa with people 0.00 on" in shown
    assert len(model) == 1 + len(read_calibration())
    hkva("report", log, "--judged", tmp_path / "log.judged.jsonl")
    assert "kappa with people 0.00" in (tmp_path / "log.html").read_text(encoding="utf-8")


def test_draft_adds_what_stands_in_the_document_and_says_what_it_dropped(
    small_knowledge: KnowledgeSettings,
    embedder: E5Embedder,
    tmp_path: Path,
    model: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data_dir = tmp_path / "data"
    shutil.copytree(small_knowledge.data_dir, data_dir, symlinks=True)
    document = tmp_path / "house.md"
    document.write_text(DOCUMENT, encoding="utf-8")
    settings = small_knowledge.model_copy(update={"data_dir": data_dir})
    monkeypatch.setenv("HKVA_DATA_DIR", str(data_dir))
    out = tmp_path / "cases.jsonl"
    with pytest.raises(CaseError, match="hkva ingest"):
        hkva("draft", out, "--model", "openai:drafter")
    ingest([str(document)], settings, embedder)
    shown = hkva("draft", out, "--model", "openai:drafter", "--each", "2")
    assert "dropped, own/house.md: Who owns the house?: its sentence is not in the document" in shown
    (case,) = read_cases(out)
    assert case.expect.key_facts == (("35 basis points",),)
    assert case.expect.rules == (("own/house.md",),)
    assert "0 new draft cases" in hkva("draft", out, "--model", "openai:drafter")


def test_harvest_writes_drafts_from_the_state_in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HKVA_DATA_DIR", str(tmp_path))

    async def happened() -> None:
        async with open_state(url_in(tmp_path)) as state:
            session = await state.sessions.begin(None, owner="anna", channel="http")
            answer = Answer("ans_1", Outcome.INSUFFICIENT, "Not held.", "en", date(2026, 11, 23))
            await state.answers.store(session, Question("What is the fee?"), answer)
            await state.feedback.give("ans_1", owner="anna", rating="down", comment="it is in the annex")

    asyncio.run(happened())
    out = tmp_path / "drafts.jsonl"
    assert "1 new draft cases" in hkva("harvest", out)
    (case,) = read_cases(out)
    assert case.question == "What is the fee?"
    assert "it is in the annex" in case.source
    assert "0 new draft cases" in hkva("harvest", out, "--since", "2026-01-01")
