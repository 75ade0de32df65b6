"""Own documents taken in and out while questions go on: one request at a time, then the library is swapped."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict

import structlog

from assistant.errors import NotFound
from assistant.state.errors import StateUnavailable
from knowledge.errors import KnowledgeError, LibraryBusy
from knowledge.gather import Upload
from knowledge.ingestion import IngestReport, ingest, remove
from server.errors import Forbidden
from server.service import Service

_LOG = structlog.get_logger(__name__)
_TELL_EVERY_S = 0.5
_LOOK_EVERY_S = 10.0
_SILENT_S = 30.0
"""After so long without a sign of life whoever took documents in, here or in another process, has ended."""
_BUSY = "Documents are being taken in or out already. Wait for that to end, then try again."


class Ingesting:
    """Writes the library for the HTTP interface."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._task: asyncio.Task[None] | None = None
        self._under_way: str | None = None
        self._writing = asyncio.Lock()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Mark what a process that has ended left undone; at the end wait for what is under way."""
        watcher = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            if self._task is not None:
                await asyncio.wait({self._task})
            watcher.cancel()
            with suppress(asyncio.CancelledError):
                await watcher

    async def _watch(self) -> None:
        ingestions = self._service.state.ingestions
        while True:
            try:
                if self._under_way is not None:
                    await ingestions.touch(self._under_way)
                await ingestions.fail_abandoned(_SILENT_S)
            except StateUnavailable as error:
                _LOG.warning("ingestions_not_watched", reason=str(error))
            await asyncio.sleep(_LOOK_EVERY_S)

    async def begin(self, inputs: Sequence[str | Upload], owner: str) -> str:
        """Take in these uploads and URLs from now on; the ingestion's id. Raises LibraryBusy, NotReady."""
        embedder = self._service.library.embedder
        if self._writing.locked():
            raise LibraryBusy(_BUSY)
        await self._writing.acquire()
        try:
            ingestion_id = await self._service.state.ingestions.begin(owner=owner, total=len(inputs))
        except BaseException:
            self._writing.release()
            raise
        self._under_way = ingestion_id
        tell = self._teller(ingestion_id)
        knowledge = self._service.knowledge
        work = asyncio.to_thread(ingest, inputs, knowledge, embedder, tell)
        self._task = asyncio.create_task(self._finish(ingestion_id, asyncio.ensure_future(work)))
        self._task.add_done_callback(_log_failure)
        return ingestion_id

    async def remove(self, source_id: str) -> None:
        """Take out an own document. Raises NotFound, Forbidden for a source of the corpus, LibraryBusy, NotReady."""
        library = self._service.library
        source = library.sources.get(source_id)
        if source is None:
            raise NotFound("We hold no source of this id. GET /v1/sources lists those that we hold.")
        if not source.ingested:
            raise Forbidden("This source belongs to the corpus. Only own documents can be taken out.")
        if self._writing.locked():
            raise LibraryBusy(_BUSY)
        async with self._writing:
            await asyncio.to_thread(remove, [source_id], self._service.knowledge, library.embedder)
            await self._service.refresh()

    async def _finish(self, ingestion_id: str, work: asyncio.Future[IngestReport]) -> None:
        ingestions = self._service.state.ingestions
        try:
            report = await work
            await self._service.refresh()
            rows = [asdict(row) for row in report.rows]
            await ingestions.finish(ingestion_id, documents=rows, library=report.version)
        except KnowledgeError as error:
            await ingestions.fail(ingestion_id, str(error))
        except Exception:
            await ingestions.fail(ingestion_id, "Something went wrong on our side; the log has it. Try again later.")
            raise
        finally:
            self._under_way = None
            self._writing.release()

    def _teller(self, ingestion_id: str) -> Callable[[str, int, int], None]:
        """A progress callback for the working thread that writes to the state now and then."""
        loop = asyncio.get_running_loop()
        ingestions = self._service.state.ingestions
        told_at = 0.0

        def tell(stage: str, done: int, total: int) -> None:
            nonlocal told_at
            if time.monotonic() - told_at >= _TELL_EVERY_S:
                told_at = time.monotonic()
                telling = ingestions.progress(ingestion_id, done=done, total=total, message=stage)
                asyncio.run_coroutine_threadsafe(telling, loop).result()

        return tell


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _LOG.error("ingestion_failed", exc_info=error)
