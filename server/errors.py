"""Everything that can go wrong in `server` itself.

ServerError
├── BadSettings        the environment holds a setting that we cannot use
├── NotReady           the library, the state or the assistant is not there yet (503)
├── Unauthorized       no key, or one that we do not know (401)
├── Forbidden          a key without the scope that the request needs (403)
└── TooMany            over a limit (429)
"""

from __future__ import annotations


class ServerError(Exception):
    """Base of every error of this package. Its text is shown to the person and says what to do."""


class BadSettings(ServerError):
    """The environment holds a setting that cannot be used."""


class NotReady(ServerError):
    """Something that answering needs is missing; the text names it and says what to run."""


class Unauthorized(ServerError):
    """The request carries no key, or one that is unknown or revoked."""


class Forbidden(ServerError):
    """The request's key does not have the scope that it needs."""


class TooMany(ServerError):
    """The caller is over a limit and may try again after `retry_after_s` seconds."""

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
