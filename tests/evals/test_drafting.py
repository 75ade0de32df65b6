"""A drafted case stands on a sentence of the document, or is dropped with the reason."""

from __future__ import annotations

import pytest

from assistant.errors import ModelRefused
from evals.drafting import Proposal, Proposals, draft_cases, fault_of
from knowledge.source import Source, SourceKind
from tests.fakes.scripted_model import scripted

TEXT = (
    "The fund may hold at most 10 per cent of its assets in virtual assets.\n\n"
    "Redemptions are paid within five business days.\n\n托管人须将98%的资产存放于冷存储。"
)
GOOD = Proposal(
    question="How much of the fund may be in virtual assets?",
    key_facts=["10%"],
    quote="The fund may hold at most 10 per cent of  its assets in virtual assets.",
)


def own(text: str = TEXT) -> Source:
    return Source(
        id="own/fund.md", title="The fund", title_en="The fund", title_zh="基金", publisher="us", authority="us",
        kind=SourceKind.DOCUMENT, language="en", published=None, url=None, official=False, text=text, ingested=True,
    )  # fmt: skip


def reply(*cases: Proposal) -> str:
    return Proposals(cases=list(cases)).model_dump_json()


async def test_case_that_passes_its_checks_expects_the_facts_and_the_document() -> None:
    chinese = Proposal(question="多少资产须存放于冷存储?", key_facts=["98%"], quote="托管人须将98%的资产存放于冷存储。")
    model, fake = scripted([reply(GOOD, chinese)])
    drafted = await draft_cases(model, own(), 2)
    assert [case.language for case in drafted.cases] == ["en", "zh-Hans"]
    first = drafted.cases[0]
    assert first.expect.key_facts == (("10%",),)
    assert first.expect.rules == (("own/fund.md",),)
    assert first.tags == {"draft"}
    assert "at most 10 per cent of its assets" in first.source
    assert drafted.dropped == ()
    assert TEXT in fake.prompts[0]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"quote": "The fund may hold at most 20 per cent of its assets in virtual assets."}, "not in the document"),
        ({"quote": " "}, "not in the document"),
        ({"key_facts": ["15%"]}, "does not say 15%"),
        ({"key_facts": []}, "no key fact"),
        ({"key_facts": ["a very long fact that no right answer would ever repeat word for word"]}, "too long"),
        ({"question": "Is it true that 10 per cent may be held?"}, "gives 10% away"),
        ({"question": "  "}, "no question"),
    ],
)
def test_proposal_that_does_not_stand_on_the_document_is_dropped(change: dict[str, object], reason: str) -> None:
    assert reason in fault_of(GOOD.model_copy(update=change), TEXT)


async def test_dropped_proposals_are_told_with_their_reason() -> None:
    wrong = GOOD.model_copy(update={"quote": "Everything may be held."})
    model, _ = scripted([reply(wrong, GOOD)])
    drafted = await draft_cases(model, own(), 2)
    assert len(drafted.cases) == 1
    assert drafted.dropped == (f"{GOOD.question}: its sentence is not in the document",)


async def test_long_document_is_shown_in_parts_that_share_the_number() -> None:
    text = "\n".join(f"Paragraph {n} says that fee number {n} is {n} dollars." for n in range(300))
    model, fake = scripted(lambda prompt: reply())
    await draft_cases(model, own(text), 5)
    shares = [int(prompt.partition("Number: ")[2].split()[0]) for prompt in fake.prompts]
    assert sum(shares) == 5
    assert len(fake.prompts) == len(shares) == 3
    assert all(f"Paragraph {n} " in "".join(fake.prompts) for n in range(300))


async def test_model_that_keeps_to_no_form_fails_with_the_reason() -> None:
    model, _ = scripted(["Here are some questions!"])
    with pytest.raises(ModelRefused, match="form"):
        await draft_cases(model, own(), 2)
