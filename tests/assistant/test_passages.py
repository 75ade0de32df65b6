from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date

import pytest

from assistant.answer import Outcome
from assistant.compose import Composed
from assistant.deciding import Reader
from assistant.question import Question
from assistant.settings import AssistantSettings
from assistant.verify import open_verifier
from knowledge.e5_embedder import E5Embedder
from knowledge.ingestion import ingest
from knowledge.library import open_library
from knowledge.settings import KnowledgeSettings

POLICY = """---
title: Harbour Crest Capital, Digital Asset Policy
publisher: Harbour Crest Capital Limited
published: 2026-03-02
---
## 1. Limits

The Firm may hold no more than 8% of its net assets in digital assets. Privacy coins such as Monero are prohibited.

## 2. Custody

At least 95% of the Firm's digital assets must be kept in cold storage with Hex Trust. Withdrawals above US$250,000
need three of five key holders.
"""
MEMO = """内部备忘录:稳定币结算试点

一、额度
单笔付款不得超过30万港元,每家供应商每月累计不得超过100万港元。超出额度须由财务总监林国栋书面批准。

二、可用币种
USDT和USDC暂不采用,原因是发行人未在香港持牌。
"""
QUESTIONS = """<html lang="zh-Hant"><head><title>維港數碼錢包客戶常見問題</title></head><body>
<h1>維港數碼錢包客戶常見問題</h1>
<h2>提幣收唔收錢?</h2><p>提取比特幣每次收費0.0004 BTC。存入加密貨幣免費。</p>
<h2>支持咩幣?</h2><p>現時支持比特幣和以太幣。狗狗幣暫不支持。</p>
</body></html>
"""


@pytest.fixture(scope="module")
def reader(
    small_knowledge: KnowledgeSettings, embedder: E5Embedder, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Reader]:
    """The assistant's reader over the small library with three documents of a firm's own in it."""
    folder = tmp_path_factory.mktemp("own")
    documents = folder / "documents"
    documents.mkdir()
    (documents / "policy.md").write_text(POLICY, encoding="utf-8")
    (documents / "memo.txt").write_text(MEMO, encoding="utf-8")
    (documents / "questions.html").write_text(QUESTIONS, encoding="utf-8")
    shutil.copytree(small_knowledge.library_dir, folder / "library", ignore=shutil.ignore_patterns("*lock*"))
    settings = KnowledgeSettings(data_dir=folder, corpus_dir=small_knowledge.corpus_dir, embedder="bundled")
    assert ingest([str(documents)], settings, embedder).count("added") == 3
    library = open_library(settings.library_dir, embedder)
    yield Reader(library, open_verifier(), AssistantSettings(today=date(2026, 11, 23)))
    library.close()


def answered(reader: Reader, question: str) -> Composed:
    return reader.decide(reader.understand(Question(question))).composed


@pytest.mark.parametrize(
    ("question", "document", "said"),
    [
        ("How much of its net assets may Harbour Crest hold in digital assets?", "policy.md", "8%"),
        ("How many key holders have to sign a large withdrawal?", "policy.md", "three of five"),
        ("单笔付款的上限是多少?", "memo.txt", "30万"),
        ("试点为什么不用USDT?", "memo.txt", "未在香港持牌"),
        ("維港數碼錢包提取比特幣收幾多錢?", "questions.html", "0.0004"),
        ("狗狗幣支唔支持?", "questions.html", "狗狗幣暫不支持"),
    ],
)
def test_a_question_on_an_own_document_is_answered_with_its_sentence_and_exact_quote(
    reader: Reader, question: str, document: str, said: str
) -> None:
    composed = answered(reader, question)
    assert composed.outcome is Outcome.ANSWERED
    assert said in composed.text
    (citation,) = composed.citations
    assert (citation.kind, citation.id) == ("passage", f"own/{document}")
    text = reader.library.sources[citation.id].text
    assert text[citation.start : citation.end] == citation.quote
    assert said in citation.quote


@pytest.mark.parametrize(
    "question",
    [
        "Which bank does Harbour Crest use for its payroll?",
        "Does Harbour Crest have an office in Tokyo?",
        "财务总监林国栋的邮箱是什么?",
        "維港數碼錢包幾時會推出信用卡?",
    ],
)
def test_what_an_own_document_does_not_say_is_declined(reader: Reader, question: str) -> None:
    assert answered(reader, question).outcome is not Outcome.ANSWERED


def test_a_document_that_the_question_names_is_told_before_any_rule(reader: Reader) -> None:
    composed = answered(reader, "What share of digital assets must Harbour Crest keep in cold storage?")
    assert [one.id for one in composed.citations] == ["own/policy.md"]
    assert "95%" in composed.text


def test_a_question_on_the_rules_is_still_answered_by_them(reader: Reader) -> None:
    composed = answered(reader, "May a bank lend out virtual assets that it holds in custody for clients?")
    assert [one.kind for one in composed.citations] == ["rule"] * len(composed.citations)
    assert composed.citations
