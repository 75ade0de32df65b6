from __future__ import annotations

from collections.abc import Callable

import pytest
from pydantic import ValidationError

from knowledge.records import rule_from_json, rule_to_json, source_from_json, source_to_json
from knowledge.rule import Rule
from knowledge.settings import KnowledgeSettings
from knowledge.source import Source, SourceKind


def test_official_instrument_speaks_louder_than_a_law_firm_and_that_than_the_press(
    make_source: Callable[..., Source],
) -> None:
    voices = [
        make_source(kind=SourceKind.ORDINANCE, official=True),
        make_source(kind=SourceKind.CIRCULAR, official=True),
        make_source(kind=SourceKind.PRESS_RELEASE, official=True),
        make_source(kind=SourceKind.LAW_FIRM_NOTE, official=False),
        make_source(kind=SourceKind.ARTICLE, official=False),
    ]
    voices.reverse()
    assert sorted(voices, key=lambda source: source.weight) == voices[::-1]


def test_title_is_in_the_readers_language(make_source: Callable[..., Source]) -> None:
    source = make_source()
    assert [source.title_in(one) for one in ("en", "zh-Hans", "zh-Hant")] == ["Permits", "许可证", "许可证"]


def test_records_survive_being_written_and_read(
    make_source: Callable[..., Source], make_rule: Callable[..., Rule]
) -> None:
    assert source_from_json(source_to_json(make_source(ingested=True))) == make_source(ingested=True)
    assert rule_from_json(rule_to_json(make_rule())) == make_rule()


@pytest.mark.parametrize("value", ["0", "many", "-1"])
def test_setting_out_of_bounds_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HKVA_FETCH_TIMEOUT_S", value)
    with pytest.raises(ValidationError, match="fetch_timeout_s"):
        KnowledgeSettings()
