from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import Unigram

from knowledge.e5_folder import VOCABULARY, prepared_folder
from knowledge.e5_tokenizer import MAX_TOKENS, E5Tokenizer, read_tokenizer

START, END, UNKNOWN = 0, 2, 3
SPECIALS = (0, 1, 2, 3, 250_001)


@pytest.fixture(scope="module")
def tokenizer(models_dir: Path) -> E5Tokenizer:
    return read_tokenizer(prepared_folder(models_dir) / VOCABULARY)


class Reference:
    """The same vocabulary in the `tokenizers` package. Specials get names that no text can hold."""

    def __init__(self, path: Path) -> None:
        content = json.loads(path.read_text(encoding="utf-8"))
        pieces = content["pieces"]
        for number in SPECIALS:
            pieces[number] = f"\x01{number}"
        self.characters = str.maketrans(content["characters"])
        self.tokenizer = Tokenizer(Unigram(list(zip(pieces, content["scores"], strict=True)), unk_id=UNKNOWN))
        self.tokenizer.normalizer = normalizers.Sequence(
            [
                normalizers.NFC(),
                normalizers.Replace("\u2581", " "),
                normalizers.Replace(Regex(" {2,}"), " "),
                normalizers.Replace(Regex("^ +| +$"), ""),
            ]
        )
        self.tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always")

    def encode(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer.encode(text.translate(self.characters)).ids
        return [START, *ids, END]


@pytest.fixture(scope="module")
def reference(models_dir: Path) -> Reference:
    return Reference(prepared_folder(models_dir) / VOCABULARY)


ODD_TEXTS = [
    "ＶＡＴＰ　虛擬資產　１２３％",
    "①②③ ㈱ ﬁnance ½ ㎡ ™ Ⅳ",
    "cafe\u0301 na\u00efve A\u030angstro\u0308m",
    "zero\u200bwidth\u200djoin\ufeff soft\u00adhyphen",
    "spaces      and\t\ttabs\r\n\r\nand\u3000\u00a0\u2003more",
    "  leading and trailing  ",
    "👍🏽 licence 👨‍👩‍👧 granted 🇭🇰",
    "～から～まで 〜 ∼",
    "a\x00b\x07c\x1fd\x7fe",
    "𠮷野家 㗎 𨋢 嘅咗喺嚟",
    "\u2581mark\u2581\u2581marks",
    "HK$5,000,000.00 (s. 53ZRK(2)(a))—“quoted” … 'x'",
    "한국어 العربية עברית ไทย हिन्दी",
    "x" * 300,
    "",
]


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_tokens_equal_those_of_the_tokenizers_package(tokenizer: E5Tokenizer, reference: Reference, text: str) -> None:
    assert tokenizer.encode("query: " + text) == reference.encode("query: " + text)


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=60) | st.text(alphabet="虚擬资產 ab\u3000é１。\u0301", max_size=60))
def test_any_text_gives_the_tokens_of_the_tokenizers_package(
    tokenizer: E5Tokenizer, reference: Reference, text: str
) -> None:
    assert tokenizer.encode("passage: " + text) == reference.encode("passage: " + text)


def test_full_width_and_half_width_text_are_the_same(tokenizer: E5Tokenizer) -> None:
    assert tokenizer.encode("ＶＡＴＰ　１２３") == tokenizer.encode("VATP 123")


def test_spaces_around_a_text_do_not_count(tokenizer: E5Tokenizer) -> None:
    assert tokenizer.encode("\n 平台 platform \t") == tokenizer.encode("平台 platform")


def test_markers_that_a_person_writes_are_read_as_text(tokenizer: E5Tokenizer) -> None:
    inside = tokenizer.encode("</s> <s> <pad> <mask>")[1:-1]

    assert not set(inside) & set(SPECIALS)


def test_a_run_of_unknown_characters_is_one_token(tokenizer: E5Tokenizer) -> None:
    assert tokenizer.encode("\U00013000\U00013001\U00013002").count(UNKNOWN) == 1


def test_a_lone_surrogate_is_an_unknown_character(tokenizer: E5Tokenizer) -> None:
    assert UNKNOWN in tokenizer.encode("half \ud83d pair")


@pytest.mark.parametrize("word", ["平台須持牌", "licence "])
def test_long_text_is_cut_to_the_limit_and_closed(tokenizer: E5Tokenizer, reference: Reference, word: str) -> None:
    ids = tokenizer.encode(word * 2_000)

    assert len(ids) == MAX_TOKENS
    assert ids[-1] == END
    assert ids[:-1] == reference.encode(word * 2_000)[: MAX_TOKENS - 1]


def test_megabytes_of_text_take_no_longer_than_what_is_kept(tokenizer: E5Tokenizer) -> None:
    start = time.process_time()
    tokenizer.encode("虛擬資產" * 500_000)

    assert time.process_time() - start < 3
