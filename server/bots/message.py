"""A message that asks us something, as every platform's is kept in the inbox. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Platform = Literal["slack", "telegram", "lark", "teams"]


@dataclass(frozen=True, slots=True)
class BotMessage:
    """What was asked, by whom and where.

    `event_id` is the same however often the platform delivers the message. `text` is the question without our name.
    `thread` names the conversation on the platform; None where our reply begins it. `to` is what a reply needs.
    """

    platform: Platform
    event_id: str
    tenant: str
    place: str
    user: str
    text: str
    thread: str | None
    to: Mapping[str, str] = field(default_factory=dict)

    @property
    def owner(self) -> str:
        """The name under which sessions are kept: the platform with its workspace or organisation."""
        return f"{self.platform}:{self.tenant}"

    def to_json(self) -> dict[str, Any]:
        """The message as the inbox keeps it."""
        return {**asdict(self), "to": dict(self.to)}


def message_from(kept: Mapping[str, Any]) -> BotMessage:
    """The inverse of `to_json`."""
    return BotMessage(**kept)
