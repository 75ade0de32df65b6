"""The final checks of an answer."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.answer import Citation
from assistant.check import check_text, without_unsupported
from assistant.claims import MARKER, claims
from knowledge.rule import Standing

CAPITAL = "A licensed stablecoin issuer must have paid-up share capital of at least HK$25 million."
RETAIL = "From 1 June 2023 a licensed platform may serve retail investors, after a knowledge test."
CAPITAL_ZH = "持牌稳定币发行人的缴足股本不得少于2,500万港元。"


def cite(number: int, record: str, quote: str, title: str = "A record") -> Citation:
    return Citation(
        number=number, kind="rule", id=record, title=title, publisher="HKMA", authority="HKMA", instrument="Cap. 656",
        url=None, published="2025-08-01", standing=Standing.IN_FORCE, superseded_by=None, quote=quote, start=0,
        end=len(quote), official=True, language="en",
    )  # fmt: skip


CITATIONS = (cite(1, "capital", CAPITAL), cite(2, "retail", RETAIL))
RECORDS = {"capital": (CAPITAL_ZH,)}


def codes(text: str, citations: tuple[Citation, ...] = CITATIONS) -> list[str]:
    return [finding.code for finding in check_text(text, citations, RECORDS)]


def test_supported_sentences_pass_in_both_languages() -> None:
    assert codes("The issuer needs HK$25 million of share capital [1]. Retail investors: since 1 June 2023 [2].") == []
    assert codes("发行人的缴足股本至少2500万港元[1]。自2023年6月1日起可服务散户[2]。") == []


def test_a_figure_that_no_cited_record_has_is_found() -> None:
    assert codes("The issuer needs HK$30 million [1]. Retail since 1 June 2023 [2].") == ["figure_unsupported"]
    assert codes("缴足股本至少3000万港元[1]。散户自2023年6月1日起[2]。") == ["figure_unsupported"]


def test_a_figure_of_another_record_does_not_support_the_sentence() -> None:
    assert codes("The issuer needs HK$25 million [2]. The test came on 1 June 2023 [1].") == ["figure_unsupported"] * 2


def test_a_name_that_no_cited_record_has_is_found() -> None:
    assert codes("JPEX must have HK$25 million [1]. Retail may trade [2].") == ["name_unsupported"]
    assert codes("JPEX须有2500万港元[1]。散户可以买卖[2]。") == ["name_unsupported"]


def test_a_sentence_without_a_marker_is_found_unless_it_only_leads_in() -> None:
    text = "In short: the issuer needs HK$25 million [1]. Everybody may trade. Retail may trade [2]."
    assert codes(text) == ["uncited"]
    assert codes("According to the records:\n\n- HK$25 million of capital [1]\n- Retail may trade [2]") == []


def test_a_sentence_of_ours_needs_no_marker() -> None:
    text = "Here is the position on 1 May 2024. The issuer needs HK$25 million [1]. Retail may trade [2]."
    assert check_text(text, CITATIONS, RECORDS, own=("Here is the position on 1 May 2024.",)) == []


def test_markers_and_citations_must_match() -> None:
    assert codes("The issuer needs HK$25 million [1].") == ["unused_citation"]
    assert codes("Capital is HK$25 million [1][3]. Retail may trade [2].") == ["unknown_marker"]
    assert codes("Retail may trade [1].", (cite(1, "a", RETAIL), cite(1, "b", RETAIL))) == ["number_twice"]
    assert "no_quote" in codes("Retail may trade [1].", (cite(1, "a", " "),))


@pytest.mark.parametrize(
    "sentence",
    [
        "See [the form](https://evil.example/x) [1].",
        "![x](data:text/html;base64,AA) capital [1].",
        "<script>alert(1)</script> capital [1].",
        "Capital: www.evil.example [1].",
    ],
)
def test_markup_and_links_are_found(sentence: str) -> None:
    assert "markup" in codes(sentence)


def test_what_fails_is_cut_and_the_rest_renumbered() -> None:
    text = "JPEX is licensed [1]. Retail may trade since 1 June 2023 [2]. Anybody else may too."
    shown, used = without_unsupported(text, CITATIONS, RECORDS)
    assert shown == "Retail may trade since 1 June 2023 [1]."
    assert [(citation.number, citation.id) for citation in used] == [(1, "retail")]


def test_nothing_is_left_where_every_sentence_fails() -> None:
    assert without_unsupported("JPEX is licensed [1]. Fine of HK$99 [2].", CITATIONS, RECORDS) == ("", ())
    assert without_unsupported("In short.", CITATIONS, RECORDS) == ("", ())


def test_a_spelled_figure_is_checked_as_digits_are() -> None:
    assert codes("The issuer needs thirty million dollars [1]. Retail may trade [2].") == ["figure_unsupported"]
    assert codes("缴足股本至少三千万港元[1]。散户可以买卖[2]。") == ["figure_unsupported"]
    assert codes("Capital of twenty-five million dollars [1]. Retail may trade [2].") == []


@pytest.mark.parametrize(
    ("sentence", "passes"),
    [
        ("The share is 10% [1].", True),
        ("The share is 10 per cent, for 7 years and 30 business days [1].", True),
        ("比例为百分之10，为期7年及30个营业日[1]。", True),
        ("The term is 10 years [1].", False),
        ("The share is 7% [1].", False),
        ("Pay HK$30 in 7 years [1].", False),
        ("刑期为10年[1]。", False),
        ("须付30港元[1]。", False),
    ],
)
def test_a_small_figure_needs_its_unit_in_the_record(sentence: str, passes: bool) -> None:
    record = cite(1, "x", "A share of 10%, 7 years and 30 business days; since 30 July 2024.")
    assert ("figure_unsupported" in codes(sentence, (record,))) is not passes


def test_letters_that_only_look_latin_are_found() -> None:
    assert codes("The issuer needs no c\u0430pital [1]. Retail may trade [2].") == ["foreign_letters"]


def test_a_line_that_leads_to_a_list_goes_with_its_first_item() -> None:
    text = "Issuers must have:\n- HK$25 million of capital [1]\n- Retail may trade [2]"
    assert codes(text) == []
    assert without_unsupported("Issuers have:\n- HK$26 million [1]", CITATIONS, RECORDS) == ("", ())


def test_a_marker_behind_the_full_stop_belongs_to_the_sentence_before() -> None:
    assert codes("The issuer needs HK$25 million. [1] Retail may trade since 1 June 2023. [2]") == []


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "Capital is HK$25 million [1]. ",
                "JPEX [1]. ",
                "Retail may trade [2]. ",
                "No marker. ",
                "In short: ",
                "- item [2]\n",
                "[9]",
                "散户可以买卖[2]。",
                "罚款99元[1]；",
                "\n\n",
                "<b>",
                "[1",
            ]
        ),  # fmt: skip
        max_size=12,
    )
)
def test_what_is_kept_always_passes_and_is_numbered_from_one(pieces: list[str]) -> None:
    shown, used = without_unsupported("".join(pieces), CITATIONS, RECORDS)
    assert check_text(shown, used, RECORDS) == []
    assert [citation.number for citation in used] == list(range(1, len(used) + 1))
    assert {int(number) for number in MARKER.findall(shown)} == {citation.number for citation in used}
    assert bool(shown) == bool(used)
    assert all(text.start < text.end for text in claims(shown))
