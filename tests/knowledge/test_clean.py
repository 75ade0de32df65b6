from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.clean import clean
from knowledge.convert import convert
from knowledge.draft import Block, Draft
from knowledge.furniture import is_chrome, is_stamp, read_author, read_byline

FACTS = [
    "The office received 23 applications on Monday.",
    "Dealers must hold capital of $1.5 million.",
    "It decides in June.",
]
CARD = [
    "Seventeen Cats Elected to a Council",
    "A village of 300 people voted for cats, and nobody knows why they did.",
    "Odd Times5m ago",
]


def paragraphs(*texts: str) -> tuple[Block, ...]:
    return tuple(Block("paragraph", text) for text in texts)


def kept(*texts: str, title: str = "Licence desk opens") -> list[str]:
    return [block.text for block in clean(Draft(title, paragraphs(*texts))).blocks]


@pytest.mark.parametrize(
    "label",
    [
        "Related Reads",
        "RELATED READS:",
        "Letture associate",
        "相关阅读",
        "延伸閱讀",
        "Verwandte Artikel",
        "関連記事",
        "관련 글",
        "Похожие статьи",
    ],
)
def test_a_known_label_ends_the_article(label: str) -> None:
    assert kept(*FACTS, label, "Seventeen Cats Elected", "Robots Learn to Cook") == FACTS


@pytest.mark.parametrize("label", ["Zzyzx qwrt", "ཡིག་ཆ།", "Soortgelyke leesstof"])
def test_a_feed_in_an_unknown_language_is_known_by_its_cards(label: str) -> None:
    assert kept(*FACTS, label, *CARD, CARD[0], CARD[2], "More", "Noise") == FACTS


@pytest.mark.parametrize(
    "stamp",
    [
        "marsbit5m ago",
        "链捕手8 min fa",
        "浪报3 小时前",
        "Moonwire vor 3 Stunden",
        "Wire il y a 5 min",
        "速報 2 時間前",
        "Odd Times 2024-05-06",
    ],
)
def test_stamps_of_cards_are_known_in_many_languages(stamp: str) -> None:
    assert is_stamp(stamp)
    assert kept(*FACTS, "ཡིག་ཆ", CARD[0], CARD[1], stamp, CARD[0], stamp) == FACTS


def test_a_box_of_related_titles_amid_the_article_takes_only_its_titles() -> None:
    assert kept(FACTS[0], "Related articles", "Seventeen Cats Elected", "Robots Learn to Cook", *FACTS[1:]) == FACTS


def test_a_label_before_any_text_cuts_nothing() -> None:
    assert kept("Related reading", *FACTS)[-3:] == FACTS


def test_a_sentence_about_related_articles_is_no_label() -> None:
    text = "Related articles of the Ordinance are sections 5 and 6."
    assert kept(FACTS[0], text, FACTS[1]) == [FACTS[0], text, FACTS[1]]


def test_a_refrain_without_stamps_is_no_feed() -> None:
    refrain = "What the bill would change in practice"
    assert FACTS[2] in kept(FACTS[0], refrain, FACTS[1], refrain, FACTS[2])


def test_captions_that_repeat_the_headline_are_dropped_whatever_their_marks() -> None:
    assert kept(FACTS[0], "Licence Desk opens", FACTS[1], "“LICENCE DESK OPENS”", FACTS[2]) == FACTS


def test_a_paragraph_that_stands_there_twice_is_kept_once() -> None:
    assert kept(FACTS[0], FACTS[1], FACTS[0], FACTS[2]) == [FACTS[0], FACTS[1], FACTS[2]]


def test_short_answers_may_repeat() -> None:
    assert kept(FACTS[0], "Not applicable.", FACTS[1], "Not applicable.") == [
        FACTS[0],
        "Not applicable.",
        FACTS[1],
        "Not applicable.",
    ]


