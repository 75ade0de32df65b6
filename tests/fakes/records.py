"""A few records as they are shown to a chat model."""

from __future__ import annotations

from assistant.answer import Citation
from assistant.evidence import Exhibit
from knowledge.rule import Standing

CAPITAL = "A licensed stablecoin issuer must have paid-up share capital of at least HK$25 million."
CAPITAL_ZH = "持牌稳定币发行人的缴足股本不得少于2,500万港元。"
RETAIL = (
    "From 1 June 2023 a licensed platform may serve retail investors once they have passed a knowledge test."
    " A platform must not offer leverage to retail investors."
)
RETAIL_ZH = "自2023年6月1日起，散户通过知识测试后，持牌平台可向其提供服务。平台不得向散户提供杠杆。"
PROPOSED = "The FSTB proposed in June 2025 to license virtual asset dealers under the AMLO."
PROPOSED_ZH = "财库局2025年6月建议按《打击洗钱条例》为虚拟资产交易商发牌。"


def exhibit(
    number: int, record: str, english: str, chinese: str, standing: Standing = Standing.IN_FORCE, language: str = "en"
) -> Exhibit:
    """A rule's exhibit in one of the languages."""
    statement = english if language == "en" else chinese
    citation = Citation(
        number=number, kind="rule", id=record, title=f"Record {record}", publisher="HKMA", authority="HKMA",
        instrument="Cap. 656", url=None, published="2025-08-01", standing=standing, superseded_by=None,
        quote=statement, start=0, end=len(statement), official=True, language="en" if language == "en" else "zh-Hans",
    )  # fmt: skip
    return Exhibit(citation, statement, (english, chinese))


def exhibits(language: str = "en") -> tuple[Exhibit, ...]:
    """Three records on capital, retail investors and a proposal."""
    return (
        exhibit(1, "capital", CAPITAL, CAPITAL_ZH, language=language),
        exhibit(2, "retail", RETAIL, RETAIL_ZH, language=language),
        exhibit(3, "proposal", PROPOSED, PROPOSED_ZH, Standing.PROPOSED, language=language),
    )
