"""schemathesis over every operation, on both kinds of database: what it makes up is answered as the OpenAPI says, and
never by a 500. It comes last on its host: what it makes up changes things.

The same requests each time. Streams do not end, and have tests of their own.
"""

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

CONFIG = SchemathesisConfig.from_dict(
    {
        "seed": 112,
        "generation": {"max-examples": 8, "deterministic": True, "no-shrink": True},
        "phases": {"coverage": {"unexpected-methods": []}},
    }
)
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
STREAMS = [o.id for o in operations() if EVENTS in o.spec["responses"].get("200", {}).get("content", {})]

schema = schemathesis.openapi.from_dict(dict(api().document), config=CONFIG).exclude(operation_id=STREAMS)


@pytest.fixture(scope="session")
def token(quiet_host: SingleHost) -> str:
    issuer = TokenIssuer.from_file(quiet_host.url, "sigap", quiet_host.folder / "data" / "issuer.pem")
    return issuer.issue("schemathesis", tuple(Role), ["*"], "17.71/damkar")


@schema.parametrize()
@hypothesis.settings(deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
def test_whatever_is_sent_is_answered_as_described(case: Case, quiet_host: SingleHost, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    case.call_and_validate(base_url=quiet_host.url, headers=headers, checks=CHECKS, timeout=30)
