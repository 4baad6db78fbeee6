"""Who asks is settled before a connection to the database is taken, whatever is asked of whichever service."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from sigap_common.app.manifest import AnyService, services
from sigap_common.auth import Role, TokenIssuer
from sigap_common.auth.issuer import new_key
from sigap_testing.kit import AUDIENCE, ISSUER, Kit, started
from sigap_testing.operations import Operation, operations
from sigap_testing.statements import blocks

from .probes import headers_of, names_a_regency, path_of, query_of
from .world import FOREIGN, HOME, at_home

LOOKED_FOR = {"sign_in_with_password", "read_duties_as_calendar"}
"""If somebody gives a password or the secret of a link, only a look into the database settles who asks."""
FORGER = TokenIssuer.from_text(ISSUER, AUDIENCE, new_key())
PLAN = b"staff_number,day,shift\nOP-07,2099-03-01,malam\n"


def tokens(kit: Kit, operation: Operation) -> Iterator[tuple[str, str | None]]:
    """What each is, and tokens with which the operation must be refused."""
    agency = f"{HOME}/damkar"
    yield "no token", None
    yield "nonsense", "nonsense"
    yield "forged", FORGER.issue("tester", list(Role), ["*"], agency)
    if operation.roles:
        others = set(Role) - operation.roles
        yield "another role", kit.token(*others, agency=agency)
    if names_a_regency(operation):
        yield "another regency", kit.token(*Role, agency=agency, regencies=[FOREIGN])


async def sent(kit: Kit, operation: Operation, token: str | None) -> httpx.Response:
    headers = {"Idempotency-Key": uuid4().hex} | headers_of(operation)
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    body: dict[str, Any] = {}
    if operation.body is not None:
        body["json"] = at_home(operation)
    elif "text/csv" in headers.values():
        body["content"] = PLAN
    named = {"regency": HOME} if names_a_regency(operation) == "query" else {}
    ids = {name: str(uuid4()) for name, _, _ in operation.parameters("path") if name != "code"}
    path = path_of(operation, ids)
    return await kit.client.request(operation.method, path + query_of(operation, **named), headers=headers, **body)


@pytest.mark.parametrize("service", services(), ids=lambda service: service.name)
async def test_who_is_not_let_in_costs_no_connection(service: AnyService, tmp_path: Path) -> None:
    ours = [o for o in operations() if o.service == service.name and o.roles is not None]
    assert ours
    async with started(service, f"sqlite+aiosqlite:///{tmp_path / 'test.sqlite3'}", tmp_path) as kit:
        for operation in ours:
            for what, token in tokens(kit, operation):
                with blocks(kit.runtime.database) as opened:
                    answer = await sent(kit, operation, token)
                expected = 403 if what.startswith("another") else 401
                assert (answer.status_code, opened) == (expected, []), f"{operation}, {what}: {answer.text}"


@pytest.mark.parametrize("service", services(), ids=lambda service: service.name)
async def test_what_is_guarded_otherwise_costs_no_connection_either(service: AnyService, tmp_path: Path) -> None:
    """Keys and demonstration tokens come from memory; what is not signed is refused without a look."""
    ours = [o for o in operations() if o.service == service.name and o.roles is None and o.id not in LOOKED_FOR]
    tickets = [o for o in operations() if o.service == service.name and o.path.endswith("/stream")]
    async with started(service, f"sqlite+aiosqlite:///{tmp_path / 'test.sqlite3'}", tmp_path) as kit:
        with blocks(kit.runtime.database) as opened:
            for operation in ours:
                assert (await sent(kit, operation, None)).status_code < 500
            for operation in tickets:
                made_up = f"4102444800.{uuid4().hex}.{uuid4().hex}"
                answer = await kit.client.get(operation.path, params={"ticket": made_up})
                assert answer.status_code == 401
        assert opened == []


@pytest.mark.parametrize("service", services(), ids=lambda service: service.name)
async def test_who_is_let_in_does_open_one(service: AnyService, tmp_path: Path) -> None:
    """What counts above would count."""
    reads = [o for o in operations() if o.service == service.name and o.path.startswith("/v1/ops/") and not o.writes]
    async with started(service, f"sqlite+aiosqlite:///{tmp_path / 'test.sqlite3'}", tmp_path) as kit:
        for operation in reads:
            with blocks(kit.runtime.database) as opened:
                await sent(kit, operation, kit.token(Role.admin))
            assert opened == ["read"], operation
