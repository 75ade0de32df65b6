"""Streams that can be ended early."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import TypeVar, cast

_T = TypeVar("_T")


def closable(items: AsyncIterator[_T]) -> AsyncGenerator[_T, None]:
    """The same iterator; every stream of ours is an async generator, whose `aclose` runs its `finally`."""
    return cast(AsyncGenerator[_T, None], items)
