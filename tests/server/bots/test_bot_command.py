"""`hkva bot` as a person runs it, in a process of its own over the small library."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from knowledge.settings import KnowledgeSettings
from server.cli import main
from tests.fakes.platform_server import until
from tests.fakes.telegram_server import TOKEN, telegram_server, update_of
from tests.server.processes import HKVA

ROOT = Path(__file__).resolve().parents[3]
QUESTION = "Who may hold client digital assets in custody for a bank?"


async def test_bot_answers_from_the_library_until_a_signal_ends_it(
    small_knowledge: KnowledgeSettings, tmp_path: Path
) -> None:
    for name in ("library", "models"):
        (tmp_path / name).symlink_to(small_knowledge.data_dir / name, target_is_directory=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HKVA_")}
    async with telegram_server() as telegram:
        telegram.updates.append(update_of(QUESTION))
        settings = {"HKVA_TELEGRAM_BOT_TOKEN": TOKEN, "HKVA_TELEGRAM_ALLOWED": "7"}
        settings |= {"HKVA_TELEGRAM_API_URL": telegram.url, "HKVA_DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", HKVA, "bot", "telegram", env={**kept, **settings},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            await until(lambda: any("[1] <a href" in text for text in telegram.texts), 90)
            child.send_signal(signal.SIGTERM)
            said, logged = await asyncio.wait_for(child.communicate(), 30)
        finally:
            if child.returncode is None:
                child.kill()
    assert child.returncode == 0
    assert "hkva answers in Telegram" in said.decode()
    assert "Traceback" not in logged.decode()
    assert TOKEN not in logged.decode()
    assert QUESTION not in logged.decode()


@pytest.mark.parametrize(
    ("chat", "missing"),
    [("slack", "HKVA_SLACK_BOT_TOKEN"), ("telegram", "HKVA_TELEGRAM_BOT_TOKEN"), ("lark", "HKVA_LARK_APP_ID")],
)
def test_missing_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, chat: str, missing: str
) -> None:
    for name in [name for name in os.environ if name.startswith("HKVA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HKVA_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["hkva", "bot", chat])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert missing in capsys.readouterr().err
