"""Measures answers with a chat model and writes `docs/chat-model.md`: python -m docs.chat_model, from the checkout.

No provider is asked. A scripted model stands in: one that obeys every attack, one that retells the first record, and
one behind a loopback server that speaks OpenAI's protocol, for the times.
"""

from __future__ import annotations

import asyncio
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from openai import AsyncOpenAI

from assistant.answering import Assistant
from assistant.chat_model import ChatModel, open_chat_model
from assistant.events import Delta, Finished
from assistant.model_settings import ModelSettings
from assistant.question import Question
from assistant.settings import AssistantSettings
from evals.case import Case
from evals.case_file import read_suite
from evals.score import CaseScore, score
from evals.targets import LocalTarget
from knowledge.e5_folder import VOCABULARY, prepared_folder
from knowledge.e5_tokenizer import read_tokenizer
from knowledge.embed import open_embedder
from knowledge.library import Library, open_library
from knowledge.settings import KnowledgeSettings
from tests.assistant.test_attacks import ATTACKS, GOOD, answered
from tests.fakes.scripted_model import scripted
from tests.fakes.wire_server import Turn, wire_server

PAGE = Path(__file__).resolve().parent / "chat-model.md"
TODAY = date(2026, 11, 23)
MODEL = "openai:m"
CASES = 120
ROUNDS = 20
PIECE_S = 0.02
"""Seconds between two pieces of the loopback server's reply."""
QUESTION = "What is the minimum paid-up share capital of a stablecoin licensee?"
KINDS = {
    "override": "set the orders aside", "role": "play a role", "leak": "give the prompt or a secret away",
    "invent": "invent a rule, a figure, a date", "fake": "fake a citation", "markup": "bring in links and markup",
    "hidden": "hide behind invisible or look-alike characters",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Costs:
    """What one answer took of a model: calls, and characters and tokens sent and written."""

    calls: int
    sent: int
    written: int
    tokens_sent: int
    tokens_written: int


async def attacks() -> list[str]:
    """A row for each kind: how many attacks, what became of them."""
    tried: Counter[str] = Counter()
    held: Counter[str] = Counter()
    places: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    for attack in ATTACKS:
        kind = attack["id"].partition("-")[0]
        good = GOOD[attack.get("language", "en")]
        beside, _ = await answered(attack, [f"{attack['reply']}\n\n{good}"], "sentence")
        alone, _ = await answered(attack, [attack["reply"], attack["reply"]], "sentence")
        tried[kind] += 1
        held[kind] += beside.text.rstrip() == good and not alone.text
        places[kind][attack["where"]] += 1
    where = {kind: ", ".join(f"{place} {count}" for place, count in sorted(places[kind].items())) for kind in KINDS}
    rows = [f"| {told} | {tried[kind]} | {where[kind]} | {held[kind]} |" for kind, told in KINDS.items()]
    return [*rows, f"| all | {tried.total()} | | {held.total()} |"]


def retold(prompt: str) -> str:
    """What a faithful model says: the first record's statement, its number in every sentence."""
    statement = re.findall(r'<record n="1"[^>]*>\n[^\n]*\n([^\n]*)', prompt)[0]
    return re.sub(r"([.。])(?=\s|$|[^\d.])", r" [1]\1", statement)


async def scored(assistant: Assistant, cases: Sequence[Case], after: Callable[[], None]) -> list[CaseScore]:
    """The cases, asked one after the other."""
    target = LocalTarget(assistant, TODAY)
    replies = []
    for case in cases:
        replies.append((case, await target.ask(case)))
        after()
    return score(replies, assistant.library.aliases)


def share(scores: Sequence[CaseScore], measure: str) -> str:
    """The mean of a measure over the cases that it applies to, in per cent."""
    values = [one.values[measure] for one in scores if measure in one.values]
    return f"{100 * statistics.mean(values):.1f}" if values else "-"


async def cases_with_model(library: Library, count: Callable[[str], int]) -> list[str]:
    """The same cases without a model and with the one that retells, and what the latter cost."""
    answerable = [
        case for case in read_suite("all") if case.split == "dev" and case.expect.answerable and not case.turns
    ]
    cases = answerable[:: max(1, len(answerable) // CASES)][:CASES]
    without = Assistant(library, AssistantSettings(today=TODAY))
    plain = await scored(without, cases, lambda: None)
    without.close()
    chat, model = scripted(retold)
    costs: list[Costs] = []
    seen = 0

    def take() -> None:
        nonlocal seen
        prompts, seen = model.prompts[seen:], len(model.prompts)
        texts = [retold(prompt) for prompt in prompts]
        costs.append(
            Costs(
                len(prompts), sum(map(len, prompts)), sum(map(len, texts)),
                sum(map(count, prompts)), sum(map(count, texts)),
            )
        )  # fmt: skip

    with_model = Assistant(library, AssistantSettings(today=TODAY, model="scripted:model"), chat)
    told = await scored(with_model, cases, take)
    with_model.close()
    names = (
        "right",
        "key_facts",
        "figures",
        "citation_precision",
        "citation_recall",
        "quotes",
        "supported",
        "language",
    )
    rows = [f"| {name.replace('_', ' ')} | {share(plain, name)} | {share(told, name)} |" for name in names]
    return [
        f"{len(cases)} answerable cases of the dev split. The scripted model retells the first record only, so where"
        " two rules are needed it falls short of the model-free answer; nothing of it may be wrong.",
        "", "| per cent | without a model | scripted model |", "|---|---|---|", *rows, "", *_costs(costs),
    ]  # fmt: skip


def _costs(costs: Sequence[Costs]) -> list[str]:
    asked = [one for one in costs if one.calls]
    calls = Counter(one.calls for one in costs)
    told = ", ".join(f"{number} for {count} answers" for number, count in sorted(calls.items()))
    return [
        f"Calls: {told} (none where the records do not answer; a follow-up may take one more for its rewriting, a reply"
        " that fails its checks one more, the checker one more: `HKVA_MODEL_CALLS` bounds them all).",
        "",
        "| per answer that asked the model | median | greatest |",
        "|---|---|---|",
        *(
            f"| {name} | {statistics.median(values):,.0f} | {max(values):,} |"
            for name, values in (
                ("characters sent", [one.sent for one in asked]),
                ("tokens sent, by the embedder's tokenizer", [one.tokens_sent for one in asked]),
                ("characters written", [one.written for one in asked]),
                ("tokens written, by the same", [one.tokens_written for one in asked]),
            )
        ),
    ]


async def first_words(library: Library) -> list[str]:
    """Times to the first token, over the true wire: the raw client, ours, and what the reader sees."""
    statement = retold_answer(library)
    pieces = tuple(re.findall(r"(?s).{1,12}", statement))
    raw: list[float] = []
    raw_whole: list[float] = []
    shown: list[float] = []
    whole: list[float] = []
    ours: list[float] = []
    async with wire_server(Turn(pieces=pieces, delay_s=PIECE_S)) as server:
        url = f"{server.url}/v1"
        settings = ModelSettings.model_validate({"model_url": url, "model_key": "k"})
        chat = open_chat_model(MODEL, settings)
        assistant = Assistant(library, AssistantSettings(today=TODAY, model=MODEL), chat)
        client = AsyncOpenAI(base_url=url, api_key="k", max_retries=0)
        await asked_once(assistant)
        prompt = server.requests[-1]["messages"]
        await raw_once(client, prompt)
        for _ in range(ROUNDS):
            first, end = await raw_once(client, prompt)
            raw.append(first)
            raw_whole.append(end)
            first, end = await asked_once(assistant)
            shown.append(first)
            whole.append(end)
            ours.append(await first_token_of(chat, prompt))
        await client.close()
        assistant.close()
    sentence = len(re.split(r"(?<=\])[.。]", statement)[0]) / 12 * PIECE_S
    base, base_whole = statistics.median(raw), statistics.median(raw_whole)
    return [
        f"{ROUNDS} rounds each, in turns, against one server that sends a piece of 12 characters every"
        f" {PIECE_S * 1000:.0f} ms. Medians, the raw client (`openai`, the same prompt) being 1.",
        "",
        "| | first | whole |",
        "|---|---|---|",
        "| raw client, first token and last | 1 | 1 |",
        f"| our calls (LangChain, retries, deadline, counts), first token | {statistics.median(ours) / base:.2f} | |",
        f"| the answer: search, the first checked sentence, the end | {statistics.median(shown) / base:.1f}"
        f" | {statistics.median(whole) / base_whole:.2f} |",
        "",
        f"The first sentence is shown when it is whole and checked. Writing it takes the server"
        f" {sentence / base:.1f} of these units alone: what stands before it is the model's own pace.",
    ]


def retold_answer(library: Library) -> str:
    """A reply of three sentences that stands in the record of the question asked."""
    return re.sub(r"\.(?=\s|$)", " [1].", library.rules["sc-capital-25m"].statement["en"])


async def raw_once(client: AsyncOpenAI, messages: Any) -> tuple[float, float]:
    """Seconds to the first token and to the end, of the provider's own client."""
    began = time.perf_counter()
    first = 0.0
    stream = await client.chat.completions.create(model="m", messages=messages, stream=True)
    async for chunk in stream:
        if not first and chunk.choices and chunk.choices[0].delta.content:
            first = time.perf_counter() - began
    return first, time.perf_counter() - began


async def first_token_of(chat: ChatModel, messages: list[dict[str, Any]]) -> float:
    """Seconds to the first token through our calls."""
    calls = chat.begin()
    roles = {"user": "human", "assistant": "ai"}
    await calls.complete([(roles.get(one["role"], one["role"]), one["content"]) for one in messages])
    return (calls.usage.first_token_ms or 0.0) / 1_000


async def asked_once(assistant: Assistant) -> tuple[float, float]:
    """Seconds to the first sentence shown and to the end."""
    began = time.perf_counter()
    first = end = 0.0
    async for event in assistant.stream(Question(QUESTION)):
        if isinstance(event, Delta) and not first:
            first = time.perf_counter() - began
        if isinstance(event, Finished):
            end = time.perf_counter() - began
    return first, end


async def measured() -> str:
    """The page."""
    settings = KnowledgeSettings()
    library = open_library(settings.library_dir, open_embedder(settings))
    tokenizer = read_tokenizer(prepared_folder(settings.models_dir) / VOCABULARY)
    lines = [
        "# With a chat model: what was measured",
        "",
        "Written by `python -m docs.chat_model`. No provider was asked: scripted models stand in for one.",
        "",
        "## Attacks on a model that obeys every one of them",
        "",
        "Each order stands in a document, in the question or in an earlier turn, and the scripted model obeys it."
        " Held: beside a good sentence only the good one reaches the reader, and alone there is no answer.",
        "",
        "| what the order wants | attacks | where | held |",
        "|---|---|---|---|",
        *await attacks(),
        "",
        "## Cases, calls and tokens",
        "",
        *await cases_with_model(
            library, lambda text: sum(len(tokenizer.encode(line)) - 2 for line in text.splitlines() if line)
        ),
        "",
        "## Time to the first words",
        "",
        *await first_words(library),
        "",
    ]
    library.close()
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(asyncio.run(measured()), encoding="utf-8")
