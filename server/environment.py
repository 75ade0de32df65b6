"""Every setting there is, and the check that the environment names no other."""

from __future__ import annotations

import os

from pydantic_settings import BaseSettings

from assistant.model_settings import ModelSettings
from assistant.settings import AssistantSettings
from knowledge.settings import KnowledgeSettings
from server.bots.settings import BotSettings
from server.errors import BadSettings
from server.settings import ServerSettings, check_environment

KINDS: tuple[type[BaseSettings], ...] = (
    KnowledgeSettings,
    AssistantSettings,
    ModelSettings,
    ServerSettings,
    BotSettings,
)
"""The settings of every package; a part that has its own adds them here."""
OTHER_VARIABLES = ("HKVA_SEEDS",)
"""Variables with our prefix that only tests and checks of this repository read."""


def refuse_unknown_settings() -> None:
    """Raises BadSettings where a variable with our prefix is no setting: a misspelt one would have no effect."""
    findings = check_environment(os.environ, KINDS, OTHER_VARIABLES)
    if findings:
        raise BadSettings(" ".join(findings))
