"""`hkva rules derive`, with a chat model over the true wire."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from knowledge.library import open_catalogue
from knowledge.quantities import quantities
from knowledge.register import read_rules
from knowledge.sentence import sentences
from knowledge.settings import KnowledgeSettings
from server.commands.rules import app
from tests.fakes.wire_server import Turn, wire_server
from tests.small_corpus import SOURCES


def draft_of(knowledge: KnowledgeSettings) -> str:
    """A sound draft in the words of a held source, as the model would send it."""
    catalogue = open_catalogue(knowledge.library_dir)
    text = catalogue.sources()[SOURCES[0]].text
    catalogue.close()
    quote = next(text[start:end] for start, end in sentences(text) if end - start > 80 and text[start:end].isascii())
    statement_zh = "记录如下：" + "、".join(sorted(quantities(quote)))
    draft = {
        "title_en": "A draft", "title_zh": "草稿", "statement_en": quote, "statement_zh": statement_zh,
        "quotes": [quote], "topic": "banking", "stage": "event", "in_force_from": "2023-07-01",
    }  # fmt: skip
    return json.dumps({"drafts": [draft]})


async def run(knowledge: KnowledgeSettings, reply: str, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Result:
    async with wire_server(Turn(pieces=(reply,))) as server:
        monkeypatch.setenv("HKVA_DATA_DIR", str(knowledge.data_dir))
        monkeypatch.setenv("HKVA_MODEL", "openai:m")
        monkeypatch.setenv("HKVA_MODEL_URL", f"{server.url}/v1")
        monkeypatch.setenv("HKVA_MODEL_KEY", "k")
        return await asyncio.to_thread(CliRunner().invoke, app, ["derive", *arguments])


async def test_drafts_are_written_for_review_and_compared_later(
    small_knowledge: KnowledgeSettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    reply = draft_of(small_knowledge)
    written = await run(small_knowledge, reply, monkeypatch, SOURCES[0], "--out", str(tmp_path / "drafts"))
    assert written.exit_code == 0, written.output
    assert "drafts" in written.output
    assert read_rules(tmp_path / "drafts" / "banking.yaml")[0].evidence[0].source == SOURCES[0]
    same = await run(small_knowledge, reply, monkeypatch, SOURCES[0], "--out", str(tmp_path / "drafts"), "--check")
    assert (same.exit_code, same.stdout.strip()) == (0, "Nothing would change.")
    none = await run(
        small_knowledge, '{"drafts": []}', monkeypatch, SOURCES[0], "--out", str(tmp_path / "drafts"), "--check"
    )
    assert none.exit_code == 1
    assert "-- id: draft" in none.output


async def test_what_is_missing_is_named(small_knowledge: KnowledgeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = await run(small_knowledge, "", monkeypatch, "no/such/source")
    assert "hkva sources list" in str(unknown.exception)
    monkeypatch.setenv("HKVA_MODEL", "extractive")
    refused = await asyncio.to_thread(CliRunner().invoke, app, ["derive", SOURCES[0]])
    assert "HKVA_MODEL" in str(refused.exception)
