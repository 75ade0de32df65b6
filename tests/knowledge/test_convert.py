from __future__ import annotations

import io
import zipfile

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from knowledge.convert import convert, described
from knowledge.draft import Block, Draft
from knowledge.errors import DocumentError

ARTICLE = """<!doctype html><html><head><meta charset="utf-8"><title>Custody rules - Example Daily</title>
<meta name="author" content="Jane Example"><meta property="article:published_time" content="2024-03-02T10:00:00Z">
<script>var stolen = "script text";</script><style>p { color: styled }</style></head>
<body><nav><a href="/">Home</a> <a href="/m">Markets</a></nav>
<article><h1>New custody rules for platforms</h1>
<p>The regulator tells platforms to keep client assets apart, and gives them until June to do so in full.</p>
<h2>What changes</h2>
<p>Each platform names a second signatory, says the circular,<br>and keeps logs for seven years after the event.</p>
<ul><li>Seeds stay in Hong Kong at all times of the day.</li><li>Logs are kept where staff cannot change them.</li></ul>
<blockquote>We act where clients are at risk, the chief executive said in her speech to the industry.</blockquote>
<table><tr><th>Wallet</th><th>Limit</th></tr><tr><td>Hot</td><td>2%</td></tr></table>
<p onclick="alert('attribute text')">More is to follow in the autumn, when the second consultation ends.</p>
<p style="display:none">hidden words that nobody sees on the page</p>
<noscript>noscript text</noscript><form><button>Press here</button></form></article>
<footer>Imprint of the Example Daily</footer></body></html>"""


def kinds(draft: Draft) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in draft.blocks]


class TestText:
    def test_short_lines_above_running_text_are_headings(self) -> None:
        draft = convert("标题一则\n\n引言\n\n平台须持牌。\n\n小结\n\n制度已经成形。\n".encode(), "a.txt")
        assert draft.title == "标题一则"
        assert kinds(draft) == [
            ("heading", "引言"),
            ("paragraph", "平台须持牌。"),
            ("heading", "小结"),
            ("paragraph", "制度已经成形。"),
        ]

    def test_lines_wrapped_at_a_column_are_one_paragraph(self) -> None:
        text = (
            "Guide\n\nAn operator keeps the assets of its clients apart from its own, and\n"
            "it tells the regulator of every loss on the day on which it learns of\nit.\n"
        )
        assert convert(text.encode(), "a.txt").blocks[0].text.endswith("on the day on which it learns of it.")

    def test_lines_of_their_own_stay_apart(self) -> None:
        draft = convert(
            "列表\n\n第一段说明了背景。\n第二段说明了要求,并且长得多,足以看出并非同一段落的换行。\n第三段。".encode(),
            "a.txt",
        )
        assert [block.text[:3] for block in draft.blocks] == ["第一段", "第二段", "第三段"]

    def test_a_list_of_short_lines_is_no_row_of_headings(self) -> None:
        draft = convert(b"Members\n\nAlpha\n\nBeta\n\nGamma\n\nDelta", "a.txt")
        assert {block.kind for block in draft.blocks} == {"paragraph"}

    def test_a_first_line_that_is_a_sentence_is_no_title(self) -> None:
        draft = convert(b"Platforms must be licensed. This is the law.\n\nIt is so.", "notes on law.txt")
        assert draft.title == "notes on law"
        assert len(draft.blocks) == 2

    def test_a_text_of_one_line_is_kept(self) -> None:
        assert convert("稳定币".encode(), "x.txt").text == "稳定币"

    @pytest.mark.parametrize(
        ("text", "language"),
        [
            ("Platforms must be licensed by the SFC (证监会).", "en"),
            ("平台须向SFC申请Type 1牌照,并遵守VATP Guidelines。", "zh-Hans"),
            ("平台須向SFC申請第1類牌照,並遵守《指引》。", "zh-Hant"),
            ("佢話平台要攞牌先可以做生意。", "zh-Hant"),
        ],
    )
    def test_language_and_script_are_told(self, text: str, language: str) -> None:
        assert convert(text.encode(), "x.txt").language == language

    def test_invisible_and_control_characters_are_dropped(self) -> None:
        assert convert("稳\u200b定\u202e币\x07发行人须持牌。".encode(), "x.txt").text == "稳定币发行人须持牌。"


