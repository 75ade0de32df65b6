from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from knowledge.register import read_corpus
from knowledge.settings import KnowledgeSettings
from server.cli import main

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `hkva` with these settings and arguments; returns the exit code and what stood on either stream."""

    def run(settings: KnowledgeSettings, *arguments: str) -> tuple[int, str]:
        monkeypatch.setenv("HKVA_DATA_DIR", str(settings.data_dir))
        monkeypatch.setenv("HKVA_CORPUS_DIR", str(settings.corpus_dir))
        monkeypatch.setattr(sys, "argv", ["hkva", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        return int(ended.value.code or 0), shown.out + shown.err

    return run


def _json(run: Run, settings: KnowledgeSettings, *arguments: str) -> Any:
    code, shown = run(settings, *arguments, "--json")
    assert code == 0
    return json.loads(shown)


def test_rules_are_listed_with_their_standing_on_a_day(run: Run, small_knowledge: KnowledgeSettings) -> None:
    rules = _json(run, small_knowledge, "rules", "list")
    assert {one["id"] for one in rules} == set(read_corpus(small_knowledge.corpus_dir).rules)
    rule = next(one for one in rules if one["in_force_from"])
    (before,) = (
        one for one in _json(run, small_knowledge, "rules", "list", "--as-of", "1995-01-01") if one["id"] == rule["id"]
    )
    assert before["standing"] == "not_yet"
    code, shown = run(small_knowledge, "rules", "list", "--topic", rule["topic"])
    assert code == 0
    assert rule["id"] in shown


def test_rule_is_shown_with_evidence_in_each_language(run: Run, small_knowledge: KnowledgeSettings) -> None:
    rule = next(iter(read_corpus(small_knowledge.corpus_dir).rules.values()))
    for language in ("en", "zh-Hans", "zh-Hant"):
        code, shown = run(small_knowledge, "rules", "show", rule.id, "--language", language)
        assert code == 0
        assert rule.statement[language] in shown
        assert rule.evidence[0].quote in shown
    assert _json(run, small_knowledge, "rules", "history", rule.id)[0]["id"]


def test_unknown_ids_and_languages_say_what_to_do(run: Run, small_knowledge: KnowledgeSettings) -> None:
    assert run(small_knowledge, "rules", "show", "none") == (1, "hkva: No rule 'none'. See: hkva rules list\n")
    assert run(small_knowledge, "sources", "show", "none") == (1, "hkva: No source 'none'. See: hkva sources list\n")
    rule = next(iter(read_corpus(small_knowledge.corpus_dir).rules))
    assert run(small_knowledge, "rules", "show", rule, "--language", "fr")[0] == 2


def test_check_passes_a_sound_corpus_and_fails_a_broken_one(
    run: Run, small_knowledge: KnowledgeSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HKVA_SEEDS", raising=False)
    code, shown = run(small_knowledge, "rules", "check")
    assert (code, "no findings" in shown) == (0, True)
    copy = tmp_path / "copied"
    copy.mkdir()
    source = next(iter(read_corpus(small_knowledge.corpus_dir).sources.values()))
    (copy / "article.txt").write_text(source.text, encoding="utf-8")
    monkeypatch.setenv("HKVA_SEEDS", str(copy))
    code, shown = run(small_knowledge, "rules", "check")
    assert (code, f"{source.id}  shares_a_run" in shown) == (1, True)


def test_own_documents_go_in_are_listed_and_come_out(
    run: Run, settings_with_models: KnowledgeSettings, small_knowledge: KnowledgeSettings, tmp_path: Path
) -> None:
    settings = settings_with_models.model_copy(update={"corpus_dir": small_knowledge.corpus_dir})
    shutil.copytree(small_knowledge.library_dir, settings.library_dir)
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "kelp.txt").write_text("Kelp growers pay a levy of 42 shells for each raft.")
    code, shown = run(settings, "ingest", str(folder), str(tmp_path / "absent.pdf"))
    assert (code, "1 added, 1 failed" in shown, "absent.pdf: There is no such file" in shown) == (1, True, True)
    assert [one["id"] for one in _json(run, settings, "sources", "list", "--own")] == ["own/kelp.txt"]
    assert "42 shells" in run(settings, "sources", "show", "own/kelp.txt")[1]
    code, shown = run(settings, "ingest", "--remove", str(folder))
    assert (code, "1 removed" in shown) == (0, True)
    assert _json(run, settings, "sources", "list", "--own") == []