def test_headings_and_rows_may_repeat() -> None:
    blocks = (
        Block("heading", "Transitional arrangements for applicants", 2),
        Block("paragraph", FACTS[0]),
        Block("heading", "Transitional arrangements for applicants", 2),
        Block("paragraph", FACTS[1]),
        Block("table", "Spot | 2%"),
        Block("table", "Spot | 2%"),
    )
    assert clean(Draft("T", blocks)).blocks == blocks


@pytest.mark.parametrize(
    "furniture",
    [
        "图 3",
        "圖二",
        "Figure 4",
        "Fig. 2:",
        "活动图片",
        "Share",
        "Copy link",
        "BTC/USDT 67,012.40 +2.31%",
        "ETH $3,120 (-0.4%)",
        "分享",
    ],
)
def test_bare_labels_buttons_and_tickers_are_dropped(furniture: str) -> None:
    assert is_chrome(furniture)
    assert kept(FACTS[0], furniture, *FACTS[1:]) == FACTS


@pytest.mark.parametrize(
    "said",
    [
        "图 1 证监会发牌流程",
        "Figure 2: Steps of an application",
        "HKMA raised 2.5%",
        "Share capital of $5 million",
        "分享会于 5 月举行",
    ],
)
def test_captions_and_lines_that_say_something_stay(said: str) -> None:
    assert kept(FACTS[0], said, *FACTS[1:]) == [FACTS[0], said, *FACTS[1:]]


@pytest.mark.parametrize(
    ("line", "publisher", "published", "updated"),
    [
        ("Daily ExamplePublished on 2023-11-04Last updated on 2023-11-05", "Daily Example", "2023-11-04", "2023-11-05"),
        ("样例日报Pubblicato 2023-11-11Pubblicato ultima volta 2023-11-12", "样例日报", "2023-11-11", "2023-11-12"),
        ("样例日报发布于 2023年11月4日 更新于 2023年11月5日", "样例日报", "2023-11-04", "2023-11-05"),
        ("Exemple Publié le 4 mars 2024 Dernière mise à jour le 6 mars 2024", "Exemple", "2024-03-04", "2024-03-06"),
        (
            "Beispiel Veröffentlicht am 4. März 2024Zuletzt aktualisiert am 6. März 2024",
            "Beispiel",
            "2024-03-04",
            "2024-03-06",
        ),
        (
            "Ejemplo Publicado el 4 de marzo de 2024 Actualizado el 6 de marzo de 2024",
            "Ejemplo",
            "2024-03-04",
            "2024-03-06",
        ),
        ("ПримерОпубликовано 2024-03-04Обновлено 2024-03-06", "Пример", "2024-03-04", "2024-03-06"),
        ("样例网Gepubliseer 2024-03-04Laas bygewerk 2024-03-06", "样例网", "2024-03-04", "2024-03-06"),
        ("Published: March 4, 2024", None, "2024-03-04", None),
        ("Last updated: 2024-03-06", None, None, "2024-03-06"),
        ("2024-03-04", None, "2024-03-04", None),
        ("样例网 2024-03-04 10:30 发布", "样例网", "2024-03-04", None),
        ("Ultimate Media Published on 2024-03-04", "Ultimate Media", "2024-03-04", None),
    ],
)
def test_bylines_are_read_in_many_languages(
    line: str, publisher: str | None, published: str | None, updated: str | None
) -> None:
    byline = read_byline(line)
    assert byline is not None
    assert (byline.publisher, byline.published, byline.updated) == (publisher, published, updated)
    draft = clean(Draft("T", paragraphs(line, *FACTS)))
    assert (draft.published, draft.updated) == (published, updated)
    assert [block.text for block in draft.blocks] == FACTS


