from __future__ import annotations

import codecs
import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.decode import decode
from knowledge.errors import DocumentError

SIMPLIFIED = (
    "证监会要求持牌平台把客户资产存放在独立账户。",
    "稳定币发行人须取得金管局的牌照,并持有足额储备。",
    "散户投资者在开户前要通过知识评估;平台不得提供借贷。",
    "政府在2022年10月发表了政策宣言,业界反应正面。",
)
TRADITIONAL = (
    "證監會要求持牌平台把客戶資產存放在獨立帳戶。",
    "穩定幣發行人須取得金管局的牌照,並持有足額儲備。",
    "散戶投資者在開戶前要通過知識評估;平台不得提供借貸。",
    "立法會在去年通過條例草案,新制度今年六月起實施。",
)
CANTONESE = "佢哋話平台嘅種子同私鑰一定要擺喺香港,唔可以放喺外國。"
ENGLISH = (
    "A licensed platform keeps “client assets” apart – at least 98% of them in cold storage, said the SFC’s chief."
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030"])
def test_simplified_text_is_read_in_every_encoding_it_is_saved_in(encoding: str) -> None:
    text = "\n".join(SIMPLIFIED)
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "big5hkscs", "gb18030"])
def test_traditional_text_is_read_in_every_encoding_it_is_saved_in(encoding: str) -> None:
    text = "\n".join(TRADITIONAL)
    assert decode(text.encode(encoding)) == text


def test_hong_kong_characters_come_out_of_big5_hkscs() -> None:
    assert decode(CANTONESE.encode("big5hkscs")) == CANTONESE


@pytest.mark.parametrize("text", ["稳定币", "客户资产", "香港证监会公布"])
def test_a_few_characters_are_enough_for_gb18030(text: str) -> None:
    assert decode(text.encode("gb18030")) == text


@pytest.mark.parametrize("text", ["穩定幣", "客戶資產", "香港證監會公布"])
def test_a_few_characters_are_enough_for_big5(text: str) -> None:
    assert decode(text.encode("big5hkscs")) == text


def test_english_with_a_chinese_name_is_read_from_gb18030_and_big5() -> None:
    assert decode("The chief executive (梁凤仪, 证监会) spoke.".encode("gb18030")).count("梁凤仪") == 1
    assert decode("The chief executive (梁鳳儀, 證監會) spoke.".encode("big5hkscs")).count("梁鳳儀") == 1


def test_english_with_typographic_marks_is_read_from_windows_1252() -> None:
    assert decode(ENGLISH.encode("cp1252")) == ENGLISH


def test_western_names_are_read_from_windows_1252() -> None:
    text = "The café of Société Générale lies in Zürich, says the señor.\n" * 3
    assert decode(text.encode("cp1252")) == text


def test_utf16_english_without_a_mark_is_read() -> None:
    assert decode("Licensed platforms only.".encode("utf-16-le")) == "Licensed platforms only."


def test_line_ends_become_newlines() -> None:
    assert decode(b"one\r\ntwo\rthree\n") == "one\ntwo\nthree\n"


def test_a_wrongly_declared_encoding_is_not_believed() -> None:
    text = SIMPLIFIED[0]
    assert decode(text.encode("utf-8"), "big5") == text
    assert decode(text.encode("gb18030"), "iso-8859-1") == text
    assert decode(text.encode("utf-8"), "no-such-encoding") == text


def test_a_declared_encoding_decides_where_it_reads_well() -> None:
    assert decode(TRADITIONAL[1].encode("big5hkscs"), "Big5") == TRADITIONAL[1]


@pytest.mark.parametrize(
    "mojibake",
    [
        "\n".join(SIMPLIFIED).encode().decode("latin-1"),
        ENGLISH.replace("”", "“").encode().decode("cp1252") * 3,
        "\n".join(SIMPLIFIED).encode().decode("gb18030", "replace").replace("\ufffd", "?"),
        "\n".join(TRADITIONAL).encode("big5hkscs").decode("gb18030", "ignore"),
        "锟斤拷锟斤拷的文件",
        "客户\ufffd\ufffd资产\ufffd\ufffd平台",
    ],
)
def test_mojibake_is_refused_with_what_to_do(mojibake: str) -> None:
    with pytest.raises(DocumentError, match="save it as UTF-8"):
        decode(mojibake.encode())


def test_a_single_lost_character_does_not_cost_the_document() -> None:
    text = "Platforms must be licensed. " * 40 + "caf\ufffd"
    assert decode(text.encode()) == text


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 8,
        b"\x00\x01\x02\x03" * 100,
        codecs.BOM_UTF8 + b"\xff\xfe\xfa",
        codecs.BOM_UTF16_LE + b"\x00\xd8\x41",
    ],
)
def test_bytes_that_are_no_text_are_refused(data: bytes) -> None:
    with pytest.raises(DocumentError):
        decode(data)


def test_damaged_utf8_is_refused_with_the_place() -> None:
    data = "\n".join(TRADITIONAL * 3).encode()
    with pytest.raises(DocumentError, match="UTF-8 but damaged, first at byte 9"):
        decode(data[:10] + b"\xff" + data[11:])


def test_rare_but_real_chinese_is_not_taken_for_mojibake() -> None:
    names = "龔鑫淼、饒馨蕊、翟曜琨、欒靖雯、閻翊瑄、覃睿祺、鄺梓朗、冼穎琳、麥芷晴等人出席,並在會上發言,表示支持。"
    assert decode(names.encode("utf-8")) == names


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(SIMPLIFIED), min_size=1, max_size=8),
    st.sampled_from(["utf-8", "utf-16", "utf-16-le", "utf-16-be", "gb18030"]),
)
def test_whatever_simplified_text_is_saved_comes_back(lines: list[str], encoding: str) -> None:
    text = "\n".join(lines)
    assert decode(text.encode(encoding)) == text


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from((*TRADITIONAL, CANTONESE)), min_size=1, max_size=8),
    st.sampled_from(["utf-8", "utf-16", "utf-16-le", "utf-16-be", "big5hkscs"]),
)
def test_whatever_traditional_text_is_saved_comes_back(lines: list[str], encoding: str) -> None:
    text = "\n".join(lines)
    assert decode(text.encode(encoding)) == text


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_text_or_a_reason(data: bytes) -> None:
    with contextlib.suppress(DocumentError):
        assert isinstance(decode(data), str)