class TestMarkdown:
    TEXT = """# Custody *guide*

Client assets stay **apart**,
see [the circular](https://example.org/c) and `cold_storage`.

Setext heading
--------------

1. First step
2. Second step
- an item that
  goes on
* another

> Keep it safe,
> she said.

| Wallet | Limit |
|--------|------:|
| Hot    | 2%    |

![alt text](picture.png)

```
code # stays
```

<script>alert("script text")</script><!-- comment text -->
A <b>bold</b> end &amp; more with snake_case_names and 2 * 3 * 4.
"""

    def test_blocks_are_read_without_their_marks(self) -> None:
        draft = convert(self.TEXT.encode(), "guide.md")
        assert draft.title == "Custody guide"
        assert kinds(draft) == [
            ("paragraph", "Client assets stay apart, see the circular and cold_storage."),
            ("heading", "Setext heading"),
            ("paragraph", "1. First step"),
            ("paragraph", "2. Second step"),
            ("item", "an item that goes on"),
            ("item", "another"),
            ("quote", "Keep it safe, she said."),
            ("table", "Wallet | Limit\nHot | 2%"),
            ("paragraph", "code # stays"),
            ("paragraph", "A bold end & more with snake_case_names and 2 * 3 * 4."),
        ]

    def test_canonical_text_has_headings_and_blank_lines(self) -> None:
        text = convert(b"# T\n\n## Part\nOne.\n\n- item\n", "t.md").text
        assert text == "## Part\n\nOne.\n\n- item"

    def test_chinese_lines_join_without_spaces(self) -> None:
        assert convert("平台须把资产\n分开存放。".encode(), "t.md").text == "平台须把资产分开存放。"

    def test_front_matter_gives_title_dates_and_metadata(self) -> None:
        fields = "title: 托管指引\ndate: 2024-03-02\nupdated: 2 May 2024\nauthor: SFC\nAuthority: SFC\ntags: [a, b]"
        text = f"---\n{fields}\n---\n# H\n\n正文。"
        draft = convert(text.encode(), "t.md")
        assert (draft.title, draft.published, draft.updated, draft.author) == (
            "托管指引",
            "2024-03-02",
            "2024-05-02",
            "SFC",
        )
        assert draft.metadata == {"authority": "SFC", "tags": "a, b"}

    @pytest.mark.parametrize(
        ("written", "day"), [("2024-03", "2024-03"), ("2024", "2024"), ("2024年3月2日", "2024-03-02")]
    )
    def test_partial_and_chinese_dates_are_taken(self, written: str, day: str) -> None:
        assert convert(f"---\ndate: {written}\n---\nText.".encode(), "t.txt").published == day

    @pytest.mark.parametrize("written", ["soon", "2024-02-30", "12/10/2023"])
    def test_a_date_that_is_none_is_refused(self, written: str) -> None:
        with pytest.raises(DocumentError, match="no date|not valid YAML"):
            convert(f"---\ndate: {written}\n---\nText.".encode(), "t.md")

    def test_broken_front_matter_is_refused_with_the_reason(self) -> None:
        with pytest.raises(DocumentError, match="front matter is not valid YAML"):
            convert(b"---\ntitle: [unclosed\n---\nText.", "t.md")

    def test_a_rule_at_the_head_is_no_front_matter(self) -> None:
        draft = convert(b"---\nNot metadata at all\n---\nText.", "t.txt")
        assert (draft.title, draft.text, dict(draft.metadata)) == ("Not metadata at all", "Text.", {})

    def test_nested_front_matter_is_ignored_not_followed(self) -> None:
        text = "---\na: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n---\nText."
        assert "x, x" in convert(text.encode(), "t.md").metadata["a"]


