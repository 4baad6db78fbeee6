"""schemathesis over every operation, on both kinds of database: what it makes up is answered as the OpenAPI says, and
never by a 500. It comes last on its host: what it makes up changes things.

The same requests each time. Streams do not end, and have tests of their own.
"""

from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.case import Case
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sigap_common.auth import Role, TokenIssuer
from sigap_testing.cluster import SingleHost
from sigap_testing.operations import EVENTS, api, operations

from .stored import ON_POSTGRESQL, ON_SQLITE

SEED = {"seed": 112}
GENERATION = {"deterministic": True, "no-shrink": True}
EVERYTHING = {
    "generation": {**GENERATION, "max-examples": 8},
    "phases": {"coverage": {"unexpected-methods": []}},
}
WHAT_IS_STORED = {
    # What is refused before a database is asked is the same on both kinds.
    "generation": {**GENERATION, "max-examples": 5, "mode": "positive"},
    "phases": {"coverage": {"enabled": False}},
}
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
STREAMS = [o.id for o in operations() if EVENTS in o.spec["responses"].get("200", {}).get("content", {})]


def made_by(config: dict[str, Any]) -> schemathesis.BaseSchema:
    known = schemathesis.openapi.from_dict(dict(api().document), config=SchemathesisConfig.from_dict(SEED | config))
    return known.exclude(operation_id=STREAMS)


@pytest.fixture(scope="session")
def token(quiet_host: SingleHost) -> str:
    issuer = TokenIssuer.from_file(quiet_host.url, "sigap", quiet_host.folder / "data" / "issuer.pem")
    return issuer.issue("schemathesis", tuple(Role), ["*"], "17.71/damkar")


@ON_SQLITE
@made_by(EVERYTHING).parametrize()
@hypothesis.settings(deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
def test_whatever_is_sent_is_answered_as_described(case: Case[Any], quiet_host: SingleHost, token: str) -> None:
    send(case, quiet_host, token)


@ON_POSTGRESQL
@made_by(WHAT_IS_STORED).parametrize()
@hypothesis.settings(deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
def test_whatever_fits_is_answered_as_described_on_postgresql(
    case: Case[Any], quiet_host: SingleHost, token: str
) -> None:
    send(case, quiet_host, token)


def send(case: Case[Any], host: SingleHost, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    case.call_and_validate(base_url=host.url, headers=headers, checks=CHECKS, timeout=30)
