"""Everything that can go wrong in `assistant.state`, besides `NotFound`.

AssistantError
└── StateError             what is kept between questions cannot be read or written
    ├── StateUnavailable   the database is out of reach or busy now (trying again may help)
    ├── StateMismatch      the database was written by a newer version of this program, or is no database of ours
    └── SessionBusy        an earlier question of the same session is still being answered
"""

from __future__ import annotations

from assistant.errors import AssistantError


class StateError(AssistantError):
    """What is kept between questions cannot be read or written."""


class StateUnavailable(StateError):
    """The database cannot be reached, or is locked for too long; trying again may help."""


class StateMismatch(StateError):
    """The database's tables are not the ones that this version knows how to use."""


class SessionBusy(StateError):
    """An earlier question of the same session is still being answered; trying again helps."""
