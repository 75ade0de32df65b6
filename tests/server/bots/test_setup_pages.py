from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from pydantic import SecretStr

from server.bots.opening import make_bots, make_listener
from server.bots.settings import BotSettings
from server.errors import BadSettings
from server.service import Service
from tests.fakes.slack_server import TOKEN

_FOLDER = Path(__file__).resolve().parents[3] / "server" / "bots"


def test_setup_pages_name_every_setting() -> None:
    page = (_FOLDER / "README.md").read_text(encoding="utf-8")
    missing = [name for name in BotSettings.model_fields if f"`HKVA_{name.upper()}" not in page]
    assert missing == []


def test_manifests_ask_for_what_the_bots_use() -> None:
    slack = yaml.safe_load((_FOLDER / "manifests" / "slack.yaml").read_text(encoding="utf-8"))
    assert {"app_mention", "message.channels", "message.im"} <= set(
        slack["settings"]["event_subscriptions"]["bot_events"]
    )
    assert {"chat:write", "commands", "im:write"} <= set(slack["oauth_config"]["scopes"]["bot"])
    teams = json.loads((_FOLDER / "manifests" / "teams.json").read_text(encoding="utf-8"))
    assert teams["bots"][0]["botId"] == teams["id"]


async def test_bots_are_on_where_their_webhooks_are_set_up(service: Service) -> None:
    assert make_bots(service, BotSettings()) == []
    secret = SecretStr("s")
    settings = BotSettings(slack_bot_token=SecretStr(TOKEN), slack_signing_secret=secret)
    assert [bot.path for bot in make_bots(service, settings)] == ["/bots/slack"]
    with pytest.raises(BadSettings, match="HKVA_TELEGRAM_BOT_TOKEN"):
        make_listener("telegram", service, settings)


def test_missing_package_is_named_with_the_extra(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "server.bots.slack", None)
    with pytest.raises(BadSettings, match=r"hkva-assistant\[slack\]"):
        make_listener("slack", service, BotSettings(slack_bot_token=SecretStr(TOKEN)))
