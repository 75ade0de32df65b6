"""Measure start-up, memory and an answer's steps on this machine; every figure is a median unless it says so.

Absolute times belong to the machine that they were taken on; what can be compared are the ratios of one run.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median

from assistant.assembly import open_assistant
from assistant.choose import look, scope_of
from assistant.deciding import Reader
from assistant.question import Question
from assistant.rule_index import RuleIndex
from assistant.settings import AssistantSettings
from assistant.verify import open_verifier
from evals.performance.growth import milliseconds
from knowledge.passage import Scope
from knowledge.retrieval import search
from knowledge.settings import KnowledgeSettings

_START = """
import asyncio, json, sys, time
begun = time.perf_counter()
from assistant.assembly import open_assistant
from assistant.settings import AssistantSettings
from knowledge.settings import KnowledgeSettings
assistant = open_assistant(KnowledgeSettings(), AssistantSettings())
spent = time.perf_counter() - begun
from assistant.question import Question
assistant.warm()
asyncio.run(assistant.ask(Question("Who may be licensed as a platform?")))
assistant.close()
heavy = sorted({"torch", "transformers", "sentence_transformers"} & set(sys.modules))
from evals.performance.memory import largest_megabytes
sys.stdout.write(json.dumps({"seconds": spent, "megabytes": largest_megabytes(), "heavy": heavy}))
"""


@dataclass(frozen=True, slots=True)
class Start:
    """From a new process to an assistant that can be asked: seconds; after a question, with all read that questions
    read: largest memory, and heavy modules loaded."""

    seconds: float
    megabytes: float
    heavy: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Steps:
    """Milliseconds of the steps of an answer, and of the whole of it.

    `verify` holds the rules found against the question, `compose` is the rest: choosing, wording, checking.
    """

    understand: float
    embed: float
    search: float
    verify: float
    compose: float
    answer: float


def measure_start() -> Start:
    """Open the assistant in a process of its own, with the settings of this environment."""
    done = subprocess.run([sys.executable, "-c", _START], check=True, capture_output=True, text=True)
    told = json.loads(done.stdout.splitlines()[-1])
    return Start(told["seconds"], told["megabytes"], tuple(told["heavy"]))


def measure_steps(knowledge: KnowledgeSettings, settings: AssistantSettings, questions: Sequence[str]) -> Steps:
    """Take each question through the steps; none of them may have been asked before in this process."""
    assistant = open_assistant(knowledge, settings)
    library = assistant.library
    index, reader = RuleIndex(library, open_verifier().idf), Reader(library, open_verifier(), settings)
    rows = []
    try:
        for text in questions:
            embed = milliseconds(partial(library.embedder.embed_query, text))
            asked = reader.understand(Question(text))
            understand = milliseconds(partial(reader.understand, Question(text)))
            library.embedder.embed_query(asked[0].text)  # which a slip of the keyboard makes another text
            reader.decide(asked)  # reads the words of rules met for the first time
            look(library, index, asked[0], scope_of(asked[0], index.latest))
            find = milliseconds(partial(search, library, asked[0].text, Scope()))
            looked = milliseconds(partial(look, library, index, asked[0], scope_of(asked[0], index.latest)))
            decided = milliseconds(partial(reader.decide, asked))
            answer = milliseconds(partial(asyncio.run, assistant.ask(Question(text)))) + embed
            rows.append((understand, embed, find, max(0.0, looked - find), max(0.0, decided - looked), answer))
        return Steps(*(median(column) for column in zip(*rows, strict=True)))
    finally:
        assistant.close()
        library.close()
