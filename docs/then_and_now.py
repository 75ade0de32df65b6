"""Asks thirty questions for a past day and for today, and writes the answers: python docs/then_and_now.py.

Run it whenever the corpus or the answering changes; `docs/then-and-now.md` is its output and nothing else.
"""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path

from assistant.answer import Answer
from assistant.answering import Assistant
from assistant.assembly import open_assistant
from assistant.question import Question
from assistant.settings import EXTRACTIVE, AssistantSettings
from knowledge.settings import KnowledgeSettings

PAGE = Path(__file__).resolve().parent / "then-and-now.md"
TODAY = date(2026, 11, 27)
PAIRS = (
    ("2022-06-01", "May retail investors trade on a licensed virtual asset trading platform?"),
    ("2023-05-01", "Can professional investors only use licensed trading platforms?"),
    ("2023-09-01", "When must travel rule information be sent to the receiving institution?"),
    ("2024-06-01", "Does a token need a 12-month track record before a platform offers it to professional investors?"),
    ("2024-06-01", "May a licensed platform offer stablecoins to retail clients?"),
    ("2024-06-01", "How is a platform applicant's external assessment carried out?"),
    ("2023-12-01", "Can an unlicensed platform that was already in business keep operating in Hong Kong?"),
    ("2018-12-01", "How are virtual asset trading platforms regulated?"),
    ("2024-09-01", "How much capital must a stablecoin issuer have?"),
    ("2023-03-01", "Must a stablecoin be fully backed by reserves?"),
    ("2024-03-01", "Does an issuer of a fiat-referenced stablecoin need a licence?"),
    ("2025-10-01", "Can a stablecoin issuer that was in business before the ordinance go on without a licence?"),
    ("2024-06-01", "Which rules govern a bank that keeps virtual assets in custody for clients?"),
    ("2022-12-01", "May an SFC-authorised fund invest in spot virtual assets?"),
    ("2024-06-01", "May an authorised virtual asset fund stake its ether?"),
    ("2025-06-01", "Can a licensed broker lend clients money to buy virtual assets?"),
    ("2022-06-01", "Which circular governs intermediaries that sell virtual asset products?"),
    ("2020-01-01", "May tokenised securities be sold to retail investors?"),
    ("2024-06-01", "Can tokenised SFC-authorised funds be traded on a secondary market?"),
    ("2026-01-01", "Is a 10% threshold planned for licensing virtual asset managers?"),
    ("2024-06-01", "Who is to license over-the-counter dealers of virtual assets?"),
    ("2022-06-01", "What does the mainland say about virtual currency business?"),
    ("2023-01-01", "持牌平台可以向散户提供交易服务吗?"),
    ("2024-10-01", "稳定币发行人的最低缴足股本是多少?"),
    ("2024-03-01", "银行保管客户数字资产要遵守什么标准?"),
    ("2025-01-01", "经纪行可以为客户购买虚拟资产提供融资吗?"),
    ("2022-01-01", "香港居民可以开立数字人民币钱包吗?"),
    ("2024-06-01", "平台上架的代币是否一律要有12个月的往绩纪录?"),
    ("2023-10-01", "轉帳規則嘅資料要幾時提交?"),
    ("2026-03-01", "法律容唔容許發行代幣化債券?"),
)


async def answers(assistant: Assistant) -> list[tuple[date, str, Answer, Answer]]:
    """Each question with its answer for the past day and for today."""
    pairs = [(date.fromisoformat(day), question) for day, question in PAIRS]
    return [
        (day, question, await assistant.ask(Question(question, as_of=day)), await assistant.ask(Question(question)))
        for day, question in pairs
    ]


def told(answer: Answer) -> str:
    """The answer with what it rests on and the notes beside it, in one cell's worth of lines."""
    lines = [answer.text if answer.outcome == "answered" else f"*{answer.outcome}*: {answer.text}"]
    lines += [f"[{one.number}] `{one.id}`, {one.standing.replace('_', ' ')}" for one in answer.citations]
    lines += [f"Note ({one.code}): {one.message}" for one in answer.notes]
    return "<br>".join(line.replace("|", "\\|").replace("\n", " ") for line in lines)


def page(rows: list[tuple[date, str, Answer, Answer]]) -> str:
    """The rows as Markdown."""
    declined = sum(answer.outcome != "answered" for _, _, *both in rows for answer in both)
    changed = sum(1 for _, _, then, now in rows if then.text != now.text)
    lines = [
        "# Then and now",
        "",
        f"{len(rows)} questions, each asked for a past day and for {TODAY} of the assistant without a chat model."
        f" {changed} pairs differ, {declined} of the {2 * len(rows)} answers decline. What declines or answers beside"
        " the question is left in: this page shows what is given, not what should be."
        " Written by `python docs/then_and_now.py`.",
    ]
    for number, (day, question, then, now) in enumerate(rows, 1):
        lines += ["", f"## {number}. {question}", "", "| as of | answer |", "|---|---|"]
        lines += [f"| {day} | {told(then)} |", f"| {TODAY} | {told(now)} |"]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Ask, and write the page."""
    settings = AssistantSettings(model=EXTRACTIVE, today=TODAY)
    assistant = open_assistant(KnowledgeSettings(), settings)
    PAGE.write_text(page(asyncio.run(answers(assistant))), encoding="utf-8")
    assistant.close()
    assistant.library.close()


if __name__ == "__main__":
    main()