@pytest.mark.parametrize(
    "line",
    [
        "Effective date: 1 June 2023",
        "本指引自2023年6月1日起生效",
        "The Ordinance was gazetted on 30 June 2023 and came into effect on 1 August 2023.",
        "Consultation closes on 29 February 2024",
        "Deadline 12/10/2023",
        "2024年12月18日的牌照",
        "2022年10月31日发表的政策宣言",
        "Guidelines published on 1 June 2023 for operators",
    ],
)
def test_other_dates_are_no_bylines(line: str) -> None:
    draft = clean(Draft("T", paragraphs(line, *FACTS)))
    assert draft.published is None
    assert draft.blocks[0].text == line


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("文章作者:林一舟", "林一舟"),
        ("作者：林一舟、何晓岚", "林一舟、何晓岚"),
        ("撰文|林一舟", "林一舟"),
        ("Author: Jane Example", "Jane Example"),
        ("By Jane van Example", None),
        ("By Jane Example", "Jane Example"),
        ("Written by Jane Example", "Jane Example"),
        ("By default platforms are closed", None),
        ("By law, all must apply.", None),
        ("文化与法律的关系", None),
        ("作者认为这项政策合理。", None),
    ],
)
def test_authors_are_read_where_a_line_names_one(line: str, name: str | None) -> None:
    assert read_author(line) == name


def test_what_the_document_said_of_itself_outweighs_the_byline() -> None:
    draft = clean(Draft("T", paragraphs("Published on 2024-03-04", *FACTS), published="2024-03-01", author="SFC"))
    assert (draft.published, draft.author) == ("2024-03-01", "SFC")


def test_the_headline_is_found_below_the_menu() -> None:
    lines = [
        "首頁\n行情",
        "礁島監管機構就託管服務展開諮詢",
        "礁島時報 發布於 2025-02-03",
        "當局星期一發表文件。",
        "諮詢期兩個月。",
    ]
    page = "\n\n".join(lines)
    draft = clean(convert(page.encode(), "p.txt"))
    assert draft.title == "礁島監管機構就託管服務展開諮詢"
    assert [block.text for block in draft.blocks] == ["當局星期一發表文件。", "諮詢期兩個月。"]


def test_a_line_over_the_byline_is_kept_where_the_headline_stands_above_it() -> None:
    draft = clean(
        Draft("Lagoon City opens its licence desk", paragraphs("Dealers queue", "Published on 2024-03-04", *FACTS))
    )
    assert draft.title == "Lagoon City opens its licence desk"
    assert draft.blocks[0].text == "Dealers queue"


def test_headings_that_head_nothing_at_the_end_are_dropped() -> None:
    blocks = (*paragraphs(*FACTS), Block("heading", "Contact", 2), Block("heading", "Follow", 2))
    assert [block.text for block in clean(Draft("T", blocks)).blocks] == FACTS


def test_a_statute_with_its_own_structure_is_left_alone() -> None:
    blocks = (
        Block("heading", "Part 2 Licensing", 2),
        Block("paragraph", "5. A person must not operate a platform without a licence."),
        Block("item", "(a) in Hong Kong; or"),
        Block("item", "(b) actively marketing to its public."),
        Block("heading", "Schedule 1", 2),
        Block("table", "Fee | $4,740"),
    )
    assert clean(Draft("Ordinance", blocks)).blocks == blocks


def test_a_draft_of_furniture_alone_is_left_as_it_was() -> None:
    draft = Draft("T", paragraphs("Share"))
    assert clean(draft).blocks == draft.blocks


LINES = st.lists(
    st.sampled_from(
        [*FACTS, *CARD, "Related Reads", "Share", "图 1", "2024-03-04", "Licence desk opens", "小结", "平台须持牌。"]
    ),
    max_size=20,
)


@settings(max_examples=200, deadline=None)
@given(LINES)
def test_nothing_is_added_and_order_is_kept(lines: list[str]) -> None:
    blocks = paragraphs(*lines)
    after = [block.text for block in clean(Draft("Licence desk opens", blocks)).blocks]
    rest = iter(lines)
    assert all(line in rest for line in after)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([*FACTS, "平台须持牌。", "散户可以买卖吗？其后公布。"]), min_size=1, max_size=20))
def test_running_text_without_furniture_is_never_lost(lines: list[str]) -> None:
    assert set(lines) == set(kept(*lines))
