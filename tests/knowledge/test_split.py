from __future__ import annotations

import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from knowledge.draft import Block, Draft
from knowledge.lines import columns
from knowledge.split import LIMIT, Slice, split

ENGLISH = "A licensed platform keeps client assets apart from its own and tells the SFC of every loss at once. "
CHINESE = "持牌平台须把客户资产与自身资产分开存放,并立即向证监会报告每一宗损失。"


def shown(text: str, slices: list[Slice]) -> list[str]:
    return [text[one.start : one.end] for one in slices]


def test_short_sections_are_one_slice_each_with_the_headings_above() -> None:
    text = "# Guide\n\nIntro.\n\n## Assets\n\nKeep apart.\n\n### Cold\n\n98% cold.\n\n## Fees\n\nPay."
    assert [(text[one.start : one.end], one.headings) for one in split(text)] == [
        ("Intro.", ("Guide",)),
        ("Keep apart.", ("Guide", "Assets")),
        ("98% cold.", ("Guide", "Assets", "Cold")),
        ("Pay.", ("Guide", "Fees")),
    ]


def test_a_digest_with_headings_right_above_paragraphs_is_split_alike() -> None:
    text = "# English\n## Capital\nHK$5 million.\n# 简体中文\n## 资本\n500万港元。\n"
    assert [(text[one.start : one.end], one.headings) for one in split(text)] == [
        ("HK$5 million.", ("English", "Capital")),
        ("500万港元。", ("简体中文", "资本")),
    ]


def test_paragraphs_of_a_section_are_packed_up_to_the_limit() -> None:
    text = "\n\n".join([ENGLISH.strip()] * 12)
    slices = split(text)
    assert len(slices) == 2
    assert all(part.endswith("at once.") for part in shown(text, slices))


def test_a_long_paragraph_is_cut_between_sentences_into_equal_pieces() -> None:
    for sentence, per_slice in ((ENGLISH, LIMIT), (CHINESE, LIMIT)):
        text = (sentence * 20).strip()
        slices = split(text)
        widths = [columns(part) for part in shown(text, slices)]
        assert len(slices) > 1
        assert max(widths) <= per_slice
        assert min(widths) > per_slice / 3
        assert all(part.endswith((".", "。")) for part in shown(text, slices))


def test_chinese_takes_two_columns_a_character() -> None:
    text = CHINESE * 30
    assert max(len(part) for part in shown(text, split(text))) <= LIMIT // 2


def test_a_sentence_longer_than_the_limit_is_cut_between_clauses() -> None:
    text = "平台须" + "、".join(["保存客户资产纪录"] * 80) + "。"
    parts = shown(text, split(text, limit=100))
    assert all(columns(part) <= 100 for part in parts)
    assert all(part.endswith(("、", "。")) for part in parts)


def test_a_word_longer_than_the_limit_is_cut_anywhere() -> None:
    text = "0x" + "a" * 5_000
    assert "".join(shown(text, split(text))) == text


def test_no_slice_crosses_a_page_and_each_knows_its_page() -> None:
    draft = Draft(
        "Report",
        (Block("paragraph", "One.", page=2), Block("paragraph", "Two.", page=2), Block("paragraph", "Three.", page=4)),
    )
    text = draft.text
    assert [(text[one.start : one.end], one.page) for one in split(text)] == [("One.\n\nTwo.", 2), ("Three.", 4)]


def test_a_single_page_is_page_one_and_unpaged_text_has_no_page() -> None:
    paged = Draft("T", (Block("paragraph", "One.", page=1),)).text
    assert [one.page for one in split(paged)] == [1]
    assert [one.page for one in split("One.")] == [None]


def test_headings_without_text_under_them_are_only_headings() -> None:
    assert split("# A\n\n## B\n") == []
    assert split("") == []


def test_a_paragraph_that_begins_with_a_number_sign_is_no_heading() -> None:
    text = Draft("T", (Block("heading", "Counts", level=2), Block("paragraph", "# of clients: 5"))).text
    assert [one.headings for one in split(text)] == [("Counts",)]


def test_a_limit_too_small_for_words_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 20"):
        split("text", limit=3)


LINES = st.sampled_from(
    ["# One", "## Two", "### Three", "", "", CHINESE, ENGLISH, CHINESE * 5, ENGLISH * 9, "- item one", "a | b", "短。"]
    + ["  indented text. More.", "1. Numbered; text", "\f", "word " * 80, "字" * 120, "#no heading", "“引文。”他说。"]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(LINES, max_size=25).map("\n".join), st.integers(min_value=20, max_value=900))
@example(f"1. Numbered; text\n{ENGLISH}\n{CHINESE}", 20)
def test_slices_are_exact_ordered_within_the_limit_and_cover_everything_but_headings(text: str, limit: int) -> None:
    slices = split(text, limit)
    covered: set[int] = set()
    for one in slices:
        part = text[one.start : one.end]
        assert part
        assert part == part.strip()
        assert columns(part) <= limit
        assert "\f" not in part
        assert not re.search(r"^#{1,6} ", part, re.MULTILINE)
        assert covered.isdisjoint(range(one.start, one.end))
        covered.update(range(one.start, one.end))
    assert [one.start for one in slices] == sorted(one.start for one in slices)
    place = 0
    for line in re.split(r"(?<=[\n\f])", text):
        if not re.match(r"#{1,6} ", line):
            assert all(n in covered for n in range(place, place + len(line)) if not text[n].isspace())
        place += len(line)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.builds(
            Block,
            st.sampled_from(["heading", "paragraph", "item", "quote", "table"]),
            st.text(min_size=1, max_size=40).filter(lambda text: any(letter.isalnum() for letter in text)),
            st.integers(min_value=0, max_value=7),
            st.none(),
        ),
        max_size=12,
    )
)
def test_every_letter_of_a_draft_that_is_no_heading_is_in_a_slice(blocks: list[Block]) -> None:
    text = Draft("T", tuple(blocks)).text
    sliced = "".join(shown(text, split(text)))
    wanted = sorted(letter for block in blocks if block.kind != "heading" for letter in block.text if letter.isalnum())
    assert sorted(letter for letter in sliced if letter.isalnum()) == wanted


def test_a_long_document_is_split_quickly() -> None:
    text = "\n\n".join([ENGLISH * 12, CHINESE * 12] * 100)
    begun = time.process_time()
    assert len(split(text)) > 300
    split("字" * 200_000)
    assert time.process_time() - begun < 10
