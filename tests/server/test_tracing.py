from __future__ import annotations

import httpx
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from assistant.state.store import open_state
from knowledge.library import Library
from knowledge.settings import KnowledgeSettings
from server.app import make_app
from server.service import Service
from server.settings import ServerSettings
from tests.server.fakes import ScriptedAssistant, served


def test_spans_name_routes_and_go_on_from_the_caller_without_what_was_asked(
    small_knowledge: KnowledgeSettings, small_library: Library, state_url: str
) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    assistant = ScriptedAssistant(small_library)
    service = Service(small_knowledge, lambda: assistant, lambda: small_library, lambda: open_state(state_url))
    trace = "0af7651916cd43dd8448eb211c80319c"
    with (
        served(make_app(service, ServerSettings(), tracer_provider=provider)) as address,
        httpx.Client(base_url=address, timeout=20) as client,
    ):
        client.get("/v1/search", params={"q": "secretplan"}, headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
        client.post("/v1/chat", json={"question": "fail before secretplan"})
    spans = exporter.get_finished_spans()
    assert [span.name for span in spans] == ["GET /v1/search", "POST /v1/chat"]
    assert spans[0].context is not None
    assert format(spans[0].context.trace_id, "032x") == trace
    assert "secretplan" not in "".join(span.to_json() for span in spans)
