"""What is shipped for deployment says nothing that the servers, the cluster or the proxy do not know."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import kubernetes.client
import pytest
import yaml

from server.environment import KINDS
from server.settings import check_environment

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
MODELS = {
    "ConfigMap": "V1ConfigMap",
    "Deployment": "V1Deployment",
    "Service": "V1Service",
    "PodDisruptionBudget": "V1PodDisruptionBudget",
    "HorizontalPodAutoscaler": "V2HorizontalPodAutoscaler",
}
RESOURCES = list(yaml.safe_load_all((DEPLOY / "kubernetes" / "hkva.yaml").read_text(encoding="utf-8")))
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
CHROMA = yaml.safe_load((DEPLOY / "compose.chroma.yaml").read_text(encoding="utf-8"))


def _unknown(kind: str, value: Any, where: str) -> list[str]:
    """Fields that the cluster's own description of `kind` does not have, at any depth."""
    for form in (r"[Ll]ist\[(.+)\]", r"[Dd]ict\[str, (.+)\]"):
        inside = re.fullmatch(form, kind)
        if inside:
            pairs = value.items() if isinstance(value, dict) else enumerate(value)
            return [one for key, held in pairs for one in _unknown(inside[1], held, f"{where}.{key}")]
    model = getattr(kubernetes.client, kind, None)
    if model is None:
        return []
    assert isinstance(value, dict), f"{where} must be a mapping"
    types = {model.attribute_map[name]: of for name, of in model.openapi_types.items()}
    unknown = [f"{where}.{key}" for key in value if key not in types]
    return unknown + [
        one for key, held in value.items() if key in types for one in _unknown(types[key], held, f"{where}.{key}")
    ]


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda one: one["kind"])
def test_cluster_knows_every_field(resource: dict[str, Any]) -> None:
    assert _unknown(MODELS[resource["kind"]], resource, resource["kind"]) == []


def test_misspelt_field_is_noticed() -> None:
    deployment = {"spec": {"template": {"spec": {"containers": [{"name": "x", "readynessProbe": {}}]}}}}
    assert _unknown("V1Deployment", deployment, "d") == ["d.spec.template.spec.containers.0.readynessProbe"]


def test_servers_are_probed_on_routes_that_exist_and_scaled() -> None:
    of_kind = {one["kind"]: one for one in RESOURCES}
    pod = of_kind["Deployment"]["spec"]["template"]
    server = pod["spec"]["containers"][0]
    text = (DEPLOY.parent / "server" / "routes" / "health.py").read_text(encoding="utf-8")
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert f'"{server[probe]["httpGet"]["path"]}"' in text
    assert (
        of_kind["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]["name"]
        == of_kind["Deployment"]["metadata"]["name"]
    )
    assert pod["metadata"]["labels"].items() >= of_kind["Service"]["spec"]["selector"].items()
    for container in [*pod["spec"]["initContainers"], *pod["spec"]["containers"]]:
        assert container["securityContext"]["readOnlyRootFilesystem"]
        mounted = {one["name"] for one in container["volumeMounts"]}
        assert mounted <= {one["name"] for one in pod["spec"]["volumes"]}


def test_compose_names_services_and_volumes_that_exist() -> None:
    services = COMPOSE["services"]
    assert services["app"]["deploy"]["replicas"] > 1
    for service in services.values():
        assert set(service.get("depends_on", [])) <= services.keys()
        for volume in service.get("volumes", []):
            origin = volume.split(":")[0]
            assert (DEPLOY / origin).is_file() if origin.startswith("./") else origin in COMPOSE["volumes"]
    assert "http://app:8000" in (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    scraped = yaml.safe_load((DEPLOY / "prometheus.yml").read_text(encoding="utf-8"))
    assert scraped["scrape_configs"][0]["dns_sd_configs"][0]["names"] == ["app"]


def test_chroma_is_reached_through_its_proxy_only() -> None:
    services = CHROMA["services"]
    assert services["chroma"]["networks"] == ["chroma"]
    assert CHROMA["networks"]["chroma"]["internal"]
    assert not any("ports" in service for service in services.values())
    assert set(services["chroma-proxy"]["networks"]) == {"chroma", "default"}
    assert services["app"]["environment"]["HKVA_CHROMA_URL"] == "https://chroma-proxy"
    template = (DEPLOY / "chroma.conf.template").read_text(encoding="utf-8")
    assert "http://chroma:8000" in template
    for service in services.values():
        assert set(service.get("depends_on", [])) <= services.keys()
        assert "CHROMA_TOKEN" not in service.get("environment", {}) or "${CHROMA_TOKEN}" in template


def test_every_setting_named_is_one() -> None:
    texts = [path.read_text(encoding="utf-8") for path in DEPLOY.rglob("*") if path.is_file()]
    named = {name: "x" for text in texts for name in re.findall(r"\bHKVA_[A-Z_]+\b", text)}
    assert "HKVA_STATE_URL" in named
    assert check_environment(named, KINDS) == []


def test_image_copies_what_exists() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    copied = [name for line in re.findall(r"^COPY ([^-].*) \S+$", dockerfile, re.M) for name in line.split()]
    assert {"pyproject.toml", "knowledge", "server"} <= set(copied)
    assert all((DEPLOY.parent / name).exists() for name in copied)
    assert re.search(r"^USER \d+$", dockerfile, re.M)
