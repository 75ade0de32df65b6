from __future__ import annotations

import sys
from pathlib import Path

import pytest

from assistant.errors import BadQuestion, ModelRefused, ModelUnavailable
from knowledge.errors import EmbedderMismatch, LibraryBusy, LibraryMissing
from server.cli import exit_code, main


def _run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["hkva", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_help_lists_the_commands(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(monkeypatch, "--help") == 0
    shown = capsys.readouterr().out
    assert all(command in shown for command in ("build", "search", "doctor"))


def test_missing_library_is_one_line_that_says_what_to_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("HKVA_DATA_DIR", str(tmp_path))
    assert _run(monkeypatch, "search", "stablecoin") == 3
    shown = capsys.readouterr().err
    assert "Run: hkva build" in shown
    assert "Traceback" not in shown


def test_doctor_names_what_is_missing_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("HKVA_DATA_DIR", str(tmp_path))
    assert _run(monkeypatch, "doctor") == 1
    shown = capsys.readouterr().out
    assert "ok    corpus" in shown
    assert "FAIL  library" in shown


def test_bad_setting_ends_with_its_name(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("HKVA_FETCH_MAX_BYTES", "many")
    assert _run(monkeypatch, "search", "stablecoin") == 2
    assert "HKVA_FETCH_MAX_BYTES" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (LibraryMissing(""), 3),
        (EmbedderMismatch(""), 3),
        (LibraryBusy(""), 4),
        (ModelUnavailable(""), 4),
        (ModelRefused(""), 1),
        (BadQuestion(""), 2),
    ],
)
def test_exit_code_says_whether_trying_again_helps(error: Exception, code: int) -> None:
    assert exit_code(error) == code
