"""The rule of who sees a forwarding is written as SQL and as a function: both say the same of every token."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from uuid import UUID

import pytest
from gateway_histories import DAMKAR, POLRES, a_forwarding
from sqlalchemy import insert, select

from sigap_agency_gateway.main import service
from sigap_agency_gateway.models import forwardings
from sigap_agency_gateway.visibility import POLICY
from sigap_common.auth import Access, Role
from sigap_testing.kit import Kit, started

OF = {UUID(int=1): ("99.01", DAMKAR), UUID(int=2): ("99.01", POLRES), UUID(int=3): ("99.02", "99.02/damkar")}
ROLES = [(Role.agency,), (Role.operator,), (Role.supervisor, Role.agency), (Role.admin,), (Role.staff,)]
REGENCIES = [("99.01",), ("99.02",), ("*",), ()]


@pytest.fixture
async def kit(database_url: str, tmp_path: Path) -> AsyncIterator[Kit]:
    async with started(service, database_url, tmp_path) as kit:
        yield kit


async def test_list_and_single_forwarding_are_shown_to_the_same_tokens(kit: Kit) -> None:
    async with kit.runtime.database.write() as connection:
        for id_, (regency, agency) in OF.items():
            row = {"id": id_, "regency": regency, "agency": agency, "version": 1, "document": "{}"}
            await connection.execute(insert(forwardings).values(row | {"incident_id": id_, "state": "forwarded"}))
    one = a_forwarding()
    for roles, regencies, own in product(ROLES, REGENCIES, [None, DAMKAR, "99.02/damkar"]):
        access = Access("s", frozenset(roles), frozenset(regencies), own, datetime(2030, 1, 1, tzinfo=UTC))
        async with kit.runtime.database.read() as connection:
            shown = select(forwardings.c.id).where(POLICY.rows(access, forwardings))
            listed = set((await connection.execute(shown)).scalars())
        alone = {id_: one.but(regency=regency, agency=agency) for id_, (regency, agency) in OF.items()}
        assert listed == {id_ for id_, copy in alone.items() if POLICY.sees(access, copy)}, access
