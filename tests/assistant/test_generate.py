"""Answers with a chat model, from a scripted one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.chat_model import open_chat_model
from assistant.check import check_text
from assistant.cite import CitationScanner
from assistant.errors import ModelError, ModelRefused, ModelUnavailable
from assistant.events import Cited, Delta
from assistant.generate import Request, Written, generate_answer
from assistant.model_settings import ModelSettings
from assistant.release import SentenceGate
from knowledge.rule import Language
from tests.fakes.records import exhibits
from tests.fakes.scripted_model import Say, Script, ScriptedModel, scripted
from tests.fakes.wire_server import Turn, wire_server

GOOD = "The issuer must have share capital of at least HK$25 million [1]. Retail investors must pass a test [2]."
SHOWN = [exhibit.texts for exhibit in exhibits()]
RECORDS = {exhibit.citation.id: exhibit.texts for exhibit in exhibits()}


async def written(
    script: Script, language: Language = "en", **chosen: Any
) -> tuple[list[Delta | Cited], Written, ScriptedModel]:
    chat, model = scripted(script, **chosen)
    request = Request("How much capital?", language, date(2026, 11, 23), exhibits(language))
    events = [event async for event in generate_answer(request, chat.begin())]
    end = events.pop()
    assert isinstance(end, Written)
    shown = [event for event in events if not isinstance(event, Written)]
    assert "".join(event.text for event in shown if isinstance(event, Delta)) == end.text
    assert tuple(event.citation for event in shown if isinstance(event, Cited)) == end.citations
    assert check_text(end.text, end.citations, RECORDS) == []
    return shown, end, model


async def test_supported_sentences_are_given_as_they_are_checked() -> None:
    events, end, model = await written([GOOD])
    assert end.text == GOOD
    assert [citation.id for citation in end.citations] == ["capital", "retail"]
    assert len([event for event in events if isinstance(event, Delta)]) == 2
    assert end.usage.calls == 1
    assert end.usage.output_tokens > 0
    assert [prompt.partition("@")[0] for prompt in end.prompts] == ["answer", "request"]
    assert "HK$25 million" in model.prompts[0]


async def test_the_first_sentence_is_given_before_the_reply_ends() -> None:
    chat, _ = scripted([Say(GOOD, error=ConnectionError("cut")), *[ConnectionError("gone")] * 3])
    request = Request("How much?", "en", date(2026, 11, 23), exhibits())
    stream = generate_answer(request, chat.begin())
    events = [await anext(stream), await anext(stream)]
    with pytest.raises(ModelUnavailable):
        await anext(stream)
    assert [event.text for event in events if isinstance(event, Delta)] == [GOOD.partition(" Retail")[0]]


async def test_citations_are_numbered_in_the_order_of_use() -> None:
    _, end, _ = await written(["The FSTB proposed to license dealers [3]. Capital is HK$25 million [1]."])
    assert end.text == "The FSTB proposed to license dealers [1]. Capital is HK$25 million [2]."
    assert [(one.number, one.id) for one in end.citations] == [(1, "proposal"), (2, "capital")]


async def test_unsupported_sentences_are_left_out_and_counted() -> None:
    _, end, _ = await written(["JPEX is licensed [1]. Capital is at least HK$25 million [1]. The fine is HK$9 [2]."])
    assert end.text == "Capital is at least HK$25 million [1]."
    assert [finding.code for finding in end.cut] == ["name_unsupported", "figure_unsupported"]


async def test_a_reply_of_which_nothing_stands_is_asked_for_once_more_with_the_findings() -> None:
    _, end, model = await written(["JPEX is licensed [1].", GOOD])
    assert end.text == GOOD
    assert "JPEX" in model.prompts[1]
    assert "In no cited record" in model.prompts[1]
    assert end.usage.calls == 2


async def test_a_second_reply_of_which_nothing_stands_ends_without_an_answer() -> None:
    _, end, model = await written(["JPEX is licensed [1].", "JPEX pays well [2]."])
    assert end.text == ""
    assert end.citations == ()
    assert len(model.prompts) == 2


async def test_insufficient_is_taken_at_its_word() -> None:
    _, end, model = await written(["INSUFFICIENT"])
    assert (end.text, len(model.prompts)) == ("", 1)


async def test_a_reply_that_breaks_off_is_gone_on_with() -> None:
    first = Say("The issuer must have share capital of HK$25 million [1]. Retail inv", error=ConnectionError("cut"))
    _, end, model = await written([first, "Retail investors must pass a knowledge test [2]."])
    assert end.text == (
        "The issuer must have share capital of HK$25 million [1].\nRetail investors must pass a knowledge test [2]."
    )
    assert "broke off" in model.prompts[1]
    assert "share capital of HK$25 million [1]." in model.prompts[1]


@pytest.mark.parametrize("reason", ["", "length"])
async def test_a_reply_cut_off_twice_is_an_error_and_no_whole_answer(reason: str) -> None:
    with pytest.raises(ModelError):
        await written([Say(GOOD, reason=reason), Say("Retail", reason=reason), Say("Retail", reason=reason)])


async def test_a_refusal_is_an_error() -> None:
    with pytest.raises(ModelRefused, match="refused"):
        await written([Say("I can't help with that.", reason="content_filter")])


async def test_nothing_is_given_before_the_end_where_the_whole_is_asked_for() -> None:
    events, end, _ = await written([GOOD], model_release="whole")
    assert [event.text for event in events if isinstance(event, Delta)] == [GOOD]
    assert end.text == GOOD


async def test_the_checker_cuts_what_it_does_not_find_supported_and_what_it_forgets() -> None:
    text = "Capital is HK$25 million [1]. Retail investors must pass a test [2]. The FSTB proposed licensing [3]."
    verdicts = '{"verdicts": [{"sentence": 1, "supported": false}, {"sentence": 2, "supported": true}]}'
    _, end, model = await written([text, verdicts], model_checker=True)
    assert end.text == "Retail investors must pass a test [1]."
    assert [one.id for one in end.citations] == ["retail"]
    assert [finding.code for finding in end.cut] == ["judged_unsupported"] * 2
    assert "judge" in end.prompts[-1]
    assert "records: 1" in model.prompts[1]


async def test_an_answer_is_written_in_the_script_asked_for() -> None:
    _, end, _ = await written(["缴足股本不得少于2,500万港元[1]。"], language="zh-Hant")
    assert end.text == "繳足股本不得少於2,500萬港元[1]。"


async def test_an_answer_in_another_language_is_not_given() -> None:
    _, end, _ = await written([GOOD, GOOD], language="zh-Hans")
    assert end.text == ""
    assert {finding.code for finding in end.cut} == {"wrong_language"}


async def test_a_list_is_kept_with_the_line_that_leads_to_it() -> None:
    text = "In short:\n\n- Capital is at least HK$25 million [1].\n- JPEX [1].\n- Retail investors are tested [2]."
    _, end, _ = await written([text])
    assert end.text == ("In short:\n\n- Capital is at least HK$25 million [1].\n- Retail investors are tested [2].")


async def test_records_beyond_the_budget_are_neither_shown_nor_citable() -> None:
    _, end, model = await written([GOOD], model_evidence_characters=500)
    assert "knowledge test" not in model.prompts[0]
    assert [one.id for one in end.citations] == ["capital"]


@pytest.mark.parametrize("name", ["openai:m", "anthropic:m"])
async def test_over_the_true_wire_a_checked_sentence_is_given_while_the_model_still_writes(name: str) -> None:
    pieces = tuple(re.findall(r"\s?\S+", GOOD))
    half = pieces.index(" Retail") + 2
    async with wire_server(Turn(pieces=pieces, wait_after=half)) as server:
        url = f"{server.url}/v1" if name.startswith("openai") else server.url
        chat = open_chat_model(name, ModelSettings.model_validate({"model_url": url, "model_key": "k"}))
        stream = generate_answer(Request("How much?", "en", date(2026, 11, 23), exhibits()), chat.begin())
        first = [await anext(stream), await anext(stream)]
        assert isinstance(first[1], Delta)
        assert first[1].text == GOOD.partition(" Retail")[0]
        server.go_on.set()
        rest = [event async for event in stream]
    assert isinstance(rest[-1], Written)
    assert rest[-1].text == GOOD
    assert rest[-1].usage.calls == 1


PIECES = [
    "Capital is at least HK$25 million [1]. ", "Retail investors are tested [2]", ". ", "JPEX [1]. ",
    "Fine of HK$9 [2]. ", "散户须通过知识测试[2]。", "\n- ", "\n\n", "Three things apply: ", "[9]", "[1",
    "“Quote [2].” ", "A platform must not offer leverage to retail investors [2]; ", "<b>", " [2]", "U.S. ",
    "1) ", "；",
]  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=9), st.data())
def test_what_is_let_out_passes_the_checks_however_the_stream_is_cut(parts: list[str], data: st.DataObject) -> None:
    text = "".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    shown, gate = let_out(pieces)
    assert shown == gate.text
    assert check_text(gate.text, gate.citations, RECORDS) == []
    assert let_out([text])[0] == shown


def let_out(pieces: Sequence[str]) -> tuple[str, SentenceGate]:
    scanner, gate = CitationScanner({1, 2, 3}), SentenceGate(exhibits(), "en")
    released = [one for piece in pieces for one in gate.feed(scanner.feed(piece))]
    released += [*gate.feed(scanner.flush()), *gate.flush()]
    return "".join(one.text for one in released), gate
