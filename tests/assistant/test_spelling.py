"""Slips of the keyboard are put right by the words of the records, and no name is made another."""

from __future__ import annotations

import pytest

from assistant.homophones import Homophones
from assistant.spelling import Spelling

SPELLING = Spelling(
    [
        "HashKey Exchange was licensed; the exchange must keep the threshold of capital for a stablecoin issuer",
        "Anchorpoint and the first Solana fund; a minimum paid share, stablecoin capital paid, appeal against it",
        "governs the securities of retail clients; a knowledge assessment, virtual asset capital and the minimum",
    ]
)
HOMOPHONES = Homophones(
    [
        ["Securities and Futures Commission", "證監會", "证监会"],
        ["virtual asset", "虛擬資產", "虚拟资产"],
        ["licence", "牌照"],
        ["stablecoin", "稳定币"],
        ["staking", "质押"],
        ["Eddie Yue", "余伟文"],
    ],
    {"虚拟", "拟资", "资产", "证监", "监会", "牌照", "稳定", "定币", "质押", "客户"},
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("who got teh first excahnge license", "who got the first exchange license"),
        ("wat is the minmum captial", "what is the minimum capital"),
        ("whatis theminimum capital of astablecoin issuer", "what is the minimum capital of a stablecoin issuer"),
        ("retial cleints knowlege asessment", "retail clients knowledge assessment"),
        ("when was anchor point licensed", "when was anchorpoint licensed"),
        ("When was HashKye licensed", "When was hashkey licensed"),
    ],
)
def test_slip_is_read_as_the_word_of_the_records(typed: str, meant: str) -> None:
    assert SPELLING.corrected(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "When did Solano list its fund?",
        "solano fund",
        "When does a firm appear before it?",
        "Which circular governed securities?",
        "HASHKY",
        "the weather in Kowloon",
    ],
)
def test_word_of_its_own_is_left(typed: str) -> None:
    assert SPELLING.corrected(typed) == typed


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("虚拟自产的牌照", "虚拟资产的牌照"),
        ("第一批稳定币排照", "第一批稳定币牌照"),
        ("證件會點睇", "证监会點睇"),
        ("客人質壓虛擬資產", "客人质押虛擬資產"),
        ("wendingbi 发行人", "稳定币 发行人"),
    ],
)
def test_characters_that_sound_like_a_term_are_read_as_it(typed: str, meant: str) -> None:
    assert HOMOPHONES.corrected(typed) == meant


@pytest.mark.parametrize("typed", ["怎样拍照", "余维文是谁", "牌照和质押", "Who may stake?"])
def test_short_run_alone_and_names_are_left(typed: str) -> None:
    assert HOMOPHONES.corrected(typed) == typed
