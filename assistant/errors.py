"""Everything that can go wrong in `assistant`.

AssistantError
├── BadQuestion            the question cannot be taken as it is (the caller can mend it)
├── NotFound               an answer, session or rule that we do not hold
└── ModelError             the chat model failed
    ├── ModelUnavailable   unreachable, rate-limited, timed out (trying again may help)
    └── ModelRefused       no key, wrong key, refused, malformed (trying again does not help)
"""

from __future__ import annotations


class AssistantError(Exception):
    """Base of every error of this package. Its text is shown to the person and says what to do."""


class BadQuestion(AssistantError):
    """A question that cannot be taken as it is: empty, too long, a bad date or scope."""


class NotFound(AssistantError):
    """An answer, session, rule or source that we do not hold."""


class ModelError(AssistantError):
    """The chat model failed."""


class ModelUnavailable(ModelError):
    """The chat model cannot be reached now: network, rate limit, deadline."""


class ModelRefused(ModelError):
    """The chat model will not answer: no key, wrong key, refusal, malformed or cut-off output."""
