"""The SDK's own client against a running server."""

from __future__ import annotations

from typing import Any

import pytest
from mcp import Client
from mcp.types import CallToolResult, TextContent

from assistant.errors import ModelUnavailable
from tests.server.fakes import ScriptedAssistant


async def _call(address: str, tool: str, **arguments: Any) -> CallToolResult:
    async with Client(f"{address}/mcp") as client:
        return await client.call_tool(tool, arguments)


async def _data(address: str, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await _call(address, tool, **arguments)
    assert not result.is_error, result.content
    assert isinstance(result.structured_content, dict)
    return result.structured_content


async def test_five_tools_are_described(address: str) -> None:
    async with Client(f"{address}/mcp") as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) == {"ask", "search_policy", "read_rule", "rule_history", "list_sources"}
    for tool in tools.values():
        assert tool.description
        assert tool.output_schema
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint


async def test_answer_comes_as_text_with_sources_and_as_data(address: str) -> None:
    reply = await _data(address, "ask", question="Who holds client assets?", as_of="2026-11-01", language="zh-Hans")
    assert "来源:" in reply["text"]
    assert reply["answer"]["as_of"] == "2026-11-01"
    assert reply["answer"]["citations"][0]["id"] == "bank-custody-2026"


async def test_search_and_reading_speak_of_the_day_asked_for(address: str) -> None:
    hits = (await _data(address, "search_policy", query="bank custody", as_of="2024-06-01", limit=5))["hits"]
    assert "bank-custody-2024" in {hit["id"] for hit in hits}
    rule = await _data(address, "read_rule", rule_id="bank-custody-2024", as_of="2024-06-01")
    assert (rule["found"], rule["rule"]["standing"]) == (True, "in_force")


async def test_history_of_a_rule_runs_from_the_oldest_to_the_newest(address: str) -> None:
    history = await _data(address, "rule_history", rule_id="bank-custody-2026")
    ids = [rule["id"] for rule in history["rules"]]
    assert ids.index("bank-custody-2024") < ids.index("bank-custody-2026")
    assert history["rules"][0]["standing"] == "superseded"


async def test_sources_are_listed(address: str) -> None:
    reply = await _data(address, "list_sources", authority="HKMA")
    assert 0 < len(reply["sources"]) == reply["total"]


@pytest.mark.parametrize("tool", ["read_rule", "rule_history"])
async def test_rule_that_we_do_not_hold_is_a_reply_and_no_error(address: str, tool: str) -> None:
    reply = await _data(address, tool, rule_id="no-such-rule")
    assert reply["found"] is False
    assert "search_policy" in reply["message"]


@pytest.mark.parametrize(
    "arguments",
    [{}, {"question": ""}, {"question": "x" * 2_001}, {"question": "a", "as_of": "soon"}, {"question": 3}],
)
async def test_arguments_that_cannot_be_taken_are_an_error_of_the_tool(
    address: str, arguments: dict[str, object]
) -> None:
    result = await _call(address, "ask", **arguments)
    assert result.is_error


async def test_failure_is_an_error_with_our_text_and_nothing_of_anybody_elses(
    address: str, assistant: ScriptedAssistant
) -> None:
    for failure, shown in ((ModelUnavailable("The model is away."), True), (RuntimeError("secret detail"), False)):
        assistant.failure = failure
        result = await _call(address, "ask", question="fail after")
        assert result.is_error
        assert isinstance(result.content[0], TextContent)
        assert (str(failure) in result.content[0].text) is shown
