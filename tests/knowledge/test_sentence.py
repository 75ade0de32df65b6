from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.sentence import sentences


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    "parts",
    [
        ["Platforms must be licensed.", "Retail clients may trade.", "Is that so?", "Yes!"],
        ["The duty lies in section 53ZRK of Cap. 615.", "It binds every operator."],
        ["See No. 5 and paras. 7.9 to 7.11.", "The SFC agreed."],
        ["Nos. 1 and 2 stand.", "So does Sch. 3B."],
        ["Under s. 114 of the SFO, e.g. a broker, i.e. an intermediary, needs a licence.", "Others do not."],
        ["Banks, brokers, etc.", "The circular covers them all."],
        ["Example Digital Ltd. received its licence.", "Other Exchange Co., Ltd. did not."],
        ["It was granted to Example Ltd.", "The firm opened in June."],
        ["Mr. Lee met Dr. Chan and Ms. Wong.", "They spoke of J. P. Doe v. the Commissioner."],
        ["U.S. investors are barred.", "He lives in the U.S.", "The rule follows him."],
        ["The fee is 3.5% of HK$1.25 million.", "Then it falls to 0.5%."],
        ["It costs approx. HK$5 million.", "That is much."],
        ["On 4 Nov. 2023 the article appeared.", "It was long."],
        ["At 9 a.m. trading opens."],
        ["Wait... for it.", "Then go."],
        ["The e-HKD pilot began.", "e-HKD+ followed it.", "mBridge came later."],
        ["It is a Type 1 or a Type A.", "The form asks."],
        ["Apply for Type A.", "The form asks for it."],
        ["Web3 is new.", "Crypto.com is not.", "See https://www.sfc.hk/en/?a=b.c for more."],
        ["The list has 11 names.[2]", "It had 7.[3][4]"],
        ["No.", "That is not so."],
        ["(This stands in brackets.)", "This does not (see Cap. 571. It is long) at all."],
        ["1. Keep assets apart.", "2. Insure them."],
        ["A. Overview of the regime.", "B. Details follow."],
        ["Keep assets apart; insure them; report losses.", "Else the licence goes."],
        ["The Guidelines (“VATP Guidelines”) apply.", "They bind."],
        ["It began in 2019.", "The rest came in 2023."],
    ],
)
def test_english_is_cut_where_sentences_end(parts: list[str]) -> None:
    assert cut(" ".join(parts)) == parts


@pytest.mark.parametrize(
    "parts",
    [
        ["平台须持牌。", "散户可以买卖吗？", "可以！", "但有条件。"],
        ["平台须持牌。", "散户可以买卖吗?", "可以!", "但有条件。"],
        ["第一类牌照涵盖交易；", "第七类牌照涵盖自动化服务。"],
        ["第一类牌照涵盖交易;", "第七类牌照涵盖自动化服务。"],
        ["收费为3.5%，即1.25亿港元。", "其后降至0.5%。"],
        ["数字人民币（e-CNY）已试行。", "Web 3.0业界欢迎。"],
        ["他在会上说：“平台须持牌。没有例外。”", "其后公布名单。"],
        ["他在会上說：「平台須持牌。沒有例外。」", "其後公布名單。"],
        ["“散户可以买吗？”一名议员问道。", "局长没有回应。"],
        ["「散戶可以買嗎？」有議員問道。", "局長沒有回應。"],
        ["他指稳定币是“桥梁”。", "会议到此结束。"],
        ["他引述「『桥梁』之说」。", "会议到此结束。"],
        ["《稳定币条例》（第656章）已生效。", "发牌制度随之展开。"],
        ["佢話平台要攞牌。", "散戶買得唔買得？", "買得㗎！"],
        ["共有11家(截至2025年6月)。", "其后增至12家。"],
        ["有人问：“合法吗？”", "证监会于是说明立场，并发出通函。"],
        ["等等……最后还是通过了。", "新例六月生效。"],
    ],
)
def test_chinese_is_cut_where_sentences_end(parts: list[str]) -> None:
    assert cut("".join(parts)) == parts


