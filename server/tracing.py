"""A span for each request, sent to an OpenTelemetry collector where one is set.

The framework's own spans carry query strings, and with them what somebody searched for; ours name the route only.
"""

from __future__ import annotations

from opentelemetry import propagate
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def make_tracer_provider(endpoint: str) -> TracerProvider:
    """Spans to the collector at this OTLP/gRPC address; the caller shuts it down at the end."""
    provider = TracerProvider(resource=Resource.create({"service.name": "hkva"}))
    exporter = OTLPSpanExporter(endpoint=endpoint, insecure=endpoint.startswith("http://"))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


class Tracing:
    """ASGI middleware that makes the spans; it stands inside `Edge`, which gives requests their ids."""

    def __init__(self, app: ASGIApp, provider: TracerProvider) -> None:
        self._app = app
        self._tracer = provider.get_tracer("hkva")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method = scope["method"]
        caller = propagate.extract(dict(Headers(scope=scope)))
        # An exception's text may repeat what was asked.
        with self._tracer.start_as_current_span(
            method, context=caller, kind=SpanKind.SERVER, record_exception=False, set_status_on_exception=False
        ) as span:
            span.set_attribute("http.request.method", method)
            span.set_attribute("hkva.request_id", scope["state"]["request_id"])

            async def send_noted(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= 500:
                        span.set_status(Status(StatusCode.ERROR))
                await send(message)

            try:
                await self._app(scope, receive, send_noted)
            finally:
                route = getattr(scope.get("route"), "path", "")
                span.update_name(f"{method} {route}".strip())
                span.set_attribute("http.route", route)
