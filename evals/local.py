"""Open the assistant of this installation as a target, and the names that its records go by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from assistant.settings import AssistantSettings
from evals.case import Case
from evals.targets import LocalTarget
from knowledge.register import read_corpus
from knowledge.settings import KnowledgeSettings


def open_local(
    knowledge: KnowledgeSettings, settings: AssistantSettings, warm: bool = False
) -> tuple[LocalTarget, Mapping[str, str]]:
    """The target, and the ids of the library's records by their aliases; `warm` where many cases are to come."""
    from assistant.assembly import open_assistant  # here, because who only asks other processes needs none of it

    assistant = open_assistant(knowledge, settings)
    if warm:
        assistant.warm()

    def let_go() -> None:
        assistant.close()
        assistant.library.close()

    return LocalTarget(assistant, settings.day, let_go), assistant.library.aliases


def aliases_of_corpus(knowledge: KnowledgeSettings) -> dict[str, str]:
    """The ids of the shipped rules by their aliases, for targets elsewhere."""
    rules = read_corpus(knowledge.corpus_dir).rules.values()
    return {alias: rule.id for rule in rules for alias in rule.aliases}


def names_in(cases: Iterable[Case], aliases: Mapping[str, str]) -> dict[str, str]:
    """Those of the aliases that the cases use."""
    used = {
        name
        for case in cases
        for group in (*case.expect.rules, case.expect.version, case.expect.not_version)
        for name in group
    }
    return {name: aliases[name] for name in sorted(used) if name in aliases}
