from __future__ import annotations

import io

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, NumberObject, StreamObject

from knowledge.convert import convert
from knowledge.errors import DocumentError
from knowledge.from_pdf import page_blocks, paragraphs_of, without_running_heads
from knowledge.split import split


def _to_unicode(pages: list[list[str]]) -> str:
    """The table that says of each code that it is the character itself, for the rows of Unicode that are used."""
    rows = sorted({ord(letter) >> 8 for lines in pages for line in lines for letter in line})
    ranges = "".join(f"<{row:02X}00> <{row:02X}FF> <{row:02X}00>\n" for row in rows)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        f"{len(rows)} beginbfrange\n{ranges}endbfrange\nendcmap end end"
    )


def make_pdf(pages: list[list[str]], info: str = "") -> bytes:
    """A PDF written by hand: each page a list of lines, drawn with a font that maps every character to itself."""
    table_of_codes = _to_unicode(pages)
    kids = " ".join(f"{6 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [4 0 R] "
        "/ToUnicode 5 0 R >>",
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) "
        "/Supplement 0 >> /DW 500 >>",
        f"<< /Length {len(table_of_codes)} >>\nstream\n{table_of_codes}\nendstream",
    ]
    for n, lines in enumerate(pages):
        drawn = "".join(f"<{line.encode('utf-16-be').hex()}> Tj T*\n" for line in lines)
        content = f"BT /F 10 Tf 12 TL 50 780 Td\n{drawn}ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Resources << /Font << /F 3 0 R >> >> "
            f"/Contents {7 + 2 * n} 0 R >>"
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    objects.append(f"<< {info} >>")
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for n, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{n} 0 obj\n{body}\nendobj\n".encode()
    table = len(out)
    rows = "".join(f"{place:010} 00000 n \n" for place in places)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{rows}".encode()
    trailer = f"<< /Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R >>"
    out += f"trailer {trailer}\nstartxref\n{table}\n%%EOF".encode()
    return bytes(out)


REPORT = [
    [
        "Custody of client assets",
        "1. Scope",
        "This note concerns every operator that holds the assets of its clients, whether",
        "directly or through an associated entity, and it sets out what the operator must",
        "do to keep them safe.",
        "2. Storage",
        "At least 98% of client assets stay offline. The rest is insured in full, and a",
    ],
    ["loss is reported on the same day.", "(a) Seeds and keys stay in Hong Kong.", "(b) Copies are kept apart."],
]


def test_lines_become_paragraphs_headings_and_pages() -> None:
    draft = convert(make_pdf(REPORT), "custody.pdf")
    assert draft.title == "Custody of client assets"
    assert [(block.kind, block.page) for block in draft.blocks] == [
        ("heading", 1),
        ("paragraph", 1),
        ("heading", 1),
        ("paragraph", 1),
        ("paragraph", 2),
        ("paragraph", 2),
    ]
    assert draft.blocks[1].text.endswith("what the operator must do to keep them safe.")
    # The paragraph that runs over the page's end is whole, and stands where it began.
    assert draft.blocks[3].text.endswith("and a loss is reported on the same day.")
    assert draft.metadata["pages"] == "2"


def test_chinese_lines_are_joined_without_spaces() -> None:
    pages = [["客户资产的保管", "本文件适用于所有持有客户资产的平台营运者,不论其直接持有还是", "通过有联系实体持有。"]]
    draft = convert(make_pdf(pages), "保管.pdf")
    assert draft.title == "客户资产的保管"
    assert draft.blocks[0].text == "本文件适用于所有持有客户资产的平台营运者,不论其直接持有还是通过有联系实体持有。"
    assert draft.language == "zh-Hans"


def test_radicals_and_ligatures_are_read_as_the_letters_they_draw() -> None:
    pages = [["Notice", "Five \ufb01rms \ufb01led reports.", "营业\u2f47内提交书\u2faf报告 ,然后存档。"]]
    text = convert(make_pdf(pages), "n.pdf").text
    assert "Five firms filed reports." in text
    assert "营业日内提交书面报告,然后存档。" in text


def test_slices_carry_the_page_on_which_they_stand() -> None:
    pages = [
        ["Report on custody"],
        ["Nothing of note happened in the first quarter of the year."],
        ["Losses were nil."],
    ]
    text = convert(make_pdf(pages), "r.pdf").text
    assert [(one.page, text[one.start : one.end][:6]) for one in split(text)] == [(2, "Nothin"), (3, "Losses")]


