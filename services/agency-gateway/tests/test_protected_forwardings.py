"""Forwardings of protected incidents: their agency and supervisors see them, nobody else."""

from typing import Any

import pytest
from gateway_histories import DAMKAR, FIRST, INCIDENT, POLRES, REGENCY, Ask, forwarded, hear, withdrawn

from sigap_agency_gateway.visibility import POLICY
from sigap_common.contracts.agencies import ForwardingReceived
from sigap_common.contracts.incidents import Change, IncidentUpdated
from sigap_common.contracts.protection import ProtectionLifted
from sigap_common.personal_data import Sealed
from sigap_testing.kit import Kit

PATH = f"/v1/forwardings/{FIRST}"
WHO = {
    "operator": ("operator", None),
    "dispatcher": ("dispatcher", None),
    "supervisor": ("supervisor", None),
    "admin": ("admin", None),
    "its agency": ("agency", DAMKAR),
    "another agency": ("agency", POLRES),
}
NEED = {"supervisor", "its agency"}


async def who_sees(kit: Kit, ask: Ask) -> set[str]:
    """Who sees the forwarding: alone, in the list, on the stream. All of them agree."""
    found = set[str]()
    [received, *_] = await kit.said(ForwardingReceived)
    newest = (await kit.said())[-1].envelope.need
    for name, (role, agency) in WHO.items():
        alone = (await ask("GET", PATH, None, role, agency=agency)).status_code == 200
        listed = (await ask("GET", "/v1/forwardings", None, role, agency=agency)).json().get("items", [])
        token = kit.token(role, regencies=[REGENCY], agency=agency)
        access = await kit.runtime.verifier.verify(token)
        streamed = POLICY.seen_as(received, access, kit.clock(), newest)
        assert alone is bool(listed) is (streamed is not None), name
        found |= {name} if alone else set()
    return found


async def test_its_agency_and_supervisors_see_it(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded(protected=True))
    assert await who_sees(kit, ask) == NEED


async def test_what_is_not_protected_is_seen_by_all_who_work_on_it(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded())
    assert await who_sees(kit, ask) == NEED | {"operator", "dispatcher"}


@pytest.mark.parametrize("ending", [[], [withdrawn(2)]])
async def test_an_incident_that_becomes_protected_hides_it_until_that_is_lifted(
    kit: Kit, ask: Ask, ending: list[Any]
) -> None:
    await hear(kit, forwarded(), *ending)
    stamp: dict[str, Any] = {"at": kit.clock(), "recorded_at": kit.clock()}
    change = Change(field="protected", before="false", after="true")
    about: dict[str, Any] = {"subject": str(INCIDENT), "regency": REGENCY}
    await kit.hear(IncidentUpdated(**stamp, changes=(change,)), **about)
    assert (await ask("GET", PATH, None, "operator")).status_code == 404
    assert (await ask("GET", "/v1/forwardings", None, "operator")).json()["items"] == []
    assert (await ask("GET", PATH, None, "supervisor")).status_code == 200
    await kit.hear(ProtectionLifted(**stamp, reason=Sealed("keliru")), **about)
    assert (await ask("GET", PATH, None, "operator")).status_code == 200
