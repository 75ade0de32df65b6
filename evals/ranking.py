"""Measures of the search: do the gold records come up, and how high. Computed by ir-measures."""

from __future__ import annotations

from collections.abc import Iterable

from evals.measures import NOT_GIVEN, NOTHING_EXPECTED, Asked, Skipped, Value

RANKING = ("recall@5", "recall@10", "rr", "ndcg@10")


def rank_measures(asked: Iterable[Asked]) -> dict[str, dict[str, Value]]:
    """Case id -> measure -> value.

    An any-of group of gold records counts as one document, at the rank of its first member: finding one of them
    is all that is asked.
    """
    # Imported here: with pandas behind it, it takes longer to load than the rest of `hkva`.
    import ir_measures
    from ir_measures import RR, R, nDCG

    measures = dict(zip((R @ 5, R @ 10, RR, nDCG @ 10), RANKING, strict=True))
    values: dict[str, dict[str, Value]] = {}
    qrels: dict[str, dict[str, int]] = {}
    run: dict[str, dict[str, float]] = {}
    for one in asked:
        reason = _why_not(one)
        if reason:
            values[one.case.id] = dict.fromkeys(RANKING, Skipped(reason))
            continue
        group_of = {one.id_of(name): f"gold:{n}" for n, group in enumerate(one.case.expect.rules) for name in group}
        qrels[one.case.id] = dict.fromkeys(group_of.values(), 1)
        found = list(dict.fromkeys(group_of.get(name, name) for name in map(one.id_of, one.reply.retrieved or ())))
        run[one.case.id] = {name: float(len(found) - rank) for rank, name in enumerate(found)}
        values[one.case.id] = dict.fromkeys(RANKING, 0.0)
    for metric in ir_measures.iter_calc(list(measures), qrels, run) if qrels else ():
        values[metric.query_id][measures[metric.measure]] = float(metric.value)
    return values


def _why_not(asked: Asked) -> str:
    if not asked.case.expect.rules:
        return NOTHING_EXPECTED
    return NOT_GIVEN if asked.reply.retrieved is None else ""
