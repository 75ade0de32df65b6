from __future__ import annotations

import pytest

from knowledge.settings import KnowledgeSettings
from server.errors import BadSettings
from server.settings import ServerSettings, check_environment, read_settings


def test_misspelt_variable_is_reported_with_the_setting_it_resembles() -> None:
    findings = check_environment({"HKVA_PROT": "1", "PATH": "/bin"}, (ServerSettings, KnowledgeSettings))
    assert findings == ["HKVA_PROT is no setting. Did you mean HKVA_PORT?"]


def test_variables_of_every_package_are_known() -> None:
    environment = {"HKVA_PORT": "1", "HKVA_DATA_DIR": "x", "HKVA_OTHER": "y"}
    assert check_environment(environment, (ServerSettings, KnowledgeSettings), ("HKVA_OTHER",)) == []


def test_bad_value_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HKVA_PORT", "eighty")
    with pytest.raises(BadSettings, match="HKVA_PORT"):
        read_settings(ServerSettings)