def test_running_heads_and_page_numbers_are_dropped() -> None:
    pages = [
        "\n".join(["Example Bureau", f"The finding number {n} is told here.", f"Page {n} of 5"]) for n in range(1, 6)
    ]
    assert without_running_heads(pages) == [[f"The finding number {n} is told here."] for n in range(1, 6)]


def test_a_figure_that_differs_on_each_page_is_kept_amid_the_page() -> None:
    lines = [
        "Head line of text",
        "More text",
        "And more",
        "Total: 5 platforms",
        "Still more",
        "And on",
        "The end of it",
    ]
    kept = without_running_heads(["\n".join([*lines[:3], f"Total: {n} platforms", *lines[4:]]) for n in range(4)])
    assert [page[0] if page else "" for page in kept] == [
        "Total: 0 platforms",
        "Total: 1 platforms",
        "Total: 2 platforms",
        "Total: 3 platforms",
    ]


def test_a_short_last_line_ends_its_paragraph() -> None:
    lines = [
        "An operator keeps the assets of its clients in a trust account with a bank that",
        "is authorised.",
        "It reconciles them daily against its books and reports every difference to the",
        "board.",
    ]
    assert len(paragraphs_of(lines)) == 2


def test_numbered_provisions_begin_their_own_paragraphs() -> None:
    blocks = page_blocks(
        ["7.1 An operator keeps books.\n7.2 An operator reports to the SFC within one day.\n7.3 It pays."]
    )
    assert [block.text[:3] for block in blocks] == ["7.1", "7.2", "7.3"]


def test_the_document_title_of_the_properties_is_used_unless_it_is_a_file_name() -> None:
    assert convert(make_pdf(REPORT, "/Title (Guide to custody)"), "a.pdf").title == "Guide to custody"
    assert (
        convert(make_pdf(REPORT, "/Title (Microsoft Word - final2.doc)"), "a.pdf").title == "Custody of client assets"
    )


def test_the_date_on_which_a_file_was_made_is_not_taken_for_publication() -> None:
    assert convert(make_pdf(REPORT, "/CreationDate (D:20240101)"), "a.pdf").published is None


def encrypted(password: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(make_pdf(REPORT))))
    writer.encrypt(user_password=password, owner_password="owner", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_an_encrypted_file_is_refused() -> None:
    with pytest.raises(DocumentError, match="encrypted.*without a password"):
        convert(encrypted("secret"), "a.pdf")


def test_a_file_that_is_only_protected_against_changes_is_read() -> None:
    assert convert(encrypted(""), "a.pdf").title == "Custody of client assets"


def test_pages_without_any_text_are_empty() -> None:
    with pytest.raises(DocumentError, match="empty"):
        convert(make_pdf([[], []]), "a.pdf")


def scanned(pages: int, with_text: int) -> bytes:
    """Pages that each draw a picture, the first ones with text too."""
    data = make_pdf([["A page whose text can be read without any trouble."]] * with_text + [[]] * (pages - with_text))
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    picture = StreamObject()
    picture.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Image"),
            NameObject("/Width"): NumberObject(1),
            NameObject("/Height"): NumberObject(1),
        }
    )
    for page in writer.pages:
        resources = page["/Resources"].get_object()
        assert isinstance(resources, DictionaryObject)
        resources[NameObject("/XObject")] = DictionaryObject({NameObject("/I"): picture})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_scan_is_refused_and_told_to_be_recognised() -> None:
    with pytest.raises(DocumentError, match=r"scanned: 3 of its 3 pages.*OCR"):
        convert(scanned(3, 0), "a.pdf")


def test_a_few_pages_of_pictures_do_not_cost_the_document_but_are_named() -> None:
    assert convert(scanned(4, 3), "a.pdf").metadata["pages_without_text"] == "4"


@pytest.mark.parametrize("data", [b"%PDF-1.7\nnothing more", make_pdf(REPORT)[:300], b"%PDF-1.7\n" + b"\x00" * 500])
def test_a_broken_file_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentError, match="broken|empty"):
        convert(data, "a.pdf")


def test_a_huge_number_of_pages_is_refused() -> None:
    with pytest.raises(DocumentError, match=r"2,001 pages.*Split it"):
        convert(make_pdf([["x"]] * 2_001), "a.pdf")


def test_text_without_a_table_of_characters_is_refused() -> None:
    with pytest.raises(DocumentError, match="can't be read"):
        convert(make_pdf([["\ue012\ue013\ue014\ue015 \ue016\ue017 a 1 \ue018\ue019" * 5]]), "a.pdf")
