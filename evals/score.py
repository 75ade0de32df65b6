"""Scores of the cases of one run. Pure: a run log scores the same for ever."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from evals.case import Case
from evals.measures import MEASURES, Asked, Skipped, Value
from evals.ranking import RANKING, rank_measures
from evals.reply import Reply

QUALITY = tuple(measure.name for measure in MEASURES if measure.quality) + RANKING
TITLES = {measure.name: measure.title for measure in MEASURES} | {name: name for name in RANKING}


@dataclass(frozen=True, slots=True)
class CaseScore:
    """The measures of one case: `values` where they apply, `skipped` with the reason where they don't."""

    case: Case
    reply: Reply
    declined: bool
    values: Mapping[str, float]
    skipped: Mapping[str, str]

    @property
    def right(self) -> bool:
        """Whether all that the case asks for is there and nothing wrong."""
        return self.values["right"] == 1.0


def score(replies: Iterable[tuple[Case, Reply]], names: Mapping[str, str]) -> list[CaseScore]:
    """Every case with its measures, in the order given. `names` maps aliases of records to their ids."""
    asked = [Asked(case, reply, names) for case, reply in replies]
    ranks = rank_measures(asked)
    scores = []
    for one in asked:
        values: dict[str, Value] = {measure.name: measure.of(one) for measure in MEASURES} | ranks[one.case.id]
        scores.append(
            CaseScore(
                one.case,
                one.reply,
                one.declined,
                {name: value for name, value in values.items() if not isinstance(value, Skipped)},
                {name: value.reason for name, value in values.items() if isinstance(value, Skipped)},
            )
        )
    return scores


def slices_of(case: Case) -> list[str]:
    """The slices that a case counts in: everything, its category, language, split and tags."""
    return ["all", f"category:{case.category}", f"language:{case.language}", f"split:{case.split}"] + [
        f"tag:{tag}" for tag in sorted(case.tags)
    ]


def by_slice(scores: Sequence[CaseScore]) -> dict[str, list[CaseScore]]:
    """Slice -> its cases; `all` first, then categories, languages, splits and tags, each by name."""
    order = {"all": 0, "category": 1, "language": 2, "split": 3, "tag": 4}
    found: dict[str, list[CaseScore]] = {}
    for one in scores:
        for name in slices_of(one.case):
            found.setdefault(name, []).append(one)
    return dict(sorted(found.items(), key=lambda item: (order[item[0].partition(":")[0]], item[0])))