class TestHtml:
    def test_the_article_is_read_with_its_parts(self) -> None:
        draft = convert(ARTICLE.encode(), "https://example.org/news/custody", "text/html; charset=utf-8")
        assert draft.title == "New custody rules for platforms"
        assert (draft.author, draft.published) == ("Jane Example", "2024-03-02")
        assert ("heading", "What changes") in kinds(draft)
        assert ("item", "Seeds stay in Hong Kong at all times of the day.") in kinds(draft)
        assert ("table", "Wallet | Limit\nHot | 2%") in kinds(draft)
        assert any(kind == "quote" and "at risk" in text for kind, text in kinds(draft))

    @pytest.mark.parametrize(
        "unseen",
        ["script text", "styled", "attribute text", "hidden words", "noscript", "Press here", "Imprint", "Markets"],
    )
    def test_nothing_unseen_and_no_furniture_survives(self, unseen: str) -> None:
        draft = convert(ARTICLE.encode(), "custody.html")
        assert unseen not in draft.title + draft.text

    def test_a_page_in_which_no_article_is_found_is_read_whole(self) -> None:
        body = "<div>Alpha</div><div>Beta<br><br>Gamma</div><script>x=1</script>"
        page = f"<html><head><title>登记册</title></head><body>{body}</body></html>"
        draft = convert(page.encode(), "r.html")
        assert draft.title == "登记册"
        assert {"Alpha", "Beta", "Gamma"} <= {block.text for block in draft.blocks}
        assert "x=1" not in draft.text

    def test_the_charset_of_the_page_is_used(self) -> None:
        body = "<p>" + "发行人须取得牌照,并持有储备。" * 8 + "</p>"
        page = f"<html><head><meta charset=gb2312><title>稳定币</title></head><body>{body}</body></html>"
        assert "发行人须取得牌照" in convert(page.encode("gb18030"), "x.html").text

    def test_html_is_told_by_content_where_the_name_says_nothing(self) -> None:
        assert "<p>" not in convert(ARTICLE.encode(), "download").text

    def test_chinese_cut_over_source_lines_has_no_gaps(self) -> None:
        page = (
            "<html><body><article><p>"
            + "平台须把客户资产\n   分开存放,并向证监会报告。" * 6
            + "</p></article></body></html>"
        )
        assert "客户资产分开存放" in convert(page.encode(), "x.html").text

    @pytest.mark.parametrize("mark", ["\x0b", "&#8;", "&#x1F;", "&#31"])
    def test_control_characters_beside_cut_elements_do_no_harm(self, mark: str) -> None:
        page = ARTICLE.replace("</script>", f"</script>{mark}").replace(
            "</noscript>", f"</noscript>{mark} &#9731; &#123;"
        )
        assert "logs for seven years" in convert(page.encode(), "x.html").text

    def test_a_page_of_scripts_alone_is_refused(self) -> None:
        with pytest.raises(DocumentError, match="no text"):
            convert(b"<html><body><script>run()</script></body></html>", "x.html")


