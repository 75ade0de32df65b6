from __future__ import annotations

from typing import Any

import pytest

from assistant.errors import NotFound
from assistant.state.store import State


async def test_progress_is_seen_by_who_asked_and_nobody_else(state: State, clock: Any) -> None:
    ingestion = await state.ingestions.begin(owner="ann", total=2)
    begun = clock.now
    assert (await state.ingestions.get(ingestion)).state == "waiting"
    clock.move(seconds=3)
    await state.ingestions.progress(ingestion, done=1, total=2, message="embed")
    held = await state.ingestions.get(ingestion, owner="ann")
    assert (held.state, held.done, held.total, held.message) == ("running", 1, 2, "embed")
    assert (held.created_at, held.changed_at) == (begun, clock.now)
    with pytest.raises(NotFound):
        await state.ingestions.get(ingestion, owner="bob")
    with pytest.raises(NotFound):
        await state.ingestions.progress("ing_unknown", done=1, total=2)


async def test_end_tells_what_became_of_each_document(state: State) -> None:
    ingestion = await state.ingestions.begin(owner="ann", total=2)
    documents = [{"origin": "甲.pdf", "outcome": "added"}, {"origin": "b\x00", "outcome": "failed", "reason": "empty"}]
    await state.ingestions.finish(ingestion, documents=documents, library="lib2")
    held = await state.ingestions.get(ingestion)
    assert (held.state, held.documents, held.library, held.done) == ("done", tuple(documents), "lib2", 2)


async def test_what_nobody_goes_on_with_has_failed(state: State, clock: Any) -> None:
    done, left, held = [await state.ingestions.begin(owner="ann", total=1) for _ in range(3)]
    await state.ingestions.finish(done, documents=[], library="lib2")
    clock.move(seconds=20)
    await state.ingestions.touch(held)
    assert await state.ingestions.fail_abandoned(30) == 0
    clock.move(seconds=20)
    assert await state.ingestions.fail_abandoned(30) == 1
    assert (await state.ingestions.get(held)).state == "waiting"
    assert [(one.id, one.state) for one in await state.ingestions.list(owner="ann") if one.id == left] == [
        (left, "failed")
    ]
    assert (await state.ingestions.get(done)).state == "done"


async def test_failure_says_why(state: State) -> None:
    ingestion = await state.ingestions.begin(owner="ann", total=1)
    await state.ingestions.fail(ingestion, "Another process is writing.")
    held = await state.ingestions.get(ingestion)
    assert (held.state, held.message) == ("failed", "Another process is writing.")
