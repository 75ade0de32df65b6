"""The retriever and the tools for other people's chains and agents, and the examples that use them."""

from __future__ import annotations

import json
import runpy
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.messages import HumanMessage

from assistant.chat_model import open_chat_model
from assistant.model_settings import ModelSettings
from assistant.retriever import PolicyRetriever
from assistant.tools import policy_tools
from knowledge.library import Library
from knowledge.settings import KnowledgeSettings
from tests.fakes.wire_server import Turn, wire_server

ROOT = Path(__file__).resolve().parents[2]


def called(library: Library, name: str, **arguments: Any) -> dict[str, Any]:
    tool = next(one for one in policy_tools(library) if one.name == name)
    told: dict[str, Any] = json.loads(tool.invoke(arguments))
    return told


@pytest.mark.parametrize(
    ("query", "language"),
    [("custody of digital assets by banks", "en"), ("銀行託管數碼資產", "zh-Hant"), ("银行托管数字资产", "zh-Hans")],
)
def test_documents_are_exact_runs_of_records_in_the_language_of_the_query(
    query: str, language: str, library: Library
) -> None:
    documents = PolicyRetriever(library=library, as_of=date(2026, 11, 23)).invoke(query)
    assert documents
    rules = [one for one in documents if one.metadata["kind"] == "rule"]
    assert {one.metadata["language"] for one in rules} == {language}
    for one in rules:
        statement = library.rules[one.metadata["id"]].statement[one.metadata["language"]]
        assert statement[one.metadata["start"] : one.metadata["end"]] == one.page_content
        assert one.metadata["standing"] in {"in_force", "event", "proposed"}


def test_a_search_for_a_past_day_finds_nothing_published_later(library: Library) -> None:
    retriever = PolicyRetriever(library=library, as_of=date(2023, 12, 31), limit=20)
    for one in retriever.invoke("custody of digital assets"):
        assert (one.metadata["published"] or "")[:4] <= "2023"


def test_a_rule_is_told_in_full_and_its_history_in_order(library: Library) -> None:
    replaced = next(rule for rule in library.rules.values() if rule.superseded_by)
    told = called(library, "get_rule", rule_id=replaced.id, as_of="2026-11-23")
    assert told["standing"] == "superseded"
    assert told["statement"]["en"] == replaced.statement["en"]
    history = [one["id"] for one in called(library, "rule_history", rule_id=replaced.id)["rules"]]
    assert history.index(replaced.id) < history.index(replaced.superseded_by[0])


@pytest.mark.parametrize("name", ["get_rule", "rule_history"])
def test_an_unknown_rule_is_said_to_be_unknown(name: str, library: Library) -> None:
    assert "search_policy" in called(library, name, rule_id="no-such-rule")["error"]


async def test_an_agent_searches_with_the_tools_over_the_true_wire(library: Library) -> None:
    call = {"id": "call_1", "type": "function"}
    asked = {**call, "function": {"name": "search_policy", "arguments": '{"query": "custody", "limit": 2}'}}
    async with wire_server(Turn(tool_calls=(asked,)), Turn(pieces=("Banks must segregate.",))) as server:
        settings = ModelSettings.model_validate({"model_url": f"{server.url}/v1", "model_key": "k"})
        agent = create_agent(open_chat_model("openai:m", settings).model, policy_tools(library))
        state = await agent.ainvoke({"messages": [HumanMessage("How is custody ruled?")]})
    assert state["messages"][-1].text == "Banks must segregate."
    assert {tool["function"]["name"] for tool in server.requests[0]["tools"]} == {
        "search_policy", "get_rule", "rule_history",
    }  # fmt: skip
    records = json.loads(server.requests[1]["messages"][-1]["content"])["records"]
    assert len(records) == 2


@pytest.mark.parametrize("name", ["retriever_in_a_chain", "agent_with_tools"])
def test_an_example_runs_without_a_model(
    name: str, small_knowledge: KnowledgeSettings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HKVA_DATA_DIR", str(small_knowledge.data_dir))
    monkeypatch.setattr(sys, "argv", [name, "custody of digital assets"])
    runpy.run_path(str(ROOT / "examples" / f"{name}.py"), run_name="__main__")
    assert "custody" in capsys.readouterr().out.lower()