def word(build: object = None, **properties: str) -> bytes:
    document = docx.Document()
    document.add_heading("Custody guide", 0)
    document.add_heading("Storage", 1)
    document.add_paragraph("Client assets stay apart.")
    document.add_paragraph("Seeds stay in Hong Kong.", style="List Bullet")
    document.add_heading("Limits", 2)
    table = document.add_table(rows=2, cols=2)
    for place, words in enumerate(["Wallet", "Limit", "Hot", "2%"]):
        table.cell(place // 2, place % 2).text = words
    document.add_paragraph("What follows the table.")
    for name, value in properties.items():
        setattr(document.core_properties, name, value)
    if callable(build):
        build(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


class TestWord:
    def test_headings_lists_and_tables_keep_their_order(self) -> None:
        draft = convert(word(author="SFC"), "guide.docx")
        assert draft.title == "Custody guide"
        assert draft.author == "SFC"
        assert [(block.kind, block.level, block.text) for block in draft.blocks] == [
            ("heading", 1, "Custody guide"),
            ("heading", 2, "Storage"),
            ("paragraph", 0, "Client assets stay apart."),
            ("item", 0, "Seeds stay in Hong Kong."),
            ("heading", 3, "Limits"),
            ("table", 0, "Wallet | Limit\nHot | 2%"),
            ("paragraph", 0, "What follows the table."),
        ]

    def test_tracked_changes_are_read_as_accepted(self) -> None:
        def build(document: docx.document.Document) -> None:
            document.element.body.insert(
                0,
                parse_xml(
                    f"<w:p {nsdecls('w')}><w:r><w:t xml:space='preserve'>Keep </w:t></w:r>"
                    "<w:del w:id='1' w:author='a'><w:r><w:delText>none</w:delText></w:r></w:del>"
                    "<w:ins w:id='2' w:author='a'><w:r><w:t>all logs</w:t></w:r></w:ins></w:p>"
                ),
            )

        assert "Keep all logs" in convert(word(build), "g.docx").text

    def test_text_in_content_controls_is_read(self) -> None:
        def build(document: docx.document.Document) -> None:
            document.element.body.insert(
                0,
                parse_xml(
                    f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>Controlled text.</w:t></w:r></w:p>"
                    "</w:sdtContent></w:sdt>"
                ),
            )

        assert "Controlled text." in convert(word(build), "g.docx").text

    def test_the_name_does_not_matter_where_the_content_is_word(self) -> None:
        assert convert(word(), "https://example.org/get?id=1").title == "Custody guide"

    def test_a_zip_bomb_is_refused_before_it_is_unpacked(self) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("word/document.xml", b"0" * 60_000_000)
        with pytest.raises(DocumentError, match="zip bomb"):
            convert(out.getvalue(), "bomb.docx")

    def test_a_zip_that_lies_about_its_sizes_is_refused(self) -> None:
        data = bytearray(word())
        directory = data.rindex(b"PK\x01\x02")
        data[directory + 24 : directory + 28] = (4_000_000_000).to_bytes(4, "little")
        with pytest.raises(DocumentError):
            convert(bytes(data), "g.docx")

    def test_other_archives_and_broken_files_are_refused(self) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as packed:
            packed.writestr("xl/workbook.xml", "<x/>")
        for data in (out.getvalue(), word()[:400], b"PK\x03\x04" + b"\x00" * 100):
            with pytest.raises(DocumentError, match=r"zip|broken"):
                convert(data, "a.docx")

    def test_a_document_with_broken_xml_is_refused(self) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(word())) as whole, zipfile.ZipFile(out, "w") as packed:
            for part in whole.infolist():
                body = whole.read(part)
                packed.writestr(part, body[: len(body) // 2] if part.filename == "word/document.xml" else body)
        with pytest.raises(DocumentError, match="broken"):
            convert(out.getvalue(), "a.docx")


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"", "a.txt", "empty"),
        (b"  \r\n\t ", "a.md", "empty"),
        (b"\xef\xbb\xbf", "a.txt", "empty"),
        ("\u3000\u3000\n".encode(), "a.txt", "no text"),
        (b"---\n***\n", "a.md", "no text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 50, "old.doc", "Save it as .docx"),
        (b"{\\rtf1 text}", "a.rtf", "rich-text"),
        (b"\x89PNG\r\n\x1a\n", "a.png", "OCR"),
        (b"\x1f\x8b\x08\x00", "a.gz", "Unpack"),
        (b"just words", "a.pdf", "broken"),
        (b"just words", "a.docx", "broken"),
        (b"x" * 101, "a.txt", "more than 100"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(data: bytes, name: str, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        convert(data, name, max_bytes=100)


def test_a_sidecar_outweighs_what_the_document_says() -> None:
    draft = Draft("Old", (Block("paragraph", "Text."),), published="2020", metadata={"authority": "X", "pages": "2"})
    told = described(draft, {"title": "New", "date": "2024-01-05", "authority": "SFC"})
    assert (told.title, told.published) == ("New", "2024-01-05")
    assert told.metadata == {"authority": "SFC", "pages": "2"}
