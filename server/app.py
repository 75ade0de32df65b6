"""The HTTP application: routes and middleware as lists. It opens and reads nothing itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

from fastapi import Depends, FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route

from assistant.state.keys import KeyScope
from server.auth import MCP_PATH, Gate
from server.bots.opening import Bot, all_running
from server.deps import needs
from server.edge import BodyLimit, Edge
from server.ingesting import Ingesting
from server.limits import make_limits
from server.mcp_mount import ToolsOverHttp
from server.pages import mount_pages
from server.problems import Problem, add_problem_handlers
from server.routes import answers, chat, documents, health, openai, records, timeline
from server.routes.bots import add_bots
from server.service import Service
from server.settings import ServerSettings
from server.tidying import keep_tidy

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

_ABOUT = (
    "Answers questions on Hong Kong virtual-asset policy as it stood on a date, with citations that can be checked."
)

_ALLOWED_HEADERS = ["Authorization", "Content-Type", "X-Request-ID"]


def make_app(
    service: Service,
    settings: ServerSettings,
    bots: Sequence[Bot] = (),
    tracer_provider: TracerProvider | None = None,
) -> FastAPI:
    """The application around a service; its lifespan opens the service and closes it, and runs the bots.

    At its end it sends off the last spans of `tracer_provider`.
    """
    ingesting = Ingesting(service)
    tools = ToolsOverHttp(service)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        tidying = keep_tidy(service, settings.retention_days)
        async with service.running(), ingesting.running(), tools.running(), all_running(bots), tidying:
            yield
        if tracer_provider is not None:
            tracer_provider.shutdown()

    app = FastAPI(
        title="hkva",
        description=_ABOUT,
        version=version("hkva-assistant"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
        middleware=_doors(service, settings, tracer_provider),
    )
    app.state.service, app.state.settings, app.state.ingesting = service, settings, ingesting
    add_problem_handlers(app)
    for area in (chat, answers, openai, records, timeline):
        app.include_router(area.router, dependencies=[Depends(needs(KeyScope.CHAT))])
    app.include_router(documents.router, dependencies=[Depends(needs(KeyScope.INGEST))])
    app.include_router(health.router)
    app.router.routes.append(Route(MCP_PATH, tools))
    add_bots(app, bots)
    mount_pages(app)
    _describe_problem(app)
    return app


def _doors(service: Service, settings: ServerSettings, tracer_provider: TracerProvider | None) -> list[Middleware]:
    """What every request goes through, outermost first."""
    origins = settings.cors_origins
    limits = make_limits(
        settings.requests_per_minute, settings.concurrent_requests, settings.limits_url, settings.workers,
        shared=lambda: service.state.limits,
    )  # fmt: skip
    return [
        Middleware(Edge, metrics=service.metrics),
        *([_traced(tracer_provider)] if tracer_provider else []),
        Middleware(CORSMiddleware, allow_origins=origins, allow_methods=["*"], allow_headers=_ALLOWED_HEADERS),
        Middleware(BodyLimit, limit=settings.max_body_bytes, larger={"/v1/documents": settings.max_document_bytes}),
        Middleware(Gate, keys=lambda: service.state.keys, limits=limits, allowed_origins=origins),
    ]


def _traced(provider: TracerProvider) -> Middleware:
    from server.tracing import Tracing  # here, because it loads gRPC, which most servers do without

    return Middleware(Tracing, provider=provider)


def _describe_problem(app: FastAPI) -> None:
    """Put the shape of errors into the OpenAPI document, where every route's `responses` point to it."""
    describe = app.openapi

    def openapi() -> dict[str, object]:
        document = describe()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(problem.pop("$defs", {}))
        schemas["Problem"] = problem
        schemas.pop("HTTPValidationError", None)
        schemas.pop("ValidationError", None)
        return document

    app.openapi = openapi  # type: ignore[method-assign]
