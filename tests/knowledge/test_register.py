from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.errors import CorpusError
from knowledge.findings import TOPICS, check_corpus
from knowledge.register import read_corpus
from knowledge.rule import LANGUAGES
from knowledge.settings import KnowledgeSettings

SOURCE: dict[str, Any] = {
    "id": "reef/permits", "title": "Permits", "title_en": "Permits", "title_zh": "许可证", "publisher": "Reef",
    "authority": "SFC", "kind": "guideline", "language": "en", "published": "2023-06", "url": None, "official": True,
}  # fmt: skip
RULE: dict[str, Any] = {
    "id": "permit-fee", "topic": "licensing", "authority": "SFC", "instrument": "Permits, para 1", "stage": "made",
    "published": date(2023, 6, 1), "in_force_from": date(2023, 6, 1), "confidence": "high",
    "title": {"en": "Fee", "zh-Hans": "托管收费"},
    "statement": {"en": "It costs 7.", "zh-Hans": "托管收费7元。"},
    "evidence": [{"source": "reef/permits", "quote": "It costs 7."}],
}  # fmt: skip

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a corpus of one source and these rules, each with changed fields, and returns its folder."""

    def write(*rules: dict[str, Any], source: dict[str, Any] | None = None, text: str = "It costs 7.\n") -> Path:
        (tmp_path / "rules").mkdir(exist_ok=True)
        (tmp_path / "sources" / "reef").mkdir(parents=True, exist_ok=True)
        listed = yaml.safe_dump([RULE | fields for fields in rules], allow_unicode=True)
        (tmp_path / "rules" / "licensing.yaml").write_text(listed, encoding="utf-8")
        front = yaml.safe_dump(SOURCE | (source or {}), allow_unicode=True)
        (tmp_path / "sources" / "reef" / "permits.md").write_text(f"---\n{front}---\n{text}", encoding="utf-8")
        return tmp_path

    return write


def test_shipped_corpus_has_no_findings_and_covers_every_topic() -> None:
    corpus = read_corpus(KnowledgeSettings().corpus_dir)
    assert [str(finding) for finding in check_corpus(corpus)] == []
    assert len(corpus.rules) >= 450
    assert {rule.topic for rule in corpus.rules.values()} == TOPICS
    assert all(rule.statement[language] for rule in corpus.rules.values() for language in LANGUAGES)


def test_rule_is_read_with_traditional_derived_unless_given(write: Write) -> None:
    rule = read_corpus(write({})).rules["permit-fee"]
    assert (rule.title["zh-Hant"], rule.in_force_to, rule.published) == ("託管收費", None, "2023-06-01")
    given = {"en": "Fee", "zh-Hans": "托管收费", "zh-Hant": "保管收費"}
    assert read_corpus(write({"title": given})).rules["permit-fee"].title["zh-Hant"] == "保管收費"


def test_rule_knows_what_replaced_it(write: Write) -> None:
    rules = read_corpus(write({"id": "old"}, {"id": "new", "supersedes": ["old"]})).rules
    assert (rules["old"].superseded_by, rules["new"].superseded_by) == (("new",), ())


def test_partial_dates_of_sources_are_kept_as_written(write: Write) -> None:
    assert read_corpus(write({}, source={"published": 2023})).sources["reef/permits"].published == "2023"


def test_digest_changes_with_any_file(write: Write) -> None:
    first = read_corpus(write({})).digest
    assert read_corpus(write({})).digest == first
    assert read_corpus(write({}, text="It costs 7 now.\n")).digest != first
    folder = write({})
    (folder / "glossary.yaml").write_text("- [fee, 收费]\n", encoding="utf-8")
    corpus = read_corpus(folder)
    assert corpus.digest != first
    assert corpus.glossary == (("fee", "收费"),)


def test_questions_in_files_are_joined_to_those_of_their_rule(write: Write) -> None:
    folder = write({"asks": {"en": ["What is the fee?"], "zh": []}})
    first = read_corpus(folder).digest
    (folder / "asks").mkdir()
    lines = '{"rule": "permit-fee", "en": ["fee?", "What is the fee?"], "zh": ["收几多"]}\n'
    (folder / "asks" / "licensing.jsonl").write_text(lines, encoding="utf-8")
    corpus = read_corpus(folder)
    assert corpus.rules["permit-fee"].asks_en == ("What is the fee?", "fee?")
    assert corpus.rules["permit-fee"].asks_zh == ("收几多",)
    assert corpus.digest != first


def test_what_a_rule_leaves_open_is_read(write: Write) -> None:
    folder = write({})
    (folder / "open").mkdir()
    line = '{"rule": "permit-fee", "en": ["Who signs it?"], "zh": ["谁签发？"]}'
    (folder / "open" / "licensing.jsonl").write_text(f"{line}\n{line}\n", encoding="utf-8")
    assert read_corpus(folder).left_open == {"permit-fee": ("Who signs it?", "谁签发？")}


@pytest.mark.parametrize("kind", ["asks", "open"])
@pytest.mark.parametrize(
    ("name", "line", "reason"),
    [
        ("licensing", '{"rule": "permit-fee", "en": ["fee?"]', "licensing.jsonl:1: expected"),
        ("licensing", '{"rule": "permit-fee", "fr": ["prix?"]}', "licensing.jsonl:1: expected"),
        ("licensing", '{"rule": "permit-fees", "en": ["fee?"]}', "licensing.jsonl:1: there is no rule 'permit-fees'"),
        ("tax", '{"rule": "permit-fee", "en": ["fee?"]}', "tax.jsonl:1: rule permit-fee has topic 'licensing'"),
    ],
)
def test_wrong_line_of_questions_is_named(write: Write, kind: str, name: str, line: str, reason: str) -> None:
    folder = write({})
    (folder / kind).mkdir()
    (folder / kind / f"{name}.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(CorpusError, match=re.escape(reason)):
        read_corpus(folder)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"colour": "red"}, "colour"),
        ({"stage": "rumoured"}, "stage"),
        ({"published": "soon"}, "published"),
        ({"in_force_from": "2023-02-30"}, "in_force_from"),
        ({"id": "Permit Fee"}, "id"),
        ({"title": {"en": "Fee"}}, "zh-Hans"),
        ({"confidence": "certain"}, "confidence"),
        ({"topic": "tax"}, "the file's name is the topic"),
    ],
)
def test_wrong_field_of_a_rule_is_named_with_its_file(write: Write, fields: dict[str, Any], named: str) -> None:
    with pytest.raises(CorpusError, match=named) as refused:
        read_corpus(write(fields))
    assert "licensing.yaml" in str(refused.value)


@pytest.mark.parametrize(
    ("source", "named"),
    [({"id": "reef/other"}, "the path says 'reef/permits'"), ({"kind": "poem"}, "kind"), ({"extra": 1}, "extra")],
)
def test_wrong_field_of_a_source_is_named_with_its_file(write: Write, source: dict[str, Any], named: str) -> None:
    with pytest.raises(CorpusError, match=named) as refused:
        read_corpus(write({}, source=source))
    assert "permits.md" in str(refused.value)


def test_id_that_stands_twice_is_refused(write: Write) -> None:
    with pytest.raises(CorpusError, match="permit-fee stands twice"):
        read_corpus(write({}, {}))


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("rules/licensing.yaml", "- id: [", "not valid YAML"),
        ("rules/licensing.yaml", "id: x", "expected a list"),
        ("sources/reef/permits.md", "no front matter", "front matter"),
        ("glossary.yaml", "- [alone]", "groups of two"),
        ("glossary.yaml", "fee: 收费", "groups of two"),
        ("glossary.yaml", "- [fee, '?!']", "is no term"),
    ],
)
def test_malformed_file_is_named_with_the_reason(write: Write, name: str, content: str, reason: str) -> None:
    folder = write({})
    (folder / name).write_text(content, encoding="utf-8")
    with pytest.raises(CorpusError, match=reason) as refused:
        read_corpus(folder)
    assert Path(name).name in str(refused.value)


def test_folder_that_is_no_corpus_says_which_setting_to_mend(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="HKVA_CORPUS_DIR"):
        read_corpus(tmp_path)
