"""A server that embeds a question and does nothing else: what `hkva bench` measures `/v1/chat` against.

The process is made like ours (the same server, framework and threads, one model), so that what is left between the
two is the work of answering: `python -m server.embedding_only`, with a number of processes if more than one.
"""

from __future__ import annotations

import asyncio
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from knowledge.embed import Embedder, open_embedder
from knowledge.settings import KnowledgeSettings
from server.console import make_output
from server.main import listen
from server.workers import serve_alone, serve_together

SAYS = "embeds at "
PATH = "/embed"


class Asked(BaseModel):
    """A text to embed."""

    question: str


class Embedded(BaseModel):
    """How long its vector is: that the vector was made is all that matters here."""

    dimension: int


def make_app(embedder: Embedder) -> FastAPI:
    """The application around an embedder."""
    app = FastAPI(docs_url=None, redoc_url=None)
    threads = ThreadPoolExecutor(os.cpu_count() or 1)

    @app.post(PATH)
    async def embed(body: Asked) -> Embedded:
        vector = await asyncio.get_running_loop().run_in_executor(threads, embedder.embed_query, body.question)
        return Embedded(dimension=len(vector))

    return app


def _open_app(counters: Path | None) -> FastAPI:
    del counters
    return make_app(open_embedder(KnowledgeSettings()))


def main() -> None:
    """Serve on a free port of this machine, which is printed."""
    workers = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    options: dict[str, Any] = {"log_config": None, "access_log": False, "server_header": False, "ws": "none"}
    alone = _open_app(None) if workers == 1 else None
    with listen("127.0.0.1", 0) as listener:
        make_output().print(f"{SAYS}http://127.0.0.1:{listener.getsockname()[1]}", markup=False)
        if alone is not None:
            serve_alone(alone, listener, **options)
        else:
            serve_together(_open_app, listener, workers, **options)


if __name__ == "__main__":
    main()
