"""The gate blocks: ten things are broken, one at a time, in a working assistant, and each closes it.

The assistant is the real one, over the small library. The baseline is what it scores unbroken; each mutation is asked
the cases that it should hurt.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import ModuleType

import pytest

from assistant.answer import Answer, Citation, Outcome
from assistant.answering import Assistant
from assistant.question import Question
from assistant.settings import AssistantSettings
from evals.baseline import read_baseline, write_baseline
from evals.case import Case, Expect
from evals.gate import GateFinding, check_gates
from evals.gates import Gates, Loss
from evals.run import run
from evals.runlog import RunInfo, suite_digest
from evals.score import CaseScore, score
from evals.summary import mean_of
from evals.targets import LocalTarget
from knowledge import words
from knowledge.e5_embedder import E5Embedder
from knowledge.glossary import Glossary
from knowledge.library import Library, open_library
from knowledge.register import read_corpus
from knowledge.rule import Language, Rule
from knowledge.settings import KnowledgeSettings

TODAY = date(2026, 11, 23)
SETTINGS = AssistantSettings(today=TODAY)
FLOORS = ("quotes", "language", "rr")
"""What may not fall below what the unbroken assistant has; for the first two that is everything."""


def case(kind: str, number: int, question: str, language: Language, expect: Expect, as_of: date | None = None) -> Case:
    return Case(f"{kind}-{number}", question, language, kind, expect, as_of=as_of)


def says(*facts: str, rule: str) -> Expect:
    return Expect(key_facts=tuple((fact,) for fact in facts), rules=((rule,),))


DECLINE = Expect(outcome=frozenset({Outcome.INSUFFICIENT, Outcome.OFF_TOPIC}))
CIS, CARF, ENSEMBLE = "collective-investment-scheme-elements", "carf-commitment-2024", "ensemble-launch-2024"
NO_LENDING, LAUNCH = "bank-custody-no-lending-2026", "bank-custody-launch-2026"
INSURANCE, DELEGATION = "bank-custody-insurance-2024", "bank-custody-delegation-2026"
WORDS: tuple[tuple[str, Language, str], ...] = (
    ("銀行應否為持牌虛擬資產交易平台開戶?", "zh-Hant", "bank-accounts-vasp-2023"),
    ("香港法例有冇禁止銀行為虛擬資產機構提供服務?", "zh-Hant", "bank-accounts-no-ban"),
    ("2024年銀行託管標準涵蓋甚麼?", "zh-Hant", "bank-custody-2024"),
    ("2024年託管附件的保險比例?", "zh-Hant", "bank-custody-insurance-2024"),
    ("冷儲存的比例同密鑰擺喺邊?", "zh-Hant", "bank-custody-2026"),
    ("託管損失由誰負責?", "zh-Hant", "bank-custody-liability-2026"),
    ("託管可以轉授予邊個?", "zh-Hant", "bank-custody-delegation-2026"),
    ("託管指引涵蓋代幣化證券嗎?", "zh-Hant", "bank-custody-scope-2026"),
    ("可以借出或質押客戶資產嗎?", "zh-Hant", "bank-custody-no-lending-2026"),
    ("推出託管前要同金管局商討嗎?", "zh-Hant", "bank-custody-launch-2026"),
    ("可唔可以將客戶虛擬資產轉予第三方?", "zh-Hant", "bank-custody-third-party-2026"),
    ("要向客戶說明無力償債時的權利嗎?", "zh-Hant", "bank-custody-disclosure-2026"),
    ("集體投資計劃的元素", "zh-Hant", "collective-investment-scheme-elements"),
    ("加密資產申報框架由哪年開始交換資料?", "zh-Hant", "carf-commitment-2024"),
    ("Ensemble項目結算代幣化貨幣", "zh-Hant", "ensemble-launch-2024"),
    ("Which entities may a bank delegate custody of virtual assets to?", "en", "bank-custody-delegation-2026"),
    ("Does the HKMA custody guidance cover tokenised securities?", "en", "bank-custody-scope-2026"),
    ("What must a bank tell digital asset custody clients?", "en", "bank-custody-disclosure-2026"),
    ("Should banks open accounts for licensed virtual asset trading platforms?", "en", "bank-accounts-vasp-2023"),
    ("What does a wholesale CBDC project settle?", "en", "ensemble-launch-2024"),
)
CASES = [
    case("figure", 1, "How many elements does a collective investment scheme have?", "en", says("4", rule=CIS)),
    case("figure", 2, "集体投资计划有几项元素?", "zh-Hans", says("4", rule=CIS)),
    case("date", 1, "When was Project Ensemble announced?", "en", says("7 March 2024", rule=ENSEMBLE)),
    case("date", 2, "When did Hong Kong tell the OECD that it will implement CARF?", "en",
         says("13 December 2024", rule=CARF)),
    case("date", 3, "香港几时向经合组织表示会实施CARF?", "zh-Hans", says("13 December 2024", rule=CARF)),
    case("script", 1, "銀行託管的保安監察要幾耐運作一次?", "zh-Hant", says("24", rule=LAUNCH)),
    case("script", 2, "銀行可否借出託管的客戶數碼資產?", "zh-Hant", says("不得", rule=NO_LENDING)),
    case("script", 3, "虛擬資產託管可以轉授予邊個?", "zh-Hant", says("持牌平台", rule=DELEGATION)),
    case("script", 4, "香港幾時向經合組織表示會實施CARF?", "zh-Hant", says("13 December 2024", rule=CARF)),
    *(case("words", number, question, language, Expect(rules=((rule,),)))
      for number, (question, language, rule) in enumerate(WORDS)),
    case("as-of", 1, "When was Project Ensemble announced?", "en", says("not yet", rule=ENSEMBLE), date(2023, 1, 1)),
    case("as-of", 2, "香港几时向经合组织表示会实施CARF?", "zh-Hans", says("尚未", rule=CARF), date(2023, 1, 1)),
    case("as-of", 3, "銀行託管客戶虛擬資產的保險比例是多少?", "zh-Hant", says("50%", rule=INSURANCE), date(2025, 1, 1)),
    case("decline", 1, "Which bank was fined for custody failures in 2025?", "en", DECLINE),
    case("decline", 2, "What is the HKMA's fee for a stablecoin licence in 2031?", "en", DECLINE),
    case("decline", 3, "今日天氣點樣?", "zh-Hant", DECLINE),
]  # fmt: skip
ANSWERED = ("figure", "date", "script")


class Asks:
    """An assistant, and what is done to its questions and answers on their way."""

    def __init__(
        self,
        assistant: Assistant,
        question: Callable[[Question], Question] = lambda question: question,
        answer: Callable[[Answer], Answer] = lambda answer: answer,
        during: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self._assistant = assistant
        self._question = question
        self._answer = answer
        self.during = during

    @property
    def library(self) -> Library:
        return self._assistant.library

    def close(self) -> None:
        self._assistant.close()

    async def ask(self, question: Question) -> Answer:
        return self._answer(await self._assistant.ask(self._question(question)))


@dataclass(frozen=True)
class Bench:
    """Opens assistants over the small library and scores them."""

    library: Library
    folder: Path

    def asks(self, settings: AssistantSettings = SETTINGS, **through: object) -> Asks:
        return Asks(Assistant(self.library, settings), **through)  # type: ignore[arg-type]

    def scored(self, asks: Asks, kinds: tuple[str, ...]) -> list[CaseScore]:
        cases = [one for one in CASES if one.category in kinds]
        info = RunInfo("mutations", "local", "extractive", TODAY.isoformat(), suite_digest(cases))
        log = self.folder / f"{len(list(self.folder.iterdir()))}.jsonl"
        with asks.during():
            done = asyncio.run(run(LocalTarget(asks, TODAY), cases, info, log))
        asks.close()
        return score(done.replies, {})


@pytest.fixture(scope="module")
def bench(
    small_knowledge: KnowledgeSettings, embedder: E5Embedder, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bench]:
    library = open_library(small_knowledge.library_dir, embedder)
    library.glossary = Glossary(read_corpus(KnowledgeSettings().corpus_dir).glossary)
    yield Bench(library, tmp_path_factory.mktemp("runs"))
    library.close()


@pytest.fixture(scope="module")
def clean(bench: Bench) -> dict[str, CaseScore]:
    """Every case as the unbroken assistant answers it."""
    kinds = tuple({one.category for one in CASES})
    return {one.case.id: one for one in bench.scored(bench.asks(), kinds)}


@dataclass(frozen=True)
class Gate:
    """The gate that the unbroken assistant passes."""

    bench: Bench
    clean: dict[str, CaseScore]
    tmp_path: Path

    def findings(self, asks: Asks, *kinds: str) -> list[GateFinding]:
        before = [one for one in self.clean.values() if one.case.category in kinds]
        assert any(one.right for one in before), f"the unbroken assistant gets none of {kinds} right"
        write_baseline(self.tmp_path / "baseline.jsonl", before, "unbroken", TODAY.isoformat())
        baseline = read_baseline(self.tmp_path / "baseline.jsonl")
        floors = {name: mean_of(before, name).value for name in FLOORS if mean_of(before, name).count}
        gates = Gates(floors={"all": floors}, loss=Loss(measures=["right", "citation_recall", "supported"]))
        assert check_gates(before, gates, baseline) == []
        return check_gates(self.bench.scored(asks, kinds), gates, baseline)


@pytest.fixture
def gate(bench: Bench, clean: dict[str, CaseScore], tmp_path: Path) -> Gate:
    return Gate(bench, clean, tmp_path)


def restated(rule: Rule, *changes: tuple[str, str]) -> Rule:
    statements = dict(rule.statement)
    for old, new in changes:
        statements = {language: text.replace(old, new) for language, text in statements.items()}
    assert statements != dict(rule.statement)
    return replace(rule, statement=statements)


def with_rule(bench: Bench, monkeypatch: pytest.MonkeyPatch, rule_id: str, *changes: tuple[str, str]) -> None:
    monkeypatch.setitem(bench.library.rules, rule_id, restated(bench.library.rules[rule_id], *changes))


def test_wrong_figure_in_a_rule_closes_the_gate(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    with_rule(gate.bench, monkeypatch, CIS, (" 4 ", " 5 "), ("4项", "5项"), ("4項", "5項"))
    findings = gate.findings(gate.bench.asks(), "figure")
    assert any("no longer right" in one.message for one in findings)
    assert findings[0].cases[0].startswith("figure-")


def test_wrong_date_in_a_rule_closes_the_gate(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    with_rule(gate.bench, monkeypatch, ENSEMBLE, ("7 March 2024", "8 March 2024"))
    with_rule(gate.bench, monkeypatch, CARF, ("13 December 2024", "13 December 2023"), ("2024年12月", "2023年12月"))
    assert gate.findings(gate.bench.asks(), "date")


def test_quote_that_its_record_does_not_hold_closes_the_gate(gate: Gate) -> None:
    def misquoted(answer: Answer) -> Answer:
        return replace(answer, citations=tuple(replace(one, quote=one.quote + ".") for one in answer.citations))

    findings = gate.findings(gate.bench.asks(answer=misquoted), *ANSWERED)
    assert any("quotes is 0.0" in one.message for one in findings)


def forget_what_was_folded() -> None:
    """Empty every cache: the assistant remembers what it read off a text."""
    kind = type(lru_cache(len))
    gc.unfreeze()  # what an assistant keeps out of collections, too
    for cached in [one for one in gc.get_objects() if type(one) is kind]:  # isinstance would wake lazy objects
        cached.cache_clear()


def modules_with(name: str) -> list[ModuleType]:
    """Those of the assistant's modules that call the function of this name in `knowledge.words`."""
    ours = [module for path, module in sys.modules.items() if path.split(".")[0] in ("knowledge", "assistant")]
    return [module for module in ours if getattr(module, name, None) is getattr(words, name)]


