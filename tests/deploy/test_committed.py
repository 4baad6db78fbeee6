"""What is committed for deployments is what the code says now."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from sigap_cli.edge_routes import compose_site, host_site
from sigap_common.app.manifest import services

Compose = dict[str, Any]

ROOT = Path(__file__).parents[2]


def test_the_edges_have_the_routes_of_the_manifests() -> None:
    committed = (ROOT / "deploy/compose/nginx.conf").read_text()
    assert committed == compose_site(), "`make docs` writes deploy/compose/nginx.conf"
    committed = (ROOT / "deploy/systemd/nginx.conf").read_text()
    assert committed == host_site(), "`make docs` writes deploy/systemd/nginx.conf"


@pytest.fixture(scope="module")
def compose() -> Compose:
    found: Compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return found


def test_compose_runs_each_installed_service_after_the_migrations_and_waits_for_no_keycloak(compose: Compose) -> None:
    for service in services():
        container = compose["services"][service.name]
        assert container["command"] == ["run", service.name]
        assert container["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert "keycloak" not in compose["services"]["migrate"]["depends_on"]


def test_each_service_knows_its_own_database_and_no_other(compose: Compose) -> None:
    for service in services():
        name = f"SIGAP_{service.name.upper().replace('-', '_')}_DATABASE_URL"
        known = {key for key in compose["services"][service.name]["environment"] if key.endswith("_DATABASE_URL")}
        assert known == {name}
        assert name in compose["services"]["migrate"]["environment"]


def test_every_variable_of_compose_is_explained_in_the_example(compose: Compose) -> None:
    used = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    example = dict(re.findall(r"^(\w+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert used == example.keys()
    defaults = re.findall(r"\$\{(\w+):-([^}]*)\}", (ROOT / "docker-compose.yml").read_text())
    assert {name: example[name] for name, _ in defaults} == dict(defaults)


def test_the_override_takes_the_built_in_issuer_for_every_service() -> None:
    override = yaml.safe_load((ROOT / "deploy/compose/override.stand-in.yml").read_text())["services"]
    for service in services():
        assert "/v1/auth/jwks" in override[service.name]["environment"]["SIGAP_AUTH_ISSUERS"]
