"""Settings of the bots. A platform is on where its token is set; tokens are never logged."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


def _names(value: object) -> object:
    return frozenset(one.strip() for one in value.split(",") if one.strip()) if isinstance(value, str) else value


Names = Annotated[frozenset[str], NoDecode, BeforeValidator(_names)]
"""Names separated by commas."""


class BotSettings(BaseSettings):
    """What the bots answer, and with which tokens."""

    model_config = SettingsConfigDict(env_prefix="HKVA_", extra="forbid", frozen=True)

    bot_workers: int = Field(default=4, ge=1, le=64, description="Messages of one platform answered at once.")
    bot_questions_per_minute: int = Field(default=10, ge=1, description="Questions a minute of one person.")
    slack_bot_token: SecretStr | None = Field(default=None, description="Slack bot token (xoxb-…).")
    slack_signing_secret: SecretStr | None = Field(default=None, description="Slack signing secret, for webhooks.")
    slack_app_token: SecretStr | None = Field(default=None, description="Slack app token (xapp-…), for Socket Mode.")
    slack_allowed: Names = Field(default=frozenset(), description="Slack channel or user ids that may ask; empty: all.")
    slack_api_url: str = Field(default="https://slack.com/api/", description="Address of Slack's Web API.")
    telegram_bot_token: SecretStr | None = Field(default=None, description="Telegram bot token, from BotFather.")
    telegram_secret: SecretStr | None = Field(default=None, description="Secret given to setWebhook, for webhooks.")
    telegram_allowed: Names = Field(
        default=frozenset(), description="Telegram chat or user ids that may ask; * is all."
    )
    telegram_api_url: str = Field(default="https://api.telegram.org", description="Address of the Bot API.")
    lark_app_id: str | None = Field(default=None, description="Lark app id (cli_…).")
    lark_app_secret: SecretStr | None = Field(default=None, description="Lark app secret.")
    lark_verification_token: SecretStr | None = Field(default=None, description="Lark verification token: callbacks.")
    lark_encrypt_key: SecretStr | None = Field(default=None, description="Lark encrypt key, for callbacks.")
    lark_tenant: str | None = Field(default=None, description="Lark tenant key that alone may ask; empty: the app's.")
    lark_allowed: Names = Field(default=frozenset(), description="Lark chat or open ids that may ask; empty: all.")
    lark_api_url: str = Field(default="https://open.larksuite.com", description="Feishu: https://open.feishu.cn.")
    teams_app_id: str | None = Field(default=None, description="Application (client) id of the Teams bot.")
    teams_app_secret: SecretStr | None = Field(default=None, description="Client secret of the Teams bot.")
    teams_tenant_id: str | None = Field(default=None, description="Tenant of the Teams bot; no other may ask.")
    teams_allowed: Names = Field(default=frozenset(), description="Teams conversation or user ids; empty: all.")
    teams_cloud: Literal["Public", "USGov", "USGovDoD", "China"] = Field(default="Public", description="Azure cloud.")