def test_lost_folding_of_the_scripts_closes_the_gate(gate: Gate) -> None:
    @contextmanager
    def unfolded() -> Iterator[None]:
        forget_what_was_folded()
        with pytest.MonkeyPatch.context() as broken:
            for name in ("to_simplified", "to_traditional"):
                for module in modules_with(name):
                    broken.setattr(module, name, lambda text: text)
            yield
        forget_what_was_folded()

    assert gate.findings(gate.bench.asks(during=unfolded), "script", "words", "decline")


def test_date_beside_the_question_that_is_ignored_closes_the_gate(gate: Gate) -> None:
    dateless = gate.bench.asks(question=lambda question: replace(question, as_of=None))
    assert gate.findings(dateless, "as-of")


def test_declining_everything_closes_the_gate(gate: Gate) -> None:
    assert gate.findings(gate.bench.asks(SETTINGS.model_copy(update={"answer_threshold": 1.0})), *ANSWERED)


def test_declining_nothing_closes_the_gate(gate: Gate) -> None:
    assert gate.findings(gate.bench.asks(SETTINGS.model_copy(update={"answer_threshold": 0.0})), "decline")


def test_shuffled_citations_close_the_gate_though_each_quote_is_exact(gate: Gate) -> None:
    rules = gate.bench.library.rules
    names = sorted(rules)

    def another(citation: Citation) -> Citation:
        rule = rules[names[(names.index(citation.id) + 1) % len(names)]]
        quote = rule.statement[citation.language]
        return replace(citation, id=rule.id, quote=quote, start=0, end=len(quote))

    def shuffled(answer: Answer) -> Answer:
        return replace(answer, citations=tuple(map(another, answer.citations)))

    said = [one.message for one in gate.findings(gate.bench.asks(answer=shuffled), *ANSWERED)]
    assert any("citation_recall fell" in message for message in said)
    assert any("supported fell" in message for message in said)
    assert not any("quotes" in message for message in said)


def test_glossary_that_takes_everything_for_the_same_closes_the_gate(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups = read_corpus(KnowledgeSettings().corpus_dir).glossary
    monkeypatch.setattr(gate.bench.library, "glossary", Glossary([[term for group in groups for term in group]]))
    assert gate.findings(gate.bench.asks(), "words")


def test_answer_in_another_language_closes_the_gate(gate: Gate) -> None:
    english = gate.bench.asks(question=lambda question: replace(question, language="en"))
    findings = gate.findings(english, *ANSWERED)
    assert any("language is" in one.message for one in findings)
