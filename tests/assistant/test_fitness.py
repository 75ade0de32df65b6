from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from assistant.fitness import Section, fitness, is_named, without_title
from assistant.rule_index import RuleIndex
from knowledge.e5_embedder import E5Embedder

STAFF = Section(
    [
        "Staff must obtain pre-clearance through the portal before they buy or sell any digital asset.",
        "Pre-clearance is valid for 48 hours.",
        "Staff must hold a digital asset for at least 30 calendar days after purchase.",
        "Holdings are declared by 15 January each year.",
    ],
    "Harbour Crest Capital Digital Asset Policy",
    ("5. Staff dealing",),
)
MEMO = Section(
    [
        "公司钱包由三人保管密钥,任何付款须两人签署。",
        "密钥备份存放在汇丰银行中环分行的保险箱。",
        "离职员工的权限须在最后工作日当天撤销。",
    ],
    "内部备忘录:稳定币结算试点",
    ("五、钱包与权限",),
)
FEES = Section(
    ["提取比特幣每次收費0.0004 BTC,提取以太幣每次收費0.003 ETH。", "存入加密貨幣免費。"],
    "維港數碼錢包客戶常見問題",
    ("收費", "提幣收唔收錢?"),
)
CUSTODY = Section(
    ["The head of compliance, Miriam Osei, owns this policy.", "It applies to contractors and interns."],
    "Harbour Crest Capital Digital Asset Policy",
    ("1. Purpose and scope",),
)


@pytest.mark.parametrize(
    ("question", "section", "right"),
    [
        ("How long do staff have to keep a token after buying it?", STAFF, 2),
        ("How long is pre-clearance valid?", STAFF, 1),
        ("When do staff have to declare their holdings?", STAFF, 3),
        ("密钥备份放在哪里?", MEMO, 1),
        ("維港數碼錢包提取比特幣收幾多錢?", FEES, 0),
        ("Who owns the digital asset policy at Harbour Crest Capital?", CUSTODY, 0),
    ],
)
def test_the_sentence_that_answers_fits_best_and_well(
    index: RuleIndex, embedder: E5Embedder, question: str, section: Section, right: int
) -> None:
    found = fitness(index, question, section, embedder.embed_query)
    assert int(found.argmax()) == right
    assert found[right] > 0.45


@pytest.mark.parametrize(
    ("question", "section"),
    [
        ("Which bank does Harbour Crest use for its payroll?", STAFF),
        ("How many interns does the firm employ?", CUSTODY),
        ("What is the email address of Miriam Osei?", CUSTODY),
        ("公司钱包的供应商是谁?", MEMO),
        ("維港數碼錢包幾時會推出信用卡?", FEES),
    ],
)
def test_no_sentence_fits_a_question_that_the_section_only_resembles(
    index: RuleIndex, embedder: E5Embedder, question: str, section: Section
) -> None:
    assert fitness(index, question, section, embedder.embed_query).max() < 0.45


def test_nothing_is_embedded_where_the_words_alone_rule_every_sentence_out(index: RuleIndex) -> None:
    def embed(text: str) -> NDArray[np.float32]:
        raise AssertionError(text)

    assert not fitness(index, "What is the email address of Miriam Osei?", CUSTODY, embed, least=0.7).any()


def test_where_a_sentence_may_fit_the_least_wanted_changes_nothing(index: RuleIndex, embedder: E5Embedder) -> None:
    question = "How long is pre-clearance valid?"
    found = fitness(index, question, STAFF, embedder.embed_query)
    assert (fitness(index, question, STAFF, embedder.embed_query, least=0.45) == found).all()


def test_a_paragraph_number_is_no_figure_that_answers(index: RuleIndex, embedder: E5Embedder) -> None:
    numbered = Section(["2.1 A member must review the audit.", "The audit must be no older than nine months."], "Guide")
    found = fitness(index, "How old may the audit be?", numbered, embedder.embed_query)
    assert found[1] > found[0]


def test_a_number_that_counts_something_else_is_no_answer_to_how_many(index: RuleIndex, embedder: E5Embedder) -> None:
    rule = Section(
        ["A member must tell the secretary in writing within 14 days.", "The association has 31 members."], "Guide"
    )
    found = fitness(index, "How many members does the association have?", rule, embedder.embed_query)
    assert found[1] > 0.45 > found[0]


@pytest.mark.parametrize(
    ("question", "title", "left"),
    [
        ("How old may an audit be under the Lantau guideline?", "Guideline, Lantau Association",
         "How old may an audit be under the guideline?"),
        ("維港數碼錢包提取比特幣收幾多錢?", "維港數碼錢包客戶常見問題", "提取比特幣收幾多錢?"),
        ("稳定币结算试点从什么时候开始?", "内部备忘录:稳定币结算试点", "稳定币结算试点从什么时候开始?"),
        ("What is the SFC's fee?", "An unrelated note", "What is the SFC's fee?"),
    ],
)  # fmt: skip
def test_what_names_the_document_is_left_out_of_the_question(question: str, title: str, left: str) -> None:
    assert without_title(question, title) == left


def test_a_document_is_named_by_words_that_are_its_own(index: RuleIndex) -> None:
    assert is_named(index, "How large a fine can the Lantau Association impose?", "Guideline, Lantau Association")
    assert not is_named(index, "What does the SFC ask of custodians?", "Our notes on the SFC")
