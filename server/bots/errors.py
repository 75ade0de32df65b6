"""Everything that can go wrong between us and a chat platform.

BotError
├── PlatformBusy      out of reach, rate-limited or failing now (trying again helps)
└── PlatformRefused   it will not take this reply: we were removed, the chat is gone (trying again does not help)
"""

from __future__ import annotations

from server.errors import ServerError


class BotError(ServerError):
    """Base of the bots' errors. Its text is for the log; nobody in a chat ever sees it."""


class PlatformBusy(BotError):
    """The platform cannot take the reply now; try again after `retry_after_s` seconds, where it said how many."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class PlatformRefused(BotError):
    """The platform refuses the reply for good; its code says why."""
