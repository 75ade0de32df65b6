"""The ways in which a question hangs on the turns before it. Pure."""

from __future__ import annotations

from enum import StrEnum


class Follow(StrEnum):
    """How a question hangs on the turns before it."""

    ALONE = "alone"
    DATE = "date"
    SOURCE = "source"
    FRAGMENT = "fragment"
    INSTEAD = "instead"
    MORE = "more"
    AGAIN = "again"
    SHORTER = "shorter"
    BEFORE = "before"
    AFTER = "after"
    SINCE = "since"
    NOW = "now"
    UNCLEAR = "unclear"
