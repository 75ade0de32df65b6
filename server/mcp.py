"""The Model Context Protocol: asking and reading as five tools, over HTTP at `/mcp` and over standard streams.

What we do not hold is a typed reply (`found` false); what went wrong is an error of the tool. The two never look alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import BaseModel, Field

from assistant.errors import AssistantError
from assistant.events import fold
from assistant.question import Question
from knowledge.errors import KnowledgeError
from knowledge.library import Library
from knowledge.passage import Scope
from knowledge.retrieval import search as search_library
from knowledge.rule import Language, Rule, first_day
from server.auth import Caller
from server.errors import ServerError
from server.service import Service
from server.visible import sources_text
from server.wire import AnswerOut, PlainDate, QuestionText, Text, Word, answer_out
from server.wire_records import HitOut, RuleBrief, RuleOut, SourceBrief, hit_out, rule_brief, rule_out

_INSTRUCTIONS = (
    "Hong Kong virtual-asset policy, with dated rules and checkable citations. Use `ask` for an answer, "
    "`search_policy` to find records, `read_rule` and `rule_history` for one rule and what it replaced. "
    "Give dates as YYYY-MM-DD; without one, today's rules apply."
)
AsOf = Annotated[PlainDate | None, Field(description="As the rules stood on this day (YYYY-MM-DD); today without.")]
RuleId = Annotated[Text, Field(max_length=200, description="Id of a rule, as search_policy or a citation gives it.")]


class AskReply(BaseModel):
    """An answer: `text` with its numbered sources, and the same as data."""

    text: str
    answer: AnswerOut


class SearchReply(BaseModel):
    """The records nearest to a query, best first; none where nothing is in scope."""

    hits: list[HitOut]


class RuleReply(BaseModel):
    """A rule, or `found` false where we hold none of this id."""

    found: bool
    message: str
    rule: RuleOut | None = None


class HistoryReply(BaseModel):
    """A rule with everything that it replaced or that replaced it, oldest first."""

    found: bool
    message: str
    rules: list[RuleBrief] = []


class SourcesReply(BaseModel):
    """Sources without their texts."""

    sources: list[SourceBrief]
    total: int


def make_mcp(service: Service) -> MCPServer[Any]:
    """The protocol's server around a service; `server.app` mounts it, `hkva mcp` runs it over standard streams."""
    server: MCPServer[Any] = MCPServer(
        "hkva", title="Hong Kong virtual-asset policy", instructions=_INSTRUCTIONS, version=version("hkva-assistant")
    )
    reads = ToolAnnotations(read_only_hint=True, destructive_hint=False, open_world_hint=False)
    for tool in (*_asking(service), *_reading(service)):
        server.add_tool(tool, annotations=reads)
    return server


def _asking(service: Service) -> tuple[Callable[..., Any], ...]:
    async def ask(
        question: QuestionText,
        context: Context[Any],
        as_of: AsOf = None,
        language: Annotated[
            Literal["auto", "en", "zh-Hans", "zh-Hant"], Field(description="Language of the answer.")
        ] = "auto",
    ) -> AskReply:
        """Answer a question on Hong Kong virtual-asset policy with citations, as the rules stood on a date."""
        wanted: Language | None = None if language == "auto" else language
        with _told():
            asked = await service.ask(Question(question, as_of, wanted), _owner(context), "mcp", whole=True)
            answer = await fold(asked.events)
        return AskReply(text=answer.text + sources_text(answer), answer=answer_out(answer, asked.session_id))

    async def search_policy(
        query: QuestionText,
        as_of: AsOf = None,
        topic: Annotated[Word | None, Field(description="Only this topic.")] = None,
        limit: Annotated[int, Field(ge=1, le=50)] = 10,
    ) -> SearchReply:
        """Find the rules and passages nearest to a query in English or Chinese."""
        on = as_of or service.today()
        scope = Scope(on=on, topics=frozenset({topic} if topic else ()))

        def work(library: Library) -> SearchReply:
            return SearchReply(hits=[hit_out(hit, library, on) for hit in search_library(library, query, scope, limit)])

        with _told():
            return await service.in_library(work)

    return ask, search_policy


def _reading(service: Service) -> tuple[Callable[..., Any], ...]:
    async def read_rule(rule_id: RuleId, as_of: AsOf = None) -> RuleReply:
        """Read one rule: its statement in three scripts, standing, evidence and what disputes it."""
        with _told():
            library = service.library
        rule = library.find_rule(rule_id)
        if rule is None:
            return RuleReply(found=False, message=_not_held(rule_id))
        return RuleReply(found=True, message="", rule=rule_out(rule, library, as_of or service.today()))

    async def rule_history(rule_id: RuleId, as_of: AsOf = None) -> HistoryReply:
        """Read a rule's chain: what it replaced and what replaced it, oldest first."""
        with _told():
            library = service.library
        rule = library.find_rule(rule_id)
        if rule is None:
            return HistoryReply(found=False, message=_not_held(rule_id))
        on = as_of or service.today()
        return HistoryReply(found=True, message="", rules=[rule_brief(one, on) for one in chain_of(rule, library)])

    async def list_sources(
        authority: Annotated[Word | None, Field(description="Only of this authority, for example SFC.")] = None,
        offset: Annotated[int, Field(ge=0)] = 0,
        limit: Annotated[int, Field(ge=1, le=200)] = 50,
    ) -> SourcesReply:
        """List the documents that the rules rest on."""
        with _told():
            sources = [one for _, one in sorted(service.library.sources.items()) if authority in (None, one.authority)]
        shown = [SourceBrief.model_validate(one) for one in sources[offset : offset + limit]]
        return SourcesReply(sources=shown, total=len(sources))

    return read_rule, rule_history, list_sources


def chain_of(rule: Rule, library: Library) -> list[Rule]:
    """Every rule linked to `rule` by supersession, itself included, by the day it was known."""
    linked: dict[str, Rule] = {}
    waiting = [rule.id]
    while waiting:
        one = library.rules[waiting.pop()]
        if one.id not in linked:
            linked[one.id] = one
            waiting += [*one.supersedes, *one.superseded_by]
    return sorted(linked.values(), key=lambda one: (str(one.known_from or first_day(one.published) or ""), one.id))


def _owner(context: Context[Any]) -> str:
    """Who asks: the caller of the HTTP request, or whoever started us over standard streams."""
    request = context.request_context.request
    caller: Caller = request.state.caller if request is not None else Caller()
    return caller.owner


def _not_held(rule_id: str) -> str:
    return f"We hold no rule {rule_id!r}. Use search_policy to find the right id."


@contextmanager
def _told() -> Iterator[None]:
    """Our own errors reach the model with their text; anything else is the SDK's plain failure."""
    try:
        yield
    except (AssistantError, KnowledgeError, ServerError) as error:
        raise ToolError(str(error)) from error