def test_a_quotation_stays_with_who_said_it() -> None:
    text = 'She said: "We will act. We always do." The room was silent.'
    assert cut(text) == ['She said: "We will act. We always do."', "The room was silent."]
    assert cut("“Why now?” Chan asked. Nobody knew.") == ["“Why now?” Chan asked.", "Nobody knew."]
    assert cut("“Why now?” he asked. Nobody knew.") == ["“Why now?” he asked.", "Nobody knew."]


def test_a_question_ends_with_its_quotation_where_another_sentence_follows() -> None:
    assert cut("He asked, “Is it legal?” The SFC said yes.") == ["He asked, “Is it legal?”", "The SFC said yes."]


def test_an_unclosed_quotation_does_not_swallow_the_paragraph() -> None:
    assert cut("“平台须持牌。散户可买。其余不变。") == ["“平台须持牌。", "散户可买。", "其余不变。"]
    assert cut('He said "no. Then he left. We stayed.') == ['He said "no.', "Then he left.", "We stayed."]


def test_a_quotation_of_many_sentences_is_read_as_running_text() -> None:
    said = "每个平台都必须取得牌照才可以经营业务。" * 30
    assert len(cut(f"他说：“{said}”然后离开。")) > 20


def test_headings_items_and_rows_stand_alone_without_their_marks() -> None:
    text = "## Who needs it\n\nAll do.\n\n- keep assets apart\n- insure them. All of them.\n\na | b\n1 | 2\n\nEnd."
    assert cut(text) == [
        "Who needs it",
        "All do.",
        "keep assets apart",
        "insure them.",
        "All of them.",
        "a | b",
        "1 | 2",
        "End.",
    ]


def test_lettered_paragraphs_on_their_own_lines_stand_alone() -> None:
    assert cut("An operator must:\n(a) hold cover; and\n(b) report losses.") == [
        "An operator must:",
        "(a) hold cover; and",
        "(b) report losses.",
    ]


def test_a_line_end_within_a_paragraph_is_a_space() -> None:
    assert cut("A platform must\nhold a licence. It\nmust pay.") == [
        "A platform must\nhold a licence.",
        "It\nmust pay.",
    ]


def test_a_page_end_ends_the_sentence() -> None:
    assert cut("First page\n\fSecond page") == ["First page", "Second page"]


@pytest.mark.parametrize("text", ["", "   \n\n\t", "\f\f"])
def test_nothing_has_no_sentences(text: str) -> None:
    assert sentences(text) == []


PIECES = st.sampled_from(
    [*'。！？；;.!?…“”「」"()（）《》’ \n\f', "\n\n", "- ", "## ", " | ", "1. "]
    + ["平台须持牌", "散户", "Platforms", "must", "Cap. 656", "No. 5", "Ltd.", "U.S.", "3.5%", "e-HKD"]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=60).map("".join))
def test_sentences_are_in_order_trimmed_and_cover_all_but_marks(text: str) -> None:
    found = sentences(text)
    assert all(start < end for start, end in found)
    assert all(before[1] <= after[0] for before, after in zip(found, found[1:], strict=False))
    assert all(text[start:end] == text[start:end].strip() for start, end in found)
    covered = {place for start, end in found for place in range(start, end)}
    left = "".join(letter for place, letter in enumerate(text) if place not in covered and not letter.isspace())
    assert set(left) <= set("#-*+•|>")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_cut_without_losing_letters(text: str) -> None:
    covered = {place for start, end in sentences(text) for place in range(start, end)}
    assert all(place in covered or not letter.isalnum() for place, letter in enumerate(text))


@pytest.mark.parametrize("text", ["a (b " * 40_000, 'x. a "' * 40_000, "“" * 40_000, "Ltd. " * 40_000, "字" * 200_000])
def test_hostile_texts_take_no_long_time(text: str) -> None:
    begun = time.process_time()
    sentences(text)
    assert time.process_time() - begun < 10
